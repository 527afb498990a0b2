import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { RowStream } from '../../data-sources/connectors/connector.js';

/**
 * Ends rows that nobody takes any more. The data source notices a cancel only when it can go on writing, so they are
 * read and thrown away until it does.
 * @param cancel of the statement that sends them; repeated every `repeatMs`
 * @returns how the stream ended: null when it had sent all
 */
export async function cutOff(
  { rows, ended }: RowStream,
  cancel: () => Promise<void>,
  repeatMs: number,
): Promise<unknown> {
  const cut = () => {
    cancel().catch(() => undefined);
  };
  const end = ended.then(
    () => null,
    (error: unknown) => error,
  );
  // It may have been its own end that ended the other side.
  const over = await Promise.race([end, turnOfTheLoop(undefined)]);
  if (over !== undefined) return over;
  rows.resume();
  cut();
  const repeating = setInterval(cut, repeatMs);
  return end.finally(() => {
    clearInterval(repeating);
  });
}
