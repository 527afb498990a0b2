/** The run is not this worker's to continue: somebody stopped it, or it was taken over. */
export class RunFenced extends Error {
  constructor() {
    super('the run was stopped or taken over');
    this.name = 'RunFenced';
  }
}

/** What it waited for is there again, and its worker has no room for it any more: whoever has goes on. */
export class RunGivenBack extends RunFenced {}

/** An operator's COMMIT was sent and its answer lost: only the data source can say what became of it, once the session is gone. */
export class OutcomeUnknown extends Error {
  constructor(options?: ErrorOptions) {
    super('the answer to a COMMIT was lost', options);
    this.name = 'OutcomeUnknown';
  }
}
