import { StartupError } from '../common/errors/startup-error.js';
import { isAddress } from './addresses.js';
import { type AppConfig, DEFAULT_DEMO_PASSWORD } from './app-config.js';
import { messagesConfigOf } from './messages-config.js';
import { trustedProxiesOf } from './trusted-proxies.js';

type Environment = Readonly<Record<string, string | undefined>>;

const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Reads the environment into an `AppConfig`. The only place that looks at environment variables.
 * @throws Error listing every bad variable, one a line
 */
export function loadConfig(env: Environment): AppConfig {
  const problems: string[] = [];
  const text = (name: string): string | null => env[name]?.trim() || null;
  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name);
    if (value === null) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    problems.push(`${name} must be a whole number from ${min} to ${max}, not "${value}"`);
    return fallback;
  };
  const boolean = (name: string, fallback: boolean): boolean => {
    const value = text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (TRUE.includes(value)) return true;
    if (!FALSE.includes(value)) problems.push(`${name} must be true or false, not "${value}"`);
    return false;
  };
  const matching = (name: string, pattern: RegExp, form: string): string | null => {
    const value = text(name);
    if (value === null || pattern.test(value)) return value;
    problems.push(`${name} must be ${form}`);
    return null;
  };

  const databaseUrl = matching('DATABASE_URL', /^postgres(ql)?:\/\//, 'a postgres:// address');
  const queueUrl = matching('QUEUE_URL', /^rediss?:\/\//, 'a redis:// or rediss:// address');
  // That of a socket has no host.
  const database = databaseUrl?.replace('@/', '@socket/') ?? null;
  for (const [name, url] of Object.entries({ DATABASE_URL: database, QUEUE_URL: queueUrl }))
    if (url !== null && !isAddress(url))
      problems.push(`${name} must be an address; write special characters of its password as %XX`);
  const config: AppConfig = {
    port: integer('PORT', 8080, 0, 65_535),
    host: text('HOST') ?? '127.0.0.1',
    databaseUrl,
    queueUrl,
    dataDir: text('DATA_DIR') ?? './.data',
    demoData: boolean('DEMO_DATA', databaseUrl === null),
    demoPassword: text('DEMO_PASSWORD') ?? DEFAULT_DEMO_PASSWORD,
    secretKey: matching('SECRET_KEY', /^[0-9a-f]{64}$/i, '64 hexadecimal digits'),
    sessionTimeoutMinutes: integer('SESSION_TIMEOUT_MINUTES', 480, 1, 525_600),
    loginAttempts: integer('LOGIN_ATTEMPTS', 10, 1, 1000),
    reportedVersion:
      matching('REPORTED_VERSION', /^[\w.+-]{1,100}$/, 'a version without white space') ??
      '6.3.0.0.1-fermata',
    allowedOrigins: (text('ALLOWED_ORIGINS') ?? '').split(/[\s,]+/).filter(Boolean),
    cookieSecure: boolean('COOKIE_SECURE', false),
    trustProxy: trustedProxiesOf({ problems, text }),
    bodyLimitBytes: integer('BODY_LIMIT_BYTES', 1_048_576, 1024, 1_073_741_824),
    bodyTimeoutSeconds: integer('BODY_TIMEOUT_SECONDS', 60, 1, 3600),
    uploadLimitBytes: integer('UPLOAD_LIMIT_BYTES', 20_971_520, 1024, 1_073_741_824),
    workfileLimitBytes: integer('WORKFILE_LIMIT_BYTES', 104_857_600, 1024, 1_073_741_824),
    exportLimitBytes: integer('EXPORT_LIMIT_BYTES', 104_857_600, 1024, 1_099_511_627_776),
    downloadPrefix:
      matching(
        'DOWNLOAD_PREFIX',
        /^[\w .()-]{1,20}$/,
        'at most 20 letters, digits, blanks or any of _ . ( ) -',
      ) ?? '',
    databasePoolSize: integer('DATABASE_POOL_SIZE', 10, 3, 200),
    databaseTimeoutMs: integer('DATABASE_TIMEOUT_MS', 10_000, 100, 600_000),
    workerConcurrency: integer('WORKER_CONCURRENCY', 4, 0, 200),
    runsPerWorkspace: integer('RUNS_PER_WORKSPACE', 0, 0, 10_000),
    runsPerDataSource: integer('RUNS_PER_DATA_SOURCE', 0, 0, 10_000),
    runTimeoutSeconds: integer('RUN_TIMEOUT', 0, 0, 31_536_000),
    runResumeLimit: integer('RUN_RESUME_LIMIT', 3, 0, 1000),
    shutdownGraceMs: integer('SHUTDOWN_GRACE_MS', 10_000, 0, 3_600_000),
    operatorConcurrency: integer('OPERATOR_CONCURRENCY', 4, 1, 64),
    stopReplyTimeoutMs: integer('STOP_REPLY_TIMEOUT_MS', 2000, 0, 60_000),
    stopTerminateAfterMs: integer('STOP_TERMINATE_AFTER_MS', 2000, 0, 3_600_000),
    stopRepeatMs: integer('STOP_REPEAT_MS', 250, 10, 60_000),
    leaseSeconds: integer('LEASE_SECONDS', 10, 1, 3600),
    statementTimeoutMs: integer('STATEMENT_TIMEOUT_MS', 86_400_000, 0, 2_147_483_647),
    tempFileLimit:
      matching('TEMP_FILE_LIMIT', /^(-1|\d+(kB|MB|GB|TB))$/, '-1 or a size such as 20GB') ?? '20GB',
    connectTimeoutMs: integer('CONNECT_TIMEOUT_MS', 10_000, 100, 600_000),
    restrictDataSourceCreation: boolean('RESTRICT_DATA_SOURCE_CREATION', false),
    dataSourceCheckMinutes: integer('DATA_SOURCE_CHECK_MINUTES', 5, 0, 10_080),
    catalogueMaxAgeSeconds: integer('CATALOGUE_MAX_AGE_SECONDS', 10, 0, 86_400),
    catalogueTimeoutMs: integer('CATALOGUE_TIMEOUT_MS', 15_000, 100, 600_000),
    sqlTimeoutSeconds: integer('SQL_TIMEOUT_SECONDS', 600, 1, 86_400),
    sqlRowLimit: integer('SQL_ROW_LIMIT', 500, 1, 10_000),
    sqlPerUser: integer('SQL_PER_USER', 8, 1, 1000),
    sqlHistoryDays: integer('SQL_HISTORY_DAYS', 30, 1, 3650),
    messages: messagesConfigOf({ problems, text, integer }),
    logLevel: text('LOG_LEVEL') ?? 'info',
  };

  if (!LOG_LEVELS.includes(config.logLevel))
    problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  if (databaseUrl !== null && config.secretKey === null)
    problems.push('SECRET_KEY must be set when DATABASE_URL is (make one: openssl rand -hex 32)');
  if (problems.length > 0)
    throw new StartupError(`Bad configuration:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  return config;
}
