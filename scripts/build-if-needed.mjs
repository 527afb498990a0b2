// Builds dist/ when it is missing or older than a source, so that `npm ci && npm run demo` is all a person types.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const newest = (path) => {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A file that is gone has left its time on the folder.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
};
// The last file that is written.
const LAST = 'dist/bundle/libraries.json';
const built = existsSync(LAST) ? statSync(LAST).mtimeMs : 0;
const inputs = [
  'src',
  'scripts/bundle.mjs',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  '.swcrc',
  'package-lock.json',
];
if (Math.max(...inputs.map(newest)) > built) {
  console.error('building …');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
