import { Injectable } from '@nestjs/common';
import type { StopReceipt } from '../runs/stop-receipt.js';
import type { RunStep } from '../runs/run-step.entity.js';
import type { Run } from '../runs/run.entity.js';
import type { RunDto, RunListItemDto, RunStepDto } from './dto/run.dto.js';
import type { RunView } from './runs.service.js';

/** As the original's run history calls them (engine-api.md 2.1). */
const RUN_TYPE = { manual: 'Manual', api: 'API' } as const;

/** Times of runs keep their milliseconds: a stop is a matter of them. */
@Injectable()
export class RunSerializer {
  full({ run, steps, variables, queuePosition, stopRequests }: RunView): RunDto {
    return {
      ...this.common(run, queuePosition),
      error: run.error,
      variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
      steps: steps.map((step) => this.step(step)),
      stop_requests: stopRequests,
      entity_type: 'run',
      complete_json: true,
    };
  }

  /** As the history lists it: without its steps. */
  listItem(run: Run, queuePosition: number | null): RunListItemDto {
    return { ...this.common(run, queuePosition), error: run.error, entity_type: 'run' };
  }

  private common(run: Run, queuePosition: number | null) {
    return {
      id: run.id,
      workfile_id: run.workfileId,
      status: run.status,
      queue_position: queuePosition,
      requested_by: run.requestedBy,
      run_type: RUN_TYPE[run.origin],
      queued_at: run.queuedAt.toISOString(),
      started_at: run.startedAt?.toISOString() ?? null,
      ended_at: run.endedAt?.toISOString() ?? null,
      stopping:
        run.status === 'stopping'
          ? {
              requested_at: run.stopRequestedAt?.toISOString() ?? null,
              requested_by: run.stopRequestedBy,
              reason: run.stopReason,
              forced: run.stopForced,
              last_error: run.stopLastError,
              error_since: run.stopErrorSince?.toISOString() ?? null,
            }
          : null,
      stop_receipt: run.stopReceipt && this.receipt(run.stopReceipt),
    };
  }

  /** In the order in which it happened; jsonb does not keep one. */
  private receipt(receipt: StopReceipt): StopReceipt {
    const { operators } = receipt;
    return {
      requested_at: receipt.requested_at,
      requested_by: receipt.requested_by,
      reason: receipt.reason,
      first_kill_at: receipt.first_kill_at,
      confirmed_at: receipt.confirmed_at,
      latency_ms: receipt.latency_ms,
      method: receipt.method,
      outcome: receipt.outcome,
      sessions_ended: receipt.sessions_ended.map(({ data_source_id, backend_pid, ending }) => ({
        data_source_id,
        backend_pid,
        ending,
      })),
      operators: operators && {
        finished: operators.finished,
        rolled_back: operators.rolled_back,
        never_started: operators.never_started,
      },
      last_error: receipt.last_error,
    };
  }

  private step(step: RunStep): RunStepDto {
    const { outputSchema, outputTable, outputKind, errorMessage, errorSqlstate } = step;
    return {
      name: step.operatorName,
      type: step.operatorType,
      status: step.status,
      started_at: step.startedAt.toISOString(),
      ended_at: step.endedAt?.toISOString() ?? null,
      row_count: step.rowCount === null ? null : Number(step.rowCount),
      output:
        outputTable === null
          ? null
          : { schema: outputSchema, table: outputTable, kind: outputKind },
      statements: step.statements,
      error: errorMessage === null ? null : { message: errorMessage, sqlstate: errorSqlstate },
    };
  }
}
