import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import {
  DATASET_VIEWS,
  type DatasetView,
  datasetViewOf,
  type DatasetViewRow,
} from './dataset-view.js';

/** Datasets as answers show them, a whole list in one statement. Who may see them was decided before. */
@Injectable()
export class DatasetViews {
  constructor(private readonly orm: OrmDataSource) {}

  /** In the order of the ids. */
  async list(ids: readonly number[], viewer: Viewer): Promise<readonly DatasetView[]> {
    if (ids.length === 0) return [];
    const values = [ids, viewer.id, viewer.isAdmin];
    return (await queryPrepared<DatasetViewRow>(this.orm, DATASET_VIEWS, values)).map(
      datasetViewOf,
    );
  }

  /** @throws RecordNotFound */
  async get(id: number, viewer: Viewer): Promise<DatasetView> {
    const [view] = await this.list([id], viewer);
    if (view === undefined) throw new RecordNotFound();
    return view;
  }
}
