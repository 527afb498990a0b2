/** Closes a child when it is told to, and when the bench that started it is gone. */
export function endWithParent(close: () => Promise<void>): void {
  const end = () => void close().then(() => process.exit(0));
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  // Ctrl-C reaches the whole group; the parent's end is what counts.
  process.on('SIGINT', () => undefined);
}
