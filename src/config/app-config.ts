import type { MessagesConfig } from './messages-config.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** What the documentation names, and so everybody knows. */
export const DEFAULT_DEMO_PASSWORD = 'secret';

/** Everything a process can be told from outside, read once at start (`load-config.ts`); documented in .env.example. */
export interface AppConfig {
  /** TCP port of the HTTP server; 0 picks a free one. */
  readonly port: number;
  /** Address the HTTP server listens on. */
  readonly host: string;
  /** Metadata PostgreSQL (14 or newer). Null: an embedded server under `dataDir` is started. */
  readonly databaseUrl: string | null;
  /** Redis or Valkey that carries the queue. Null: PostgreSQL does, in the metadata database (D3). */
  readonly queueUrl: string | null;
  /** Folder of the embedded server, its key and its address file. */
  readonly dataDir: string;
  /** Loads the documented demo world at start. Default: only with the embedded server. */
  readonly demoData: boolean;
  /** Password of the demo logins; another than the default replaces that of an earlier start. */
  readonly demoPassword: string;
  /** 32 bytes in hex that encrypt data source passwords (D10). Null: kept in `dataDir`, embedded server only. */
  readonly secretKey: string | null;
  /** A session ends after so long without a request. */
  readonly sessionTimeoutMinutes: number;
  /** Failed logins allowed per person and address in a quarter of an hour, and wrong old passwords per person. */
  readonly loginAttempts: number;
  /** What `GET /api/VERSION` and the licence tell clients, some of which compare it. */
  readonly reportedVersion: string;
  /** Origins besides the server's own whose pages may write with the session cookie (D11). */
  readonly allowedOrigins: readonly string[];
  /** Marks the session cookie Secure; set it when the server is reached through HTTPS. */
  readonly cookieSecure: boolean;
  /** Believes X-Forwarded-* of reverse proxies in front. */
  readonly trustProxy: TrustedProxies;
  /** Largest request body; of a form with files, all of its fields together. */
  readonly bodyLimitBytes: number;
  /** A request of whose body nothing has come for so long is ended. */
  readonly bodyTimeoutSeconds: number;
  /** Largest uploaded workflow (`.afm`) or picture. */
  readonly uploadLimitBytes: number;
  /** Largest other file of a workspace; kept on disk while it is taken, never whole in memory. */
  readonly workfileLimitBytes: number;
  /** Of a file that a workflow exports. */
  readonly exportLimitBytes: number;
  /** Stands before the name of every downloaded workfile; at most 20 characters. */
  readonly downloadPrefix: string;
  /** Connections of the metadata pool. */
  readonly databasePoolSize: number;
  /** Longest time for a connection to the metadata database, and for a statement there. */
  readonly databaseTimeoutMs: number;
  /** Runs this process executes side by side. 0: HTTP only. */
  readonly workerConcurrency: number;
  /** Runs of one workspace executed at once, on all workers together; 0 = no limit. */
  readonly runsPerWorkspace: number;
  /** Runs on one data source executed at once, on all workers together; 0 = no limit. */
  readonly runsPerDataSource: number;
  /** A run that is executed for longer is stopped, with the reason `timeout`; 0 = no limit. */
  readonly runTimeoutSeconds: number;
  /** A run whose worker, or the answer to a COMMIT, was lost more often than this fails instead of being resumed. */
  readonly runResumeLimit: number;
  /** How long a process that is told to end waits for its runs before it hands them over. */
  readonly shutdownGraceMs: number;
  /** Operators of one run that are executed side by side, each in a session of its own. */
  readonly operatorConcurrency: number;
  /** Longest time a stop request waits for the proof before it answers `stopping`. */
  readonly stopReplyTimeoutMs: number;
  /** A session that survives cancels for so long is terminated. */
  readonly stopTerminateAfterMs: number;
  /** Pause between two cancels of an unconfirmed stop. */
  readonly stopRepeatMs: number;
  /** A worker that has not renewed its lease for so long has lost its run. */
  readonly leaseSeconds: number;
  /** Ceiling of one statement in a data source; 0 = none. */
  readonly statementTimeoutMs: number;
  /** PostgreSQL size text: disk a run session may use for temporary files, where the server lets us set it. */
  readonly tempFileLimit: string;
  /** Time limit for opening a connection to a data source. */
  readonly connectTimeoutMs: number;
  /** Only site administrators register data sources. */
  readonly restrictDataSourceCreation: boolean;
  /** Pause between two looks at a data source in the background: state, version, databases, schemas. 0: none. */
  readonly dataSourceCheckMinutes: number;
  /** A list of databases, schemas or datasets that an account saw longer ago is read anew when it is asked for. */
  readonly catalogueMaxAgeSeconds: number;
  /** Time limit of one question to a data source's catalogue. */
  readonly catalogueTimeoutMs: number;
  /** Time limit of an ad-hoc SQL text or preview, downloads included. */
  readonly sqlTimeoutSeconds: number;
  /** Rows of an ad-hoc SQL text or preview that are shown; downloads have no such limit. */
  readonly sqlRowLimit: number;
  /** Ad-hoc SQL texts and previews that one user may have under way. */
  readonly sqlPerUser: number;
  /** Days for which ended ad-hoc SQL stays on record: who, where, when, how it ended; never the text. */
  readonly sqlHistoryDays: number;
  /** Requests as messages, beside HTTP. Null: none are taken. */
  readonly messages: MessagesConfig | null;
  /** trace, debug, info, warn, error, fatal or silent. */
  readonly logLevel: string;
}
