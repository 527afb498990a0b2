/** The run is not this worker's to continue: somebody stopped it, or it was taken over. */
export class RunFenced extends Error {
  constructor() {
    super('the run was stopped or taken over');
    this.name = 'RunFenced';
  }
}
