import { expect } from '@jest/globals';
import { type FlowOperator, flowXml, storeFlow, tableSource } from './flows.js';
import { GOLF_FLOW, runEnded, startRun } from './runs.js';
import type { Answer, TestClient } from './test-client.js';
import { query, type TestServer } from './test-server.js';

export type Link = readonly [string, string];
/** An output of the results document, or a part of one. */
export type Output = any;

export interface OperatorRun {
  /** The run when it has ended. */
  readonly run: Answer['response'];
  /** What the results document shows of an operator. */
  readonly output: (title: string) => Output;
  /** The results document. */
  readonly document: any;
}

/** Runs operators in the test server's data source and reads what came of them. */
export class OperatorRuns {
  constructor(
    private readonly server: TestServer,
    private readonly owner: TestClient,
  ) {}

  /** @returns the path of a run that has just begun */
  async start(operators: readonly FlowOperator[], links: readonly Link[]): Promise<string> {
    await storeFlow(this.server, GOLF_FLOW, flowXml({ operators, links }));
    return startRun(this.owner, GOLF_FLOW);
  }

  async run(operators: readonly FlowOperator[], links: readonly Link[]): Promise<OperatorRun> {
    const path = await this.start(operators, links);
    const run = await runEnded(this.owner, path);
    const results = await this.owner.get(`${path}/results`);
    expect(results.status).toBe(200);
    const output = (title: string): Output =>
      results.json.outputs.find((one: Output) => one.out_title === title);
    return { run, output, document: results.json };
  }

  /** A chain of operators behind a table of schema `demo`, which succeeds. */
  async chain(
    table: string,
    ...operators: readonly FlowOperator[]
  ): Promise<OperatorRun & { /** The last one's. */ readonly shown: Output }> {
    const all = [tableSource(table), ...operators];
    const links = operators.map((one, i): Link => [all[i]!.name, one.name]);
    const done = await this.run(all, links);
    expect(done.run).toMatchObject({ status: 'succeeded', error: null });
    return { ...done, shown: done.output(all.at(-1)!.name).visualData };
  }

  /** A stored table of schema `default`. */
  rows<Row extends object = Record<string, unknown>>(table: string, order = '1'): Promise<Row[]> {
    return query<Row>(this.server.dataUrl, `SELECT * FROM "default"."${table}" ORDER BY ${order}`);
  }
}

/** First column to second of a table of figures. */
export function figures(part: Output): Record<string, string> {
  return Object.fromEntries(
    part.items.map((item: object) => Object.values(item) as [string, string]),
  );
}

/** A part of a composite. */
export function part(shown: Output, title: string): Output {
  return shown.find((one: Output) => one.out_title === title).visualData;
}
