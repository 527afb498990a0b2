import { escapeAttribute } from './write-afm.js';

const VERSION = '6.2.0.0';
const TABLE_SOURCE = 'com.alpine.miner.gef.runoperator.datasource.DbTableOperator';
// Distances on the canvas.
const LEFT = 100;
const TOP = 80;
const ROW_HEIGHT = 120;

interface Table {
  readonly dataSourceName: string;
  readonly schemaName: string;
  readonly tableName: string;
}

/** A document that reads each table in an operator of its own, one below the other; without links (afm.md 2). */
export function newAfm(tables: readonly Table[]): string {
  const names = operatorNames(tables);
  const sources = [...new Set(tables.map(({ dataSourceName }) => dataSourceName))];
  const body = [
    ...(sources.length > 0
      ? [
          '<DataSources>',
          ...sources.map((name) =>
            element(
              'DataSource',
              { name, type: 'Database' },
              element('Parameter', { key: 'dbConnectionName', value: name }),
            ),
          ),
          '</DataSources>',
        ]
      : []),
    ...tables.map((table, i) => tableSource(table, names[i] ?? '', i)),
  ];
  const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return body.length === 0
    ? `${xml}<Process Version="${VERSION}"/>\n`
    : `${xml}<Process Version="${VERSION}">\n${body.join('\n')}\n</Process>\n`;
}

function tableSource(
  { dataSourceName, schemaName, tableName }: Table,
  name: string,
  i: number,
): string {
  const parameters = Object.entries({ dbConnectionName: dataSourceName, schemaName, tableName });
  return element(
    'Operator',
    {
      X: String(LEFT),
      Y: String(TOP + i * ROW_HEIGHT),
      name,
      type: TABLE_SOURCE,
      uuid: String(i + 1),
    },
    ...parameters.map(([key, value]) => element('Parameter', { key, value })),
  );
}

/** Names of operators are unique in a document. */
function operatorNames(tables: readonly Table[]): readonly string[] {
  const taken = new Set<string>();
  return tables.map(({ schemaName, tableName }) => {
    let name = taken.has(tableName) ? `${schemaName}.${tableName}` : tableName;
    for (let n = 1; taken.has(name); n += 1) name = `${schemaName}.${tableName} ${n}`;
    taken.add(name);
    return name;
  });
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: string[]
) {
  const list = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeAttribute(value)}"`,
  );
  const inner = children.length === 0 ? '/>' : `>${children.join('')}</${name}>`;
  return `<${name}${list.join('')}${inner}`;
}
