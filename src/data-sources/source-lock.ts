import type { EntityManager } from 'typeorm';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { DataSource } from './data-source.entity.js';

/**
 * The data source as it is now, locked until the transaction ends: those who change it, its accounts or its owner take
 * turns. @throws RecordNotFound when it was deleted meanwhile
 */
export async function lockSource(tx: EntityManager, id: number): Promise<DataSource> {
  const source = await tx
    .getRepository(DataSource)
    .createQueryBuilder('ds')
    .setLock('for_no_key_update')
    .where('ds.id = :id AND ds.deleted_at IS NULL', { id })
    .getOne();
  if (source === null) throw new RecordNotFound();
  return source;
}
