import { type Logger, pino } from 'pino';

/** JSON lines on standard output; errors keep their stack, secrets are never given to it. */
export function createLogger({ logLevel }: { readonly logLevel: string }): Logger {
  return pino({
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
    formatters: { level: (level) => ({ level }) },
    messageKey: 'message',
  });
}
