import { isAddress } from './addresses.js';

/** PEM files that secure the connection for messages; each is null when it is not set. */
export interface MessageTls {
  /** Certificate and key of this server: both or neither. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** TCP: only clients with a certificate of this authority connect. A broker: it must have one. */
  readonly caFile: string | null;
}

/** Where this process listens for messages beside HTTP (docs/messages.md). */
export type MessagesConfig =
  | {
      readonly transport: 'tcp';
      readonly host: string;
      /** 0 picks a free one. */
      readonly port: number;
      readonly tls: MessageTls;
    }
  | {
      readonly transport: 'nats' | 'redis';
      /** Address of the broker, with its login. */
      readonly url: string;
      readonly tls: MessageTls;
    };

/** How `load-config.ts` reads variables, and where it collects what is wrong. */
interface Reader {
  readonly problems: string[];
  readonly text: (name: string) => string | null;
  readonly integer: (name: string, fallback: number, min: number, max: number) => number;
}

const SCHEMES = { nats: /^(nats|tls):\/\//, redis: /^rediss?:\/\// } as const;

/** The settings `MICROSERVICE_*`; null when messages are off. Secrets in an address are not repeated in a problem. */
export function messagesConfigOf({ problems, text, integer }: Reader): MessagesConfig | null {
  const transport = text('MICROSERVICE_TRANSPORT');
  const host = text('MICROSERVICE_HOST') ?? '127.0.0.1';
  const port = integer('MICROSERVICE_PORT', 8090, 0, 65_535);
  const url = text('MICROSERVICE_URL');
  const tls = {
    certFile: text('MICROSERVICE_TLS_CERT'),
    keyFile: text('MICROSERVICE_TLS_KEY'),
    caFile: text('MICROSERVICE_TLS_CA'),
  };
  if (transport === null) return null;
  if ((tls.certFile === null) !== (tls.keyFile === null))
    problems.push('MICROSERVICE_TLS_CERT and MICROSERVICE_TLS_KEY must be set together');
  if (transport === 'tcp') {
    if (tls.caFile !== null && tls.certFile === null)
      problems.push('MICROSERVICE_TLS_CA needs MICROSERVICE_TLS_CERT and MICROSERVICE_TLS_KEY');
    if (url !== null)
      problems.push('MICROSERVICE_URL is for nats and redis; tcp has MICROSERVICE_HOST and _PORT');
    return { transport, host, port, tls };
  }
  if (transport !== 'nats' && transport !== 'redis') {
    problems.push(`MICROSERVICE_TRANSPORT must be tcp, nats or redis, not "${transport}"`);
    return null;
  }
  const forms = transport === 'nats' ? 'nats:// or tls://' : 'redis:// or rediss://';
  if (url === null)
    problems.push(`MICROSERVICE_URL must be set with MICROSERVICE_TRANSPORT=${transport}`);
  else if (!SCHEMES[transport].test(url) || !isAddress(url))
    problems.push(
      `MICROSERVICE_URL must be a ${forms} address; write special characters of its password as %XX`,
    );
  if (url !== null && !/^(tls|rediss):/.test(url) && Object.values(tls).some((one) => one !== null))
    problems.push(`MICROSERVICE_TLS_* need an address with TLS (${forms.split(' or ')[1] ?? ''})`);
  return { transport, url: url ?? '', tls };
}
