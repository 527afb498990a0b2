import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian and its relatives put it; CHROMIUM names another one. */
const PLACES = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const ARTIFACTS = 'test-artifacts';

/** Null: there is none, and nobody said that there must be. @throws Error without one in CI */
export function chromiumPath(): string | null {
  const path = PLACES.find((one) => one !== '' && existsSync(one));
  if (path === undefined && process.env['CI'])
    throw new Error('No Chromium; on Debian: apt-get install --no-install-recommends chromium');
  return path ?? null;
}

/** A browser that reaches nothing but this machine. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
}

/** Path of a picture that CI keeps. */
export function artifact(name: string): string {
  mkdirSync(ARTIFACTS, { recursive: true });
  return join(ARTIFACTS, name);
}
