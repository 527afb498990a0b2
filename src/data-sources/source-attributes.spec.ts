import { describe, expect, it } from '@jest/globals';
import { sourceProblems, type WantedSource } from './source-attributes.js';

const good: WantedSource = {
  kind: 'pg_data_source',
  name: 'Warehouse',
  host: 'warehouse.example.org',
  port: 5432,
  dbName: 'sales',
};

describe('source attributes', () => {
  it.each([
    '127.0.0.1',
    'db',
    'db.example.org',
    '::1',
    'fe80::1%eth0',
    'a_b-c.d',
    'db.example.org.',
  ])('takes the host %s', (host) => {
    expect(sourceProblems({ ...good, host })).toEqual({});
  });

  it.each(['/var/run/postgresql', '.', '-x', 'a b', 'a,b', 'a\nb', 'db/..', 'user@db', '/tmp'])(
    'refuses the host %s',
    (host) => {
      expect(sourceProblems({ ...good, host })).toEqual({ host: { INVALID: { value: host } } });
    },
  );

  it.each([
    'jdbc:mysql://db/x?user=a&password=marker',
    'jdbc:mysql://a:marker@db/x',
    'jdbc:oracle:thin:scott/marker@db:1521:x',
    'db.example.org',
    'jdbc:a b',
  ])('refuses the URL %s without repeating it', (host) => {
    const problems = sourceProblems({ ...good, kind: 'jdbc_data_source', host });
    expect(problems).toEqual({ host: { INVALID: {} } });
  });

  it.each(['a:marker@db', 'postgres://a:marker@db/x', '//db/x?password=marker'])(
    'refuses the host %s without repeating it',
    (host) => {
      expect(sourceProblems({ ...good, host })).toEqual({ host: { INVALID: {} } });
    },
  );

  // Judged by its form, each would take minutes.
  it.each([
    ['pg_data_source', `${':'.repeat(300_000)}!`],
    ['pg_data_source', `a${':'.repeat(300_000)}\n`],
    ['jdbc_data_source', `jdbc://${':'.repeat(300_000)}`],
    ['jdbc_data_source', `jdbc:${'a:b/'.repeat(100_000)}`],
    ['hdfs_data_source', 'x'.repeat(257)],
  ] as const)('finds nothing but the length of one that is too long: %s', (kind, host) => {
    const problems = sourceProblems({ ...good, kind, host });
    expect(problems).toEqual({ host: { TOO_LONG: { count: 256 } } });
  });

  it('takes a URL', () => {
    const host = 'jdbc:mysql://db.example.org:3306/sales?useSSL=true';
    expect(sourceProblems({ kind: 'jdbc_data_source', name: 'x', host })).toEqual({});
    const thin = 'jdbc:oracle:thin:@//db.example.org:1521/sales';
    expect(sourceProblems({ kind: 'jdbc_data_source', name: 'x', host: thin })).toEqual({});
  });

  it('names everything that is missing at once', () => {
    expect(sourceProblems({ kind: 'gpdb_data_source', state: 'odd' })).toEqual({
      name: { BLANK: {} },
      host: { BLANK: {} },
      port: { NOT_A_NUMBER: { value: null } },
      db_name: { BLANK: {} },
      state: { INCLUSION: { value: 'odd' } },
    });
  });

  it('asks an incomplete one for its name alone', () => {
    expect(sourceProblems({ kind: 'gpdb_data_source', name: 'x', state: 'incomplete' })).toEqual(
      {},
    );
    expect(sourceProblems({ kind: 'gpdb_data_source', name: 'x' }, 'incomplete')).toEqual({});
  });

  it('takes the present state for no change', () => {
    expect(sourceProblems({ ...good, state: 'online' }, 'online')).toEqual({});
    expect(sourceProblems({ ...good, state: 'offline' }, 'online')).toEqual({
      state: { INCLUSION: { value: 'offline' } },
    });
  });
});
