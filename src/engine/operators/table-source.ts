import type { OperatorKind } from './operator.js';

/** Delivers a table or view that is there (operators.md 1.1). */
export const TABLE_SOURCE: OperatorKind = {
  title: 'Table Source',
  types: ['dbtable'],
  inputs: { min: 0, max: 0 },
  read(node) {
    const source = { schema: node.required('schemaName'), table: node.required('tableName') };
    return { source, compile: null };
  },
};
