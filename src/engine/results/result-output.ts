import type { HeatMapReport, Report, TableReport } from '../operators/report.js';

/** One element of `outputs`, or of a composite (engine-api.md 3.2). */
export interface ResultOutput {
  readonly out_title: string;
  /** Epoch milliseconds with a fraction that makes it unique. */
  readonly out_id: number;
  readonly isGenerateReport: true;
  readonly node_meta_info?: readonly (readonly [string, string])[];
  readonly visualType: 0 | 6 | 20;
  readonly visualData: object;
}

const PREVIEW_ROWS = 25;

/**
 * @param nextId gives the element and each of its parts their ids
 * @param info labels and values about the node; null leaves them out
 */
export function outputOf(
  title: string,
  report: Report,
  nextId: () => number,
  info: readonly (readonly [string, string])[] | null,
): ResultOutput {
  return {
    out_title: title,
    out_id: nextId(),
    isGenerateReport: true,
    ...(info && { node_meta_info: info }),
    ...visual(report, nextId),
  };
}

function visual(
  report: Report,
  nextId: () => number,
): Pick<ResultOutput, 'visualType' | 'visualData'> {
  if (report.kind === 'table') return { visualType: 0, visualData: table(report) };
  if (report.kind === 'heat map') return { visualType: 20, visualData: heatMap(report) };
  const parts = report.parts.map((part) => outputOf(part.title, part.report, nextId, null));
  return { visualType: 6, visualData: parts };
}

function table({ columns, types, rows, table: name, rowCount }: TableReport): object {
  return {
    columns,
    columnTypes: types,
    items: rows.map((row) =>
      Object.fromEntries(columns.map((column, i) => [column, row[i] ?? ''])),
    ),
    ...(name !== null && { tableName: name }),
    errorMessages: rowCount === null ? [] : [shape(columns.length, rowCount)],
    fixedNumberOfColumns: 0,
  };
}

function shape(columns: number, rows: number): string {
  const count = (n: number, noun: string) =>
    `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
  return `Operation created output with ${count(columns, 'column')} and ${count(rows, 'row')}. Visualization of rows limited to ${PREVIEW_ROWS}.`;
}

function heatMap({ title, modelName, accuracy, labels, counts }: HeatMapReport): object {
  const row = (data: string[], i: number) => ({ data, sequence: i + 1 });
  const shares = counts.map((one) => {
    const total = one.reduce((sum, n) => sum + n, 0);
    return one.map((n) => (total === 0 ? 0 : n / total).toFixed(2));
  });
  return {
    analyticNodeMetaInfo: null,
    error: false,
    errorMessage: [],
    needGenerateReport: true,
    operatorInputs: [],
    title,
    visualizationType: 20,
    heatMapTable: {
      YValues: labels,
      accuracy,
      modelName,
      rowsValue: counts.map((one, i) => row(one.map(String), i)),
      rowsIntensity: shares.map(row),
    },
  };
}
