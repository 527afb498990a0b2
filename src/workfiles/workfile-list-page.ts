/** Sort keys of `workfiles wf`, and the same backwards. */
export interface ListOrder {
  readonly keys: string;
  readonly reversed: string;
}

/**
 * SQL array of the ids of a page near the start: $2 rows after $3. The constant bound tells the planner that few rows are
 * wanted before it knows the values, so that it keeps to the index of the order, and one plan serves all pages. The outer
 * part reads the rows as they come: it takes the inner part's order.
 */
export function nearIds(matching: string, { keys }: ListOrder, bound: number): string {
  return `ARRAY(SELECT near.id FROM (SELECT wf.id ${matching} ORDER BY ${keys} LIMIT ${bound}) near LIMIT $2 OFFSET $3)`;
}

/**
 * For a WITH: how many there are, and where among them the page of $2 rows after $3 is: `size` of its rows there are,
 * `after` follow it. It is `late` when fewer follow than precede it; beyond the end it has no rows.
 * @param records SQL of the number
 */
export const WHOLE_AND_PLACE = (
  records: string,
) => `whole AS MATERIALIZED (SELECT (${records})::bigint AS records),
  place AS MATERIALIZED (
    SELECT records, least($2::bigint, greatest(0, records - $3)) AS size, greatest(0, records - $3 - $2) AS after,
      records - $3 - $2 < $3::bigint AS late
    FROM whole)`;

/**
 * SQL array of the ids of the page that `place` describes, read from the end that is nearer, in no order. The branch that
 * has nothing to read does not begin: its LIMIT is 0.
 */
export function placedIds(matching: string, { keys, reversed }: ListOrder): string {
  return `ARRAY(
    (SELECT wf.id ${matching} ORDER BY ${keys}
      LIMIT (SELECT CASE WHEN NOT late THEN size ELSE 0 END FROM place) OFFSET $3)
    UNION ALL
    (SELECT wf.id ${matching} ORDER BY ${reversed}
      LIMIT (SELECT CASE WHEN late THEN size ELSE 0 END FROM place) OFFSET (SELECT after FROM place)))`;
}
