// ESM-only packages that CommonJS packages require(); Jest can do that itself only from Node 24.9.
const esmOnly = 'cookie|content-disposition';

// Specs that need a Redis.
const kinds = process.env.TEST_QUEUE === 'redis' ? 'e2e-|process-|redis-' : 'e2e-|process-';

export default {
  testEnvironment: 'node',
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
  testTimeout: 30_000,
};
