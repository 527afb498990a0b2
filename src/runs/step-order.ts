/**
 * SQL text that orders the attempts at one operator so that the first is the one that counts: the one at work, else the
 * one that took effect, else the latest. An operator whose commit outlived its worker is done again for what it
 * delivers; when that is stopped, its output is there all the same (I9).
 * @param step name of run_steps in the statement
 */
export function decisiveFirst(step = 'run_steps'): string {
  return `${step}.status = 'running' DESC, ${step}.status = 'finished' DESC, ${step}.epoch DESC`;
}
