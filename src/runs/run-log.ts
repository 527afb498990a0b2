import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';

/** A line for the person who watches a run. */
export interface LogLine {
  /** Name of the operator it is about; null for the run as a whole. */
  readonly operator: string | null;
  /** `progress` of a long operator; `warning` about the data or the result. */
  readonly level: 'progress' | 'warning';
  readonly message: string;
}

const WRITE = {
  name: 'run-log-write',
  text: `SELECT record_run_event($1, 'log', $2)`,
};

/** Adds lines to what is told about a run. */
@Injectable()
export class RunLog {
  constructor(private readonly orm: OrmDataSource) {}

  async write(runId: string, line: LogLine): Promise<void> {
    await queryPrepared(this.orm, WRITE, [runId, JSON.stringify(line)]);
  }
}
