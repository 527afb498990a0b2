import { violation, type Violation } from '../violation.js';
import { isActive, isFinal, type Of, ofKind, type RunStory, type Story } from '../story.js';

// Written down once more, on purpose: what is checked is not asked what is right.
const MOVES = [
  'null queued',
  'queued running',
  'queued stopped',
  'running stopping',
  'running succeeded',
  'running failed',
  'stopping stopped',
  'stopping succeeded',
  'stopping failed',
];

/** I3: only legal moves, one final state, epochs that count up. I4: one active run of a workfile. */
export function stateModel(story: Story): Violation[] {
  return [...[...story.runs.values()].flatMap(movesOf), ...oneActive(story)];
}

function movesOf({ run, moves }: RunStory): Violation[] {
  const found: Violation[] = [];
  let last: Of<'move'> | null = null;
  for (const move of moves) {
    const before = last;
    last = move;
    if (before !== null && isFinal(before.to)) {
      found.push(violation('I3', `changed after its final state ${before.to}`, run, before, move));
      continue;
    }
    if ((before?.to ?? null) !== move.from)
      found.push(violation('I3', 'its moves do not join', run, ...pair(before, move)));
    if (move.from !== move.to && !MOVES.includes(`${move.from} ${move.to}`))
      found.push(violation('I3', `illegal move ${move.from} → ${move.to}`, run, move));
    if (before === null) continue;
    if (move.epoch < before.epoch)
      found.push(violation('I3', 'its epoch went back', run, before, move));
    found.push(...takenTooEarly(run, before, move));
  }
  return found;
}

/** Whoever takes a run from a worker waits for the end of its lease. */
function takenTooEarly(run: string, before: Of<'move'>, move: Of<'move'>): Violation[] {
  const taken = move.epoch > before.epoch && before.epoch > 0;
  if (!taken || move.leaseUntil === null || move.clock >= move.leaseUntil) return [];
  return [violation('I8', 'taken over before its lease was over: two workers', run, before, move)];
}

function oneActive(story: Story): Violation[] {
  const found: Violation[] = [];
  const active = new Map<number, Of<'move'>>();
  const moves = ofKind(story.events, 'move').sort((a, b) => a.seq - b.seq);
  for (const move of moves) {
    const other = active.get(move.workfile);
    if (!isActive(move.to)) {
      if (other?.run === move.run) active.delete(move.workfile);
      continue;
    }
    if (other !== undefined && other.run !== move.run)
      found.push(
        violation('I4', `workfile ${move.workfile} has two active runs`, move.run, other, move),
      );
    active.set(move.workfile, move);
  }
  return found;
}

function pair(before: Of<'move'> | null, move: Of<'move'>): Of<'move'>[] {
  return before === null ? [move] : [before, move];
}
