import { type ChildProcess, fork } from 'node:child_process';

/** A server in a process of its own, so that the load generator does not share its event loop. */
export class Child {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    readonly details: Readonly<Record<string, string>>,
  ) {}

  /** The module sends `{ url, … }` when it listens, and closes on SIGTERM. */
  static start(module: string, env: Readonly<Record<string, string>>): Promise<Child> {
    const child = fork(module, { env: { ...process.env, ...env } });
    return new Promise((resolve, reject) => {
      child.once('message', (message: Readonly<Record<string, string>>) => {
        resolve(new Child(child, message['url'] ?? '', message));
      });
      child.once('exit', (code) => {
        reject(new Error(`${module} ended with ${String(code)}`));
      });
    });
  }

  /** The SQL the child sends while the work is done. */
  async recorded(work: () => Promise<unknown>): Promise<unknown[]> {
    this.process.send('record');
    await work();
    const answer = new Promise<unknown[]>((resolve) => {
      this.process.once('message', ({ recorded }: { recorded: unknown[] }) => {
        resolve(recorded);
      });
    });
    this.process.send('stop recording');
    return answer;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.process.once('exit', () => {
        resolve();
      });
      this.process.kill('SIGTERM');
    });
  }
}
