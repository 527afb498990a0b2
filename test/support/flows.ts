import { query, type TestServer } from './test-server.js';

type Attributes = Readonly<Record<string, string>>;

export interface FlowOperator {
  readonly name: string;
  /** Last part of the class name. */
  readonly type: string;
  readonly parameters?: Attributes;
  /** XML of model elements. */
  readonly models?: string;
}

interface Flow {
  readonly operators: readonly FlowOperator[];
  /** Pairs of names. */
  readonly links?: readonly (readonly [string, string])[];
  readonly variables?: Attributes;
}

const PACKAGE = 'com.alpine.miner.gef.runoperator.field.';

/** An `.afm` file; the operator at index n has the uuid `u<n>`. */
export function flowXml({ operators, links = [], variables = {} }: Flow): string {
  const parameters = (values: Attributes = {}) =>
    Object.entries(values).map(([key, value]) => `<Parameter ${attributes({ key, value })}/>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?><Process Version="6.2.0.0">',
    ...operators.map(
      (operator, i) =>
        `<Operator ${attributes({ name: operator.name, type: PACKAGE + operator.type, uuid: `u${i}` })}>` +
        `${parameters(operator.parameters).join('')}${operator.models ?? ''}</Operator>`,
    ),
    ...links.map(([source, target]) => `<Link ${attributes({ source, target })}/>`),
    '<VariableModel>',
    ...Object.entries(variables).map(
      ([name, value]) =>
        `<Variable><Name>${escape(name)}</Name><Value>${escape(value)}</Value></Variable>`,
    ),
    '</VariableModel></Process>',
  ].join('');
}

export function tableSource(name: string, schemaName = 'demo'): FlowOperator {
  const parameters = { dbConnectionName: 'Owners', schemaName, tableName: name };
  return { name, type: 'DbTableOperator', parameters };
}

/** @param columns SQL expressions by the name of the new column */
export function variable(
  name: string,
  kept: string,
  columns: Readonly<Record<string, readonly [type: string, expression: string]>>,
  storage: Attributes = {},
): FlowOperator {
  const items = Object.entries(columns).map(
    ([columnName, [dataType, expression]]) =>
      `<DerivedFieldItem ${attributes({ columnName, dataType, expression })}/>`,
  );
  return {
    name,
    type: 'VariableOperator',
    parameters: { columnNames: kept, ...stored(name), ...storage },
    models: `<DerivedFieldsModel>${items.join('')}</DerivedFieldsModel>`,
  };
}

/** Any operator, with its output stored under its own name. @param models XML of its elements */
export function operator(
  name: string,
  type: string,
  parameters: Attributes = {},
  models = '',
): FlowOperator {
  return { name, type: `${type}Operator`, parameters: { ...stored(name), ...parameters }, models };
}

/** XML of one element. */
export function element(name: string, values: Attributes, ...children: string[]): string {
  return `<${name} ${attributes(values)}>${children.join('')}</${name}>`;
}

/** @param where script of the filter */
export function rowFilter(name: string, where: string, storage: Attributes = {}): FlowOperator {
  const model = attributes({ sqlType: 'sql', useAll: 'true', conditionValue: where });
  return {
    name,
    type: 'FilterOperator',
    parameters: { ...stored(name), ...storage },
    models: `<RowFilterConditionModel ${model}/>`,
  };
}

export async function storeFlow(
  server: TestServer,
  workfileId: number,
  afm: string,
): Promise<void> {
  await query(server.url, 'UPDATE workfile_flows SET afm = $2 WHERE workfile_id = $1', [
    workfileId,
    afm,
  ]);
}

function stored(name: string): Attributes {
  return { outputType: 'TABLE', outputSchema: 'default', outputTable: name };
}

function attributes(values: Attributes): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(' ');
}

function escape(text: string): string {
  return text.replace(/[&<>"\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
