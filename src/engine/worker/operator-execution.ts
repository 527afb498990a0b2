import { sql } from '../../common/sql/sql.js';
import type { RunSession } from '../../data-sources/connectors/connector.js';
import type { LogLine } from '../../runs/run-log.js';
import type { PlannedOperator } from '../flow-plan.js';
import type { Inputs, Produced } from '../operators/operator.js';
import {
  type Answer,
  type CopyRequest,
  type ExportRequest,
  perform,
  type Request,
} from '../operators/procedure.js';

export const COMMIT = sql`COMMIT`;

/** What moves rows past an operator. */
export interface Streams {
  readonly copy: (request: CopyRequest) => Promise<Answer>;
  readonly export: (request: ExportRequest) => Promise<Answer>;
}

/** One operator in its open transaction. */
export class OperatorExecution {
  /** The SQL sent so far, as the data source saw it, without the look-ups in its catalogue. */
  readonly statements: string[] = [];

  constructor(
    private readonly operator: PlannedOperator,
    private readonly session: RunSession,
    private readonly tell: (line: LogLine) => Promise<void>,
    private readonly streams: Streams,
  ) {}

  /**
   * @param proceed called before each statement; what it throws ends the operator
   * @throws OperatorFailed, StatementFailed, ConnectionLost
   */
  perform(inputs: Inputs, proceed: () => void): Promise<Produced> {
    return perform(this.operator.run(inputs), (request) => {
      proceed();
      return this.answer(request);
    });
  }

  private async answer(request: Request): Promise<Answer | undefined> {
    if (request.ask === 'tell') {
      const { level, message } = request;
      await this.tell({ operator: this.operator.name, level, message });
      return undefined;
    }
    if (request.ask === 'copy') {
      this.statements.push(request.from.inlined, request.into.inlined);
      return this.streams.copy(request);
    }
    if (request.ask === 'export') {
      this.statements.push(request.from.inlined);
      return this.streams.export(request);
    }
    const { statement, logged, name } = request;
    if (logged) this.statements.push(statement.inlined);
    return this.session.execute(statement, name);
  }
}
