/** An `.afm` file as it was read (afm.md 1–3), variables not yet filled in. Names as in the file. */
export interface AfmDocument {
  readonly dataSources: readonly AfmDataSource[];
  readonly operators: readonly AfmOperator[];
  readonly links: readonly AfmLink[];
  /** By name with its `@`; of a name that is defined twice, the last definition. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface AfmDataSource {
  readonly name: string;
  /** `Database` or `Hadoop`. */
  readonly type: string;
  /** JDBC address as the author's server knew it; never used to connect. */
  readonly url: string;
}

export interface AfmOperator {
  readonly name: string;
  /** Class name, e.g. `com.alpine.miner.gef.runoperator.field.FilterOperator`. */
  readonly type: string;
  readonly uuid: string;
  /** Place on the canvas; null when the file does not say. */
  readonly x: number | null;
  readonly y: number | null;
  readonly parameters: ReadonlyMap<string, string>;
  /** Structured parameters: every child element that is neither a parameter, a note nor a snapshot of an input. */
  readonly models: readonly AfmElement[];
}

export interface AfmElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly AfmElement[];
  /** Its own text, trimmed. */
  readonly text: string;
}

export interface AfmLink {
  readonly source: string;
  readonly target: string;
}
