import type { Relation } from '../flow-plan.js';
import type { Model } from './models/model.js';

/** What an operator hands to those linked to it (operators.md 0.2). */
export type Delivery =
  | { readonly kind: 'data'; readonly relation: Relation }
  | { readonly kind: 'samples'; readonly samples: readonly Relation[] }
  | { readonly kind: 'model'; readonly model: Model }
  | { readonly kind: 'nothing' };

export type Delivers = Delivery['kind'];
