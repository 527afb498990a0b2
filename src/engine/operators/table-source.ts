import type { OperatorKind } from './operator.js';

/** Delivers a table or view that is there (operators.md 1.1). */
export const TABLE_SOURCE: OperatorKind = {
  title: 'Table Source',
  algorithm: 'Db Table',
  description: 'Reads a table or view of the data source.',
  types: ['dbtable'],
  inputs: {},
  delivers: 'data',
  placesItself: true,
  read(node) {
    const source = { schema: node.required('schemaName'), table: node.required('tableName') };
    return { does: 'read', source };
  },
};
