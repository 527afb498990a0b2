import { DomainError, ValidationFailed } from '../common/errors/domain-error.js';

/** Not a workflow, or a run of it is already active: 422 `base.NOT_RUNNABLE{}` (chorus-api.md 9.8, 9.9). */
export class NotRunnable extends ValidationFailed {
  constructor() {
    super({ base: { NOT_RUNNABLE: {} } });
  }
}

/** Nothing is started in an archived workspace: 422 `workspace.ARCHIVED`. */
export class WorkspaceArchived extends ValidationFailed {
  constructor() {
    super({ workspace: { ARCHIVED: null } });
  }
}

/** The run could not be queued: 422 `{"errors":{"record":"RUN_FAILED"}}` (chorus-api.md 9.8). */
export class RunFailed extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid', { record: 'RUN_FAILED', message }, options);
  }
}

/** The stop could not be accepted, nothing was changed: 422 `{"errors":{"record":"STOP_FAILED"}}` (9.9). */
export class StopFailed extends DomainError {
  constructor(options?: ErrorOptions) {
    super('invalid', { record: 'STOP_FAILED' }, options);
  }
}
