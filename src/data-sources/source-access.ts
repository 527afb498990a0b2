import type { Viewer } from '../access/viewer.js';
import { AccessDenied, DomainError, RecordNotFound } from '../common/errors/domain-error.js';
import type { DataSource } from './data-source.entity.js';
import type { SourceView, UsableAccount } from './source-view.js';

export type ForbiddenSource = Pick<DataSource, 'id' | 'kind' | 'shared' | 'ownerId' | 'name'>;

/** The forbidden form of a data source: clients ask their user for credentials then (chorus-api.md 3). */
export function forbiddenForm(source: ForbiddenSource): Readonly<Record<string, unknown>> {
  return {
    id: source.id,
    entity_type: source.kind,
    shared: source.shared,
    owner_id: source.ownerId,
    name: source.name,
  };
}

/** The stored credentials were refused by the data source: 403 with `record` (chorus-api.md 3). */
export class InvalidCredentials extends DomainError {
  constructor(source: ForbiddenSource) {
    super('denied', { model_data: forbiddenForm(source), record: 'INVALID_CREDENTIALS' });
  }
}

/** Any use of a disabled or incomplete data source: 403 `{}` (chorus-api.md 3). */
export class NotInUse extends DomainError {
  constructor() {
    super('denied', null, { message: 'the data source is disabled or incomplete' });
  }
}

/** Disabled or incomplete: nobody uses it, and only who manages it sees it. */
export function isOutOfUse({ state }: Pick<DataSource, 'state'>): boolean {
  return state === 'disabled' || state === 'incomplete';
}

export function canManage(viewer: Viewer, { ownerId }: Pick<DataSource, 'ownerId'>): boolean {
  return viewer.isAdmin || viewer.id === ownerId;
}

/** Rule *explore* (chorus-api.md 4.2). */
export function canExplore(viewer: Viewer, { source, account }: SourceView): boolean {
  return canManage(viewer, source) || source.shared || account !== null;
}

/** @throws RecordNotFound when it is hidden from the viewer */
export function assertVisible(viewer: Viewer, { source }: Pick<SourceView, 'source'>): void {
  if (isOutOfUse(source) && !canManage(viewer, source)) throw new RecordNotFound();
}

/**
 * To be asked again once the data source is locked: it may have another owner then.
 * @throws RecordNotFound when it is hidden; AccessDenied by rule *manage data source*
 */
export function assertManages(viewer: Viewer, view: Pick<SourceView, 'source'>): void {
  assertVisible(viewer, view);
  if (!canManage(viewer, view.source)) throw new AccessDenied(forbiddenForm(view.source));
}

/** @throws NotInUse; AccessDenied by rule *explore* */
export function assertExplores(viewer: Viewer, view: SourceView): void {
  if (isOutOfUse(view.source)) throw new NotInUse();
  if (!canExplore(viewer, view)) throw new AccessDenied(forbiddenForm(view.source));
}

/**
 * The account to look or work with.
 * @throws NotInUse; AccessDenied without an account; InvalidCredentials with one that was refused
 */
export function usableAccount({ source, account }: SourceView): UsableAccount {
  if (isOutOfUse(source)) throw new NotInUse();
  if (account === null) throw new AccessDenied(forbiddenForm(source));
  if (account.invalidCredentials) throw new InvalidCredentials(source);
  return account;
}
