import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { AppConfig } from './app-config.js';
import { loadConfig } from './load-config.js';

/** .env.example as an environment: every line, the empty ones left out. */
function documented(): Record<string, string> {
  const lines = readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

describe('loadConfig', () => {
  it('has the defaults that .env.example documents', () => {
    expect(loadConfig(documented())).toEqual(loadConfig({}));
  });

  it('reads every variable that .env.example lists, and no other', () => {
    const read = new Set<string>();
    const spy = new Proxy<Record<string, string>>(
      {},
      {
        get: (_target, name) => {
          read.add(String(name));
          return undefined;
        },
      },
    );
    loadConfig(spy);
    expect([...read].sort()).toEqual(Object.keys(documented()).sort());
  });

  it('loads demo data by default only with the embedded server', () => {
    const external = { DATABASE_URL: 'postgres://x/y', SECRET_KEY: 'ab'.repeat(32) };
    expect(loadConfig({}).demoData).toBe(true);
    expect(loadConfig(external).demoData).toBe(false);
    expect(loadConfig({ ...external, DEMO_DATA: 'yes' }).demoData).toBe(true);
  });

  it('names every bad variable in one message', () => {
    const bad = { PORT: '99999', DEMO_DATA: 'maybe', LOG_LEVEL: 'loud', SECRET_KEY: 'short' };
    expect(() => loadConfig(bad)).toThrow(/PORT(.|\n)*DEMO_DATA(.|\n)*SECRET_KEY(.|\n)*LOG_LEVEL/);
  });

  it('does not print a bad secret', () => {
    expect(() => loadConfig({ SECRET_KEY: 'marker-4711' })).toThrow(/^(?!(.|\n)*marker-4711)/);
  });

  it.each([
    ['QUEUE_URL', 'http://user:marker-4711@host'],
    ['QUEUE_URL', 'redis://user:marker-4711@host:port'],
    ['QUEUE_URL', 'redis://user:marker-4711%@host'],
    ['DATABASE_URL', 'http://user:marker-4711@host'],
    ['DATABASE_URL', 'postgres://user:marker-4711%ff@host/db'],
  ])('refuses a bad %s without printing its password', (name, url) => {
    expect(() => loadConfig({ [name]: url })).toThrow(new RegExp(`${name} must be`));
    expect(() => loadConfig({ [name]: url })).toThrow(/^(?!(.|\n)*marker-4711)/);
  });

  it('takes no messages unless it is told to', () => {
    expect(loadConfig({ MICROSERVICE_PORT: '1234' }).messages).toBeNull();
  });

  it.each([
    [{ MICROSERVICE_TRANSPORT: 'kafka' }, 'MICROSERVICE_TRANSPORT must be tcp, nats or redis'],
    [{ MICROSERVICE_TRANSPORT: 'tcp', MICROSERVICE_PORT: 'x' }, 'MICROSERVICE_PORT must be'],
    [{ MICROSERVICE_TRANSPORT: 'tcp', MICROSERVICE_URL: 'nats://h' }, 'MICROSERVICE_URL is for'],
    [{ MICROSERVICE_TRANSPORT: 'tcp', MICROSERVICE_TLS_CA: 'a' }, 'MICROSERVICE_TLS_CA needs'],
    [{ MICROSERVICE_TRANSPORT: 'tcp', MICROSERVICE_TLS_CERT: 'a' }, 'must be set together'],
    [{ MICROSERVICE_TRANSPORT: 'nats' }, 'MICROSERVICE_URL must be set'],
    [
      { MICROSERVICE_TRANSPORT: 'nats', MICROSERVICE_URL: 'redis://u:marker-4711@h' },
      'MICROSERVICE_URL must be a nats://',
    ],
    [
      { MICROSERVICE_TRANSPORT: 'redis', MICROSERVICE_URL: 'redis://u:marker-4711@h:port' },
      'MICROSERVICE_URL must be a redis://',
    ],
    [
      { MICROSERVICE_TRANSPORT: 'nats', MICROSERVICE_URL: 'nats://u:marker-4711%zz@h' },
      'MICROSERVICE_URL must be a nats://',
    ],
    [
      {
        MICROSERVICE_TRANSPORT: 'redis',
        MICROSERVICE_URL: 'redis://h',
        MICROSERVICE_TLS_CA: 'a',
      },
      'MICROSERVICE_TLS_* need an address with TLS',
    ],
  ])('refuses %j', (environment, problem) => {
    expect(() => loadConfig(environment)).toThrow(problem);
    expect(() => loadConfig(environment)).toThrow(/^(?!(.|\n)*marker-4711)/);
  });

  it('takes the address of a database at a socket', () => {
    const databaseUrl = 'postgres://u:p@/db?host=/run/postgresql';
    const settings = { DATABASE_URL: databaseUrl, SECRET_KEY: 'ab'.repeat(32) };
    expect(loadConfig(settings)).toMatchObject({ databaseUrl });
  });

  it('asks for a key beside an own database', () => {
    expect(() => loadConfig({ DATABASE_URL: 'postgres://x/y' })).toThrow('SECRET_KEY must be set');
  });

  it.each<[string, AppConfig['trustProxy']]>([
    ['true', true],
    ['No', false],
    ['0', false],
    ['1', 1],
    ['2', 2],
    ['10.1.2.3', ['10.1.2.3']],
    ['10.0.0.0/8,::1  loopback', ['10.0.0.0/8', '::1', 'loopback']],
    ['2001:db8::/32', ['2001:db8::/32']],
  ])('trusts proxies as TRUST_PROXY=%s says', (TRUST_PROXY, trusted) => {
    expect(loadConfig({ TRUST_PROXY }).trustProxy).toEqual(trusted);
  });

  it.each([
    ['maybe', '"maybe"'],
    ['-1', '"-1"'],
    ['1000', '"1000"'],
    ['10.0.0.1, proxy.example.org', '"proxy.example.org"'],
    ['10.0.0.256', '"10.0.0.256"'],
    ['10.0.0.0/33', '"10.0.0.0/33"'],
    ['10.0.0.0/0', '"10.0.0.0/0"'],
    ['::1/129', '"::1/129"'],
    ['10.0.0.0/8/8', '"10.0.0.0/8/8"'],
    ['10.0.0.1, true', '"true"'],
  ])('refuses TRUST_PROXY=%s, and says what is wrong with it', (TRUST_PROXY, wrong) => {
    expect(() => loadConfig({ TRUST_PROXY })).toThrow(
      /TRUST_PROXY must be true, false, the number/,
    );
    expect(() => loadConfig({ TRUST_PROXY })).toThrow(wrong);
  });
});
