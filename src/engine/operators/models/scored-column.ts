import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';

/** A column of a scored row. */
export interface ScoredColumn {
  readonly name: string;
  readonly value: Sql;
}

/** Each level's columns computed from those within, so that no long expression is written or computed twice. */
export function withLevels(inner: Sql, levels: readonly (readonly ScoredColumn[])[]): Sql {
  return levels.reduce(
    (rows, added) =>
      added.length === 0 ? rows : sql`(SELECT s.*, ${columnList(added)} FROM ${rows} AS s)`,
    inner,
  );
}

export function columnList(columns: readonly ScoredColumn[]): Sql {
  return joinSql(
    columns.map(({ name, value }) => sql`${value} AS ${ident(name)}`),
    ', ',
  );
}
