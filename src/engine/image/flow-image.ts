import type { AfmDocument, AfmOperator } from '../afm/afm-document.js';
import { graphOf } from '../afm/flow-graph.js';
import { findOperator } from '../operators/operator-catalogue.js';

export type OperatorState = 'running' | 'finished' | 'rolled_back' | 'failed';

interface Box {
  readonly operator: AfmOperator;
  readonly x: number;
  readonly y: number;
}

const WIDTH = 148;
const HEIGHT = 52;
const MARGIN = 24;
/** The canvas of the original drew smaller boxes. */
const SCALE = 1.3;
const STEP_X = WIDTH + 60;
const STEP_Y = HEIGHT + 32;
const NAME_CHARACTERS = 20;
const FONT = `font-family="system-ui, -apple-system, 'Segoe UI', sans-serif"`;

/** Fill, border and word of each state; the word is there for those who cannot tell the colours. */
const LOOK: Readonly<Record<OperatorState | 'waiting', readonly [string, string, string]>> = {
  waiting: ['#f4f5f7', '#97a0af', ''],
  running: ['#deebff', '#0052cc', 'running'],
  finished: ['#e3fcef', '#00875a', 'finished'],
  rolled_back: ['#fff4e5', '#b26a00', 'rolled back'],
  failed: ['#ffebe6', '#bf2600', 'failed'],
};

/**
 * A flow as SVG that stands on its own: operators at their places, links as arrows, colours by state.
 * @param states by uuid of the operator; what has none is waiting
 */
export function flowImage(
  document: AfmDocument,
  title: string,
  states: ReadonlyMap<string, OperatorState>,
): string {
  const boxes = placed(document);
  const width = Math.max(...boxes.map(({ x }) => x + WIDTH), WIDTH) + MARGIN;
  const height = Math.max(...boxes.map(({ y }) => y + HEIGHT), HEIGHT) + MARGIN;
  const byName = new Map(boxes.map((box) => [box.operator.name, box]));
  const links = document.links.flatMap(({ source, target }) => {
    const [from, to] = [byName.get(source), byName.get(target)];
    return from && to ? [arrow(from, to)] : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5e6c84"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...links,
    ...boxes.map((box) => drawn(box, states.get(box.operator.uuid) ?? 'waiting')),
    '</svg>\n',
  ].join('\n');
}

/** Where the file puts them, moved into view; in columns by depth when it does not say for all. */
function placed(document: AfmDocument): Box[] {
  const { operators } = document;
  if (operators.every(({ x, y }) => x !== null && y !== null)) {
    const left = Math.min(...operators.map(({ x }) => x ?? 0));
    const top = Math.min(...operators.map(({ y }) => y ?? 0));
    return operators.map((operator) => ({
      operator,
      x: Math.round(((operator.x ?? 0) - left) * SCALE) + MARGIN,
      y: Math.round(((operator.y ?? 0) - top) * SCALE) + MARGIN,
    }));
  }
  const { inputs, order } = graphOf(document);
  const depths = new Map<number, number>();
  for (const index of order)
    depths.set(index, Math.max(-1, ...(inputs[index] ?? []).map((i) => depths.get(i) ?? 0)) + 1);
  const rows = new Map<number, number>();
  return operators.map((operator, i) => {
    const column = depths.get(i) ?? 0;
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    return { operator, x: MARGIN + column * STEP_X, y: MARGIN + row * STEP_Y };
  });
}

function arrow(from: Box, to: Box): string {
  const [x1, y1] = [from.x + WIDTH, from.y + HEIGHT / 2];
  const [x2, y2] = [to.x, to.y + HEIGHT / 2];
  const bend = Math.max(20, Math.abs(x2 - x1) / 2);
  return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" fill="none" stroke="#5e6c84" stroke-width="1.5" marker-end="url(#arrow)"/>`;
}

function drawn({ operator, x, y }: Box, state: OperatorState | 'waiting'): string {
  const [fill, border, word] = LOOK[state];
  const kind = findOperator(operator.type);
  const type = typeof kind === 'string' ? (operator.type.split('.').at(-1) ?? '') : kind.title;
  const below = [type, word].filter(Boolean).join(' · ');
  return [
    `<g><title>${escape([operator.name, below].join(': '))}</title>`,
    `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="8" fill="${fill}" stroke="${border}" stroke-width="1.5"/>`,
    `<text x="${x + WIDTH / 2}" y="${y + 22}" text-anchor="middle" font-size="13" font-weight="600" fill="#172b4d" ${FONT}>${escape(short(operator.name, NAME_CHARACTERS))}</text>`,
    `<text x="${x + WIDTH / 2}" y="${y + 39}" text-anchor="middle" font-size="10.5" fill="${border}" ${FONT}>${escape(short(below, NAME_CHARACTERS + 8))}</text></g>`,
  ].join('');
}

function short(text: string, length: number): string {
  const characters = [...text];
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}

function escape(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
