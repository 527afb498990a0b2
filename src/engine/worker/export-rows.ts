import type { ExportLedger } from '../../runs/export-ledger.js';
import type { ClaimedRun } from '../../runs/run-claims.js';
import { OperatorFailed } from '../flow-plan.js';
import type { Answer, ExportedFile, ExportRequest } from '../operators/procedure.js';
import { cutOff } from './cut-off.js';
import type { OwnedSession, RunSessions } from './run-sessions.js';

/** As files of workspaces lie (ADR 12): what is in memory at once. */
const PART_BYTES = 1_048_576;

/** Why, tells the end of the stream. */
const FAILED = { done: true, value: undefined } as const;

export interface ExportingStep extends ClaimedRun {
  readonly stepId: number;
  readonly operator: { readonly name: string; readonly position: number };
}

interface ExportParts {
  readonly exports: ExportLedger;
  readonly sessions: RunSessions;
  readonly exportLimitBytes: number;
  readonly repeatMs: number;
}

/**
 * Makes a file of the rows of a statement, part by part, in bounded memory. It becomes visible with the end of the step,
 * and goes with a step that does not finish.
 * @throws OperatorFailed for a file that is too large; StatementFailed, ConnectionLost, RunFenced; the session is at rest by then
 */
export async function exportRows(
  parts: ExportParts,
  step: ExportingStep,
  owned: OwnedSession,
  { from, fileName }: ExportRequest,
): Promise<Answer> {
  const { exports, sessions, repeatMs } = parts;
  await exports.begin(step, step.stepId, fileName);
  const stream = owned.session.copyOut(from);
  // Not by `for await`, which destroys what it leaves: whoever gives up has to read on until the data source does too.
  const chunks = stream.rows.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const next = () => chunks.next().catch(() => FAILED);
  try {
    const sizeBytes = await store(parts, step, next);
    await stream.ended;
    const rowCount = await stream.sent;
    await exports.seal(step, step.stepId, sizeBytes);
    const path = `/api/runs/${step.runId}/exports/${step.operator.position}`;
    const file: ExportedFile = { sizeBytes, path };
    return { rows: [{ ...file }], rowCount };
  } catch (error) {
    const rest = readOn(next);
    await cutOff(stream, () => sessions.cancel(owned), repeatMs);
    await rest;
    throw error;
  }
}

/** @returns bytes stored */
async function store(
  { exports, exportLimitBytes }: ExportParts,
  step: ExportingStep,
  next: () => Promise<IteratorResult<Buffer>>,
): Promise<number> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let position = 0;
  let sizeBytes = 0;
  const flush = async () => {
    await exports.add(step, step.stepId, position, Buffer.concat(waiting));
    position += 1;
    waiting = [];
    waitingBytes = 0;
  };
  for (let chunk = await next(); chunk.done !== true; chunk = await next()) {
    const bytes = chunk.value;
    sizeBytes += bytes.length;
    if (sizeBytes > exportLimitBytes)
      throw new OperatorFailed(
        step.operator.name,
        `the file would be larger than ${exportLimitBytes} bytes (EXPORT_LIMIT_BYTES)`,
      );
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (waitingBytes >= PART_BYTES) await flush();
  }
  if (waitingBytes > 0) await flush();
  return sizeBytes;
}

async function readOn(next: () => Promise<IteratorResult<Buffer>>): Promise<void> {
  while ((await next()).done !== true);
}
