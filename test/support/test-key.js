/** Encrypts the data source passwords of the test template: SECRET_KEY of every server under test. */
export const TEST_KEY = 'fe'.repeat(32);
