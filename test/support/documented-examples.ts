import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './test-client.js';

const FOLDER = 'src/openapi/examples';
// The demo world is older; what is newer happened during the test.
const RECENT = /^(20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{3,6})?Z$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Values that differ from one test to the next, and what stands for them. */
const FIXED: Readonly<Record<string, unknown>> = {
  address: '127.0.0.1',
  backend_pid: 4711,
  csrf_token: 'Bq0bnOSnPwPpnkrkJ2oLLyDhMEFaWTBYZKuRGYzLBNE=',
  latency_ms: 7.1,
  port: 5432,
  session_id: '0f3c9be1a7d2446a9a1be5c37d2f8e604b1c2d3e',
};

/** Answers as examples of the document, committed beside it; `npm run examples:update` writes them. */
export class DocumentedExamples {
  private readonly uuids = new Map<string, string>();

  /**
   * @param name `<operationId>.<status>`, or that of a refusal
   * @returns the answer and the committed example, to be compared; when examples are updated, twice the answer
   */
  compare(
    name: string,
    answer: Answer,
  ): { readonly answered: unknown; readonly committed: unknown } {
    const answered = this.normal(answer.json, '');
    const path = join(FOLDER, `${name}.json`);
    if (process.env['UPDATE_EXAMPLES']) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(path, `${JSON.stringify(answered, null, 2)}\n`);
    }
    const committed: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
    return { answered, committed };
  }

  private normal(value: unknown, key: string): unknown {
    if (value !== null && key in FIXED) return FIXED[key];
    if (typeof value === 'string') {
      const [, seconds, fraction] = RECENT.exec(value) ?? [];
      if (seconds !== undefined)
        return `2026-11-24T09:00:00${fraction === undefined ? '' : '.000'}Z`;
      return value.replace(UUID, (uuid) => this.uuid(uuid));
    }
    if (Array.isArray(value)) {
      const items = value.map((one) => this.normal(one, ''));
      // Sessions of a run have no order.
      return key === 'sessions_ended' ? items.sort(byText) : items;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, this.normal(inner, name)]),
    );
  }

  /** The same for the same one, in the order of appearance. */
  private uuid(uuid: string): string {
    const number = String(this.uuids.size + 1).padStart(12, '0');
    const known = this.uuids.get(uuid) ?? `79d071e0-93de-47bc-b0bc-${number}`;
    this.uuids.set(uuid, known);
    return known;
  }
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}
