/** What a training operator learned, in plain numbers; stored with the run. JSON. */
export type Model = ClassificationModel | LinearModel | ClusterModel;

/** Models that give each class a probability. */
export type ClassificationModel = LogisticModel | BayesModel | TreeModel;

export const CLASSIFIERS: readonly ClassificationModel['kind'][] = ['logistic', 'bayes', 'tree'];

export function isClassifier(model: Model): model is ClassificationModel {
  return CLASSIFIERS.some((kind) => kind === model.kind);
}

interface ModelBase {
  /** Name of the operator that made it. */
  readonly name: string;
}

/** A number per row that a linear combination is made of. */
export interface Feature {
  /** Shown: the column, or `<column>_<category>`. */
  readonly name: string;
  readonly column: string;
  /** Null for a numeric column; else the value for which the feature is 1. */
  readonly category: string | null;
}

/** Coefficients, the intercept first, for all rows or for those with one value of a column. */
export interface ModelPart {
  readonly when: { readonly column: string; readonly value: string } | null;
  readonly features: readonly Feature[];
  readonly coefficients: readonly number[];
}

export interface LogisticModel extends ModelBase {
  readonly kind: 'logistic';
  readonly dependent: string;
  /** The class whose probability is modelled, as text of the training column. */
  readonly good: string;
  readonly other: string;
  readonly parts: readonly ModelPart[];
}

export interface LinearModel extends ModelBase {
  readonly kind: 'linear';
  readonly dependent: string;
  readonly parts: readonly ModelPart[];
}

export interface BayesModel extends ModelBase {
  readonly kind: 'bayes';
  readonly dependent: string;
  readonly classes: readonly { readonly label: string; readonly prior: number }[];
  /** Normal distributions of a numeric column, by class. */
  readonly numeric: readonly {
    readonly column: string;
    readonly means: readonly number[];
    readonly variances: readonly number[];
  }[];
  /** Probabilities of a column's values, by class and value. */
  readonly categorical: readonly {
    readonly column: string;
    readonly values: readonly string[];
    readonly shares: readonly (readonly number[])[];
    /** Of a value that the training did not see, by class. */
    readonly others: readonly number[];
  }[];
}

export interface TreeModel extends ModelBase {
  readonly kind: 'tree';
  readonly dependent: string;
  /** Labels, as text of the training column. */
  readonly classes: readonly string[];
  readonly root: TreeNode;
}

export interface TreeNode {
  /** Rows of the training that came here, by class. */
  readonly counts: readonly number[];
  /** Null for a leaf. */
  readonly split: TreeSplit | null;
}

export type TreeSplit =
  | {
      readonly column: string;
      /** A number up to this one goes below, a greater one above. */
      readonly at: number;
      readonly below: TreeNode;
      readonly above: TreeNode;
    }
  | {
      readonly column: string;
      /** A value that is in none of them stays at the node. */
      readonly branches: readonly { readonly values: readonly string[]; readonly node: TreeNode }[];
    };

export interface ClusterModel extends ModelBase {
  readonly kind: 'kmeans';
  readonly columns: readonly string[];
  /** Squared distances count each column by its weight: 1, or one over its variance. */
  readonly weights: readonly number[];
  readonly centers: readonly (readonly number[])[];
}

/** How the columns that a model adds are marked (operators.md 2.4). */
export const ABBREVIATION: Readonly<Record<Model['kind'], string>> = {
  logistic: 'LOR',
  linear: 'LIR',
  bayes: 'NB',
  tree: 'DT',
  kmeans: 'KM',
};

/** How messages call them. */
export const MODEL_NAME: Readonly<Record<Model['kind'], string>> = {
  logistic: 'logistic',
  linear: 'linear',
  bayes: 'naive Bayes',
  tree: 'decision tree',
  kmeans: 'k-means',
};
