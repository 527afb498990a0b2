/** A database the flow may run in, and the account that opens its sessions. Ids of rows; no credentials. */
export interface RunLocation {
  readonly databaseId: number;
  readonly databaseName: string;
  readonly dataSourceId: number;
  readonly dataSourceName: string;
  readonly accountId: number;
}

/** A run-time override of one of the flow's variables (afm.md 6). */
export interface VariableOverride {
  /** With its `@`. */
  readonly name: string;
  readonly value: string;
}

/** What a run executes, frozen when it is asked for: later edits of the workfile do not reach a run under way. */
export interface RunSnapshot {
  readonly afm: string;
  /** Workfile name without `.afm`. */
  readonly flowName: string;
  readonly workfileId: number;
  readonly userId: number;
  readonly userName: string;
  readonly locations: readonly RunLocation[];
  readonly variables: readonly VariableOverride[];
}
