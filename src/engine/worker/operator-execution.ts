import { sql } from '../../common/sql/sql.js';
import type { RunSession } from '../../data-sources/connectors/connector.js';
import type { LogLine } from '../../runs/run-log.js';
import type { PlannedOperator } from '../flow-plan.js';
import type { Delivery } from '../operators/delivery.js';
import type { Inputs, Produced } from '../operators/operator.js';
import {
  type Answer,
  type CopyRequest,
  type ExportRequest,
  perform,
  type Request,
} from '../operators/procedure.js';

export const COMMIT = sql`COMMIT`;

/** What an operator needs beside its session. */
export interface Surroundings {
  /** Settles when the step is recorded; before that nothing is sent but a first look into the catalogue. */
  readonly recorded: Promise<unknown>;
  readonly tell: (line: LogLine) => Promise<void>;
  readonly deliver: (delivery: Delivery) => void;
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
    private readonly surroundings: Surroundings,
  ) {}

  /**
   * @param proceed called before each request; what it throws ends the operator
   * @throws OperatorFailed, StatementFailed, ConnectionLost; what `recorded` rejects with
   */
  perform(inputs: Inputs, proceed: () => void): Promise<Produced> {
    let isRecorded = false;
    return perform(this.operator.run(inputs), async (request) => {
      proceed();
      if (isRecorded) return this.answer(request);
      isRecorded = true;
      const looksOnly = request.ask === 'sql' && !request.logged;
      const looking = looksOnly ? this.answer(request) : Promise.resolve(undefined);
      // Whatever comes of it: the session must be at rest when this is left.
      await Promise.allSettled([looking, this.surroundings.recorded]);
      await this.surroundings.recorded;
      if (looksOnly) return looking;
      proceed();
      return this.answer(request);
    });
  }

  private async answer(request: Request): Promise<Answer | undefined> {
    const { tell, deliver, copy, export: exportRows } = this.surroundings;
    switch (request.ask) {
      case 'tell': {
        const { level, message } = request;
        await tell({ operator: this.operator.name, level, message });
        return undefined;
      }
      case 'deliver':
        deliver(request.delivery);
        return undefined;
      case 'copy':
        this.statements.push(request.from.inlined, request.into.inlined);
        return copy(request);
      case 'export':
        this.statements.push(request.from.inlined);
        return exportRows(request);
      case 'sql': {
        const { statement, logged, dropsRows, name } = request;
        if (logged) this.statements.push(statement.inlined);
        if (dropsRows === true)
          return { rows: [], rowCount: await this.session.executeOnly(statement) };
        return this.session.execute(statement, name);
      }
    }
  }
}
