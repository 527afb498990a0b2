/** A place that an uploaded workflow is to run in. */
export interface ChosenPlace {
  readonly databaseId: number;
  readonly databaseName: string;
  readonly dataSourceId: number;
  readonly dataSourceName: string;
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

  /** The document of a new workflow without operators. */
  abstract empty(): string;
}
