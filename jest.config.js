import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// ESM-only packages that CommonJS packages require(); Jest can do that itself only from Node 24.9.
const esmOnly = 'cookie|content-disposition';

const isInstalled = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

// Specs that need a server of another kind. Whoever has none leaves them out; CI would do so without a word.
const others = ['redis', 'nats'];
const missing = others.filter((kind) => !isInstalled(`${kind}-server`));
if (process.env.CI && missing.length > 0)
  throw new Error(`CI needs ${missing.map((kind) => `${kind}-server`).join(' and ')}`);

const kinds = ['e2e', 'process', ...others.filter((kind) => !missing.includes(kind))]
  .map((kind) => `${kind}-`)
  .join('|');

export default {
  testEnvironment: '<rootDir>/test/support/environment.js',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: `\\.(${kinds})?spec\\.ts$`,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': '@swc/jest',
    [`/node_modules/(${esmOnly})/.+\\.js$`]: [
      '@swc/jest',
      { swcrc: false, jsc: { target: 'es2023' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts', '!src/database/migrations/**'],
  // Of a test that hangs; two processors shared by all that CI does at once are slow at times.
  testTimeout: 90_000,
  // The same of a worker that is to end; one with something left open does not.
  workerGracefulExitTimeout: 10_000,
};
