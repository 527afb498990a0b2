/** A place that an uploaded workflow is to run in. */
export interface ChosenPlace {
  readonly databaseId: number;
  readonly databaseName: string;
  readonly dataSourceId: number;
  readonly dataSourceName: string;
}

/** A table that a new workflow reads. */
export interface StartingTable {
  readonly dataSourceName: string;
  readonly schemaName: string;
  readonly tableName: string;
}

/** What the engine does for workfiles with `.afm` documents; a DI token, because the engine comes after workfiles. */
export abstract class FlowDocuments {
  /**
   * Checks an uploaded document and makes it this server's: its data sources become the chosen places, its passwords
   * are left out (afm.md 5).
   * @param name of the workflow
   * @throws ValidationFailed with every problem of the document
   */
  abstract imported(contents: Buffer, name: string, places: readonly ChosenPlace[]): string;

  /** The document of a new workflow: one operator for each table it is to read, or none. */
  abstract startingFrom(tables: readonly StartingTable[]): string;
}
