import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PRIVATE = 0o600;

/** The folder of the embedded default: cluster, address file, key. */
export class DataDir {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
    // Root's server runs as another user, who must be able to pass through.
    mkdirSync(this.path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  }

  get cluster(): string {
    return join(this.path, 'postgres');
  }

  /** Lets a person point psql at the server while it runs: `psql "$(cat .data/database-url)"`. */
  publishUrl(url: string): void {
    const aside = `${this.urlFile}.${process.pid}`;
    writeFileSync(aside, `${url}\n`, { mode: PRIVATE });
    renameSync(aside, this.urlFile);
  }

  /** Of the server that was not stopped in order, or is there: others may still look for it at this port. */
  get publishedPort(): number | null {
    try {
      const port = Number(new URL(readFileSync(this.urlFile, 'utf8').trim()).port);
      return port > 0 ? port : null;
    } catch {
      return null;
    }
  }

  withdrawUrl(): void {
    rmSync(this.urlFile, { force: true });
  }

  /** The key of stored data source passwords: made once, whole or not at all, also by two first starts at once. */
  secretKey(): string {
    const file = this.keyFile;
    const aside = `${file}.${process.pid}`;
    try {
      writeFileSync(aside, randomBytes(32).toString('hex'), { mode: PRIVATE });
      linkSync(aside, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(aside, { force: true });
    }
    return readFileSync(file, 'utf8').trim();
  }

  /** For whoever has encrypted everything anew. */
  replaceSecretKey(key: string): void {
    const aside = `${this.keyFile}.${process.pid}`;
    writeFileSync(aside, key, { mode: PRIVATE });
    renameSync(aside, this.keyFile);
  }

  private get keyFile(): string {
    return join(this.path, 'secret-key');
  }

  private get urlFile(): string {
    return join(this.path, 'database-url');
  }
}
