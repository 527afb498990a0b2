import { type StopOptions, StopWish } from './stop-workflow.command.js';

/** Stop these runs, side by side. Who may do so is decided before the command is sent. */
export class StopRuns extends StopWish {
  constructor(
    readonly runIds: readonly string[],
    requestedBy: number | null,
    options: StopOptions = {},
  ) {
    super(requestedBy, options);
  }
}
