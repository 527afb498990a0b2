import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { RowStream } from './connector.js';
import { named } from './postgres-error.js';

/** As the client library sees a statement: it tells it when the server is ready for the next one. */
interface Query {
  handleReadyForQuery: () => void;
}

/** How the rows come, which it reads itself, past what else guards the connection. */
interface Reader {
  _buffer: { readUInt32BE(): number };
  _parse(chunk: Buffer): boolean | undefined;
}

interface WithStream {
  readonly connection: { readonly stream: { destroy(error: Error): void } };
}

/** Rows out of a session by the COPY protocol. */
export function copyOut(client: pg.Client, text: string): RowStream {
  const query = copyTo(text);
  guard(query as unknown as Reader, client);
  const rows = client.query(query);
  const atRest = new Promise<void>((resolve) => {
    (rows as unknown as Query).handleReadyForQuery = resolve;
  });
  const ended = new Promise<void>((resolve, reject) => {
    rows.once('end', resolve);
    rows.on('error', (error) => {
      reject(named(error));
      // Else it would go on to read what its connection reads again itself.
      rows.destroy();
    });
  });
  const sent = ended.then(() => atRest).then(() => rows.rowCount);
  sent.catch(() => undefined);
  return { rows, ended, sent };
}

/**
 * Rows into a session by the COPY protocol. What is on its way is what the sockets and one chunk hold: the source is not
 * read while the target is behind. `stream.pipeline` would destroy the source on an error, and its session with it.
 */
export function copyIn(
  client: pg.Client,
  text: string,
  { rows, ended }: RowStream,
): Promise<number> {
  const into = client.query(copyFrom(text));
  return new Promise<number>((resolve, reject) => {
    const write = (chunk: Buffer) => {
      if (!into.write(chunk)) rows.pause();
    };
    const goOn = () => {
      rows.resume();
    };
    const stop = () => {
      rows.off('data', write);
      into.off('drain', goOn);
      rows.pause();
    };
    let cause: unknown;
    into.once('finish', () => {
      resolve(into.rowCount);
    });
    into.on('error', (error) => {
      stop();
      // Nothing is written any more, also not what it has in hand: the server has ended the COPY.
      into.destroy();
      reject(cause === undefined ? named(error) : (cause as Error));
    });
    into.on('drain', goOn);
    rows.on('data', write);
    ended.then(
      () => into.end(),
      (error: unknown) => {
        cause = error;
        // Tells the server to give the COPY up; its error follows.
        into.destroy(error as Error);
      },
    );
  });
}

/** With a length that is shorter than itself it would never come to an end. */
function guard(reader: Reader, client: pg.Client): void {
  const { _buffer: buffer } = reader;
  const lengthOf = buffer.readUInt32BE.bind(buffer);
  const parse = reader._parse.bind(reader);
  buffer.readUInt32BE = () => {
    const length = lengthOf();
    if (length < 4) throw new Error('the server sends a message shorter than its length');
    return length;
  };
  reader._parse = (chunk) => {
    try {
      return parse(chunk);
    } catch (error) {
      (client as unknown as WithStream).connection.stream.destroy(error as Error);
      return false;
    }
  };
}
