import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
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
    ['DATABASE_URL', 'http://user:marker-4711@host'],
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

  it('asks for a key beside an own database', () => {
    expect(() => loadConfig({ DATABASE_URL: 'postgres://x/y' })).toThrow('SECRET_KEY must be set');
  });
});
