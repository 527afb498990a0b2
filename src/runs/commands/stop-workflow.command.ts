/** Stop the workfile's active run, whoever started it. Who may do so is decided before the command is sent. */
export class StopWorkflow {
  constructor(
    readonly workfileId: number,
    readonly requestedBy: number,
    readonly reason: string | null = null,
    readonly requestId: string | null = null,
  ) {}
}
