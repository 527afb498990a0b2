const PACKAGE = 'com.alpine.miner.gef.runoperator';

/** A source and filters behind each other, each with its own table. */
export function chainFlow(operators: number): string {
  const filters = Array.from({ length: operators - 1 }, (_, i) => filter(`f${i}`, 'true'));
  const names = ['golfnew', ...filters.map((_, i) => `f${i}`)];
  return flow([source('golfnew'), ...filters], names);
}

/** Filter → join → aggregation. */
export function bigFlow(): string {
  const join =
    `<Operator name="joined" type="${PACKAGE}.datasource.TableJoinOperator" uuid="joined">${stored('joined')}` +
    '<TableJoinDefinition><JoinTableModel alias="b" operID="kept"/><JoinTableModel alias="c" operID="customers"/>' +
    '<JoinColumnModel tableAlias="b" columnName="id" newColumnName="id"/>' +
    '<JoinColumnModel tableAlias="b" columnName="amount" newColumnName="amount"/>' +
    '<JoinColumnModel tableAlias="c" columnName="region" newColumnName="region"/>' +
    '<JoinConditionModel joinType="JOIN" tableAlias1="b" tableAlias2="c" column1="&quot;b&quot;.&quot;customer&quot;" condition="=" column2="&quot;c&quot;.&quot;customer&quot;" andOr=""/>' +
    '</TableJoinDefinition></Operator>';
  const summed =
    `<Operator name="summed" type="${PACKAGE}.Aggregation" uuid="summed">${stored('summed')}` +
    '<Parameter key="groupByColumns" value="region"/>' +
    '<AggregateFieldItem columnName="amount" function="sum" alias="total"/></Operator>';
  const kept = filter('kept', '&quot;amount&quot; &gt; 2000');
  const operators = [source('big'), source('customers'), kept, join, summed];
  return flow(operators, ['big', 'kept', 'joined', 'summed'], [['customers', 'joined']]);
}

function source(table: string): string {
  return (
    `<Operator name="${table}" type="${PACKAGE}.datasource.DbTableOperator" uuid="${table}">` +
    '<Parameter key="dbConnectionName" value="Owners"/><Parameter key="schemaName" value="demo"/>' +
    `<Parameter key="tableName" value="${table}"/></Operator>`
  );
}

function filter(name: string, where: string): string {
  return (
    `<Operator name="${name}" type="${PACKAGE}.field.FilterOperator" uuid="${name}">${stored(name)}` +
    `<RowFilterConditionModel sqlType="sql" conditionValue="${where}"/></Operator>`
  );
}

function stored(name: string): string {
  return `<Parameter key="outputSchema" value="default"/><Parameter key="outputTable" value="bench_${name}"/>`;
}

function flow(
  operators: readonly string[],
  chain: readonly string[],
  more: readonly (readonly [string, string])[] = [],
): string {
  const links = [...chain.slice(1).map((to, i) => [chain[i], to]), ...more];
  return (
    `<?xml version="1.0"?><Process Version="6.2.0.0">${operators.join('')}` +
    `${links.map(([from, to]) => `<Link source="${from}" target="${to}"/>`).join('')}</Process>`
  );
}
