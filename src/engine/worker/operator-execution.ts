import { sql, type Sql, trustedSql } from '../../common/sql/sql.js';
import type { RunSession } from '../../data-sources/connectors/connector.js';
import {
  OperatorFailed,
  type OutputTarget,
  type PlannedOperator,
  type Relation,
} from '../flow-plan.js';
import { dependentViews, describeRelation, relationFrom } from '../relation-sql.js';
import { type ExistingView, storeStatements } from '../store-output.js';

export interface OperatorResult {
  /** What later operators read; null when it delivers no data set. */
  readonly relation: Relation | null;
  readonly rowCount: number | null;
}

/** One operator in its open transaction: finds its inputs, replaces its output. */
export class OperatorExecution {
  /** The SQL sent so far, as the data source saw it, without the look-ups in its catalogue. */
  readonly statements: string[] = [];

  constructor(
    private readonly operator: PlannedOperator,
    private readonly session: RunSession,
  ) {}

  /** @throws OperatorFailed, StatementFailed, ConnectionLost */
  async perform(inputs: readonly Relation[]): Promise<OperatorResult> {
    const { source, output } = this.operator;
    if (source !== null)
      return { relation: await this.existing(source.schema, source.table), rowCount: null };
    if (output === null) return { relation: null, rowCount: null };

    const select = this.operator.compile(inputs);
    const old = await this.describe(output.schema, output.table);
    const views = old === null ? [] : await this.dependents(output);
    let rowCount: number | null = null;
    for (const statement of storeStatements(this.operator, select, old?.kind ?? null, views))
      rowCount = await this.send(statement);
    return {
      relation: await this.existing(output.schema, output.table),
      rowCount: output.kind === 'TABLE' ? rowCount : null,
    };
  }

  private async send(statement: Sql): Promise<number | null> {
    const text = statement.inlined;
    this.statements.push(text);
    // CREATE … AS takes no parameters in PostgreSQL.
    const { rowCount } = await this.session.execute(trustedSql(text));
    return rowCount;
  }

  private async dependents({ schema, table }: OutputTarget): Promise<readonly ExistingView[]> {
    const { rows } = await this.session.execute(dependentViews(schema, table));
    return rows as unknown as ExistingView[];
  }

  private async describe(schema: string, table: string): Promise<Relation | null> {
    const { rows } = await this.session.execute(describeRelation(schema, table));
    return relationFrom(rows, schema, table);
  }

  private async existing(schema: string, table: string): Promise<Relation> {
    const relation = await this.describe(schema, table);
    if (relation === null)
      throw new OperatorFailed(
        this.operator.name,
        `table "${schema}"."${table}" does not exist in the data source, or may not be read`,
      );
    return relation;
  }
}

export const BEGIN = sql`BEGIN`;
export const COMMIT = sql`COMMIT`;
