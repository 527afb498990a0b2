import { type Logger, pino, type SerializedError } from 'pino';

/**
 * JSON lines on standard output. Errors keep their stack; secrets are never given to it, and what libraries give to it
 * is cut down to what holds none.
 */
export function createLogger({ logLevel }: { readonly logLevel: string }): Logger {
  return pino({
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: bareError, err: bareError, req: bareRequest, res: bareReply },
    // A library logs the headers of uploads.
    redact: { paths: ['headers', '*.headers'], remove: true },
    formatters: { level: (level) => ({ level }) },
    messageKey: 'message',
  });
}

const ERROR_KEYS = [
  ...['type', 'message', 'stack', 'code', 'errno', 'syscall', 'address', 'port', 'kind'],
  ...['severity', 'sqlstate', 'schema', 'table', 'column', 'constraint', 'routine'],
] as const;

/**
 * An error without its other properties: the parameters of a statement, the row that the database could not take and the
 * bytes of a bad request may each hold hashes of passwords, sessions and worse.
 */
export function bareError(error: Error): object {
  const { aggregateErrors, ...whole } = pino.stdSerializers.err(error) as SerializedError & {
    readonly aggregateErrors?: readonly SerializedError[];
  };
  return {
    ...bare(whole),
    ...(aggregateErrors !== undefined && { aggregateErrors: aggregateErrors.map(bare) }),
  };
}

function bare(error: Readonly<Record<string, unknown>>): object {
  const kept = ERROR_KEYS.filter((key) => error[key] !== undefined);
  return Object.fromEntries(kept.map((key) => [key, error[key]]));
}

/** The path without its query, which may hold a token. */
function bareRequest({ method, url }: { readonly method?: string; readonly url?: string }): object {
  return { method, path: url?.split('?', 1)[0] };
}

function bareReply({ statusCode }: { readonly statusCode?: number }): object {
  return { status: statusCode };
}
