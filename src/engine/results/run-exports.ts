import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../../common/sql/prepared.js';
import { decisiveFirst } from '../../runs/step-order.js';

export interface ExportedFile {
  readonly stepId: string;
  /** Of the operator in its flow. */
  readonly position: number;
  readonly operatorName: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

const LIST = {
  name: 'run-exports',
  text: `SELECT step.id::text AS "stepId", step.position, step.operator_name AS "operatorName",
      file.file_name AS "fileName", file.size_bytes::float8 AS "sizeBytes"
    FROM (SELECT DISTINCT ON (position) * FROM run_steps WHERE run_id = $1 ORDER BY position, ${decisiveFirst()}) step
    JOIN run_exports file ON file.step_id = step.id
    WHERE step.status = 'finished' AND file.size_bytes IS NOT NULL ORDER BY step.position`,
};
const PART = {
  name: 'run-export-part',
  text: 'SELECT contents FROM run_export_parts WHERE step_id = $1 AND position = $2',
};

/** The files that operators of a run have made. */
@Injectable()
export class RunExports {
  constructor(private readonly orm: OrmDataSource) {}

  /** Those of operators that are finished, in the order of the flow. */
  list(runId: string): Promise<readonly ExportedFile[]> {
    return queryPrepared<ExportedFile & Record<string, unknown>>(this.orm, LIST, [runId]);
  }

  /** A part at a time and without holding a connection in between; fails when the file is removed meanwhile. */
  async *read({ stepId, sizeBytes }: ExportedFile): AsyncGenerator<Buffer> {
    for (let sent = 0, position = 0; sent < sizeBytes; position += 1) {
      const [part] = await queryPrepared<{ contents: Buffer }>(this.orm, PART, [stepId, position]);
      if (part === undefined) throw new Error('the file was removed while it was read');
      sent += part.contents.length;
      yield part.contents;
    }
  }
}
