import type { IncomingMessage, RequestListener, Server } from 'node:http';

/** A form has its `_method` among its first fields: no more of it is waited for. Below what a request buffers. */
const LOOKED_AT_BYTES = 8192;

/**
 * A form that is posted with `_method=put`, `patch` or `delete` is taken for a request of that method (chorus-api.md 1.1):
 * browsers' forms can send nothing else. Seen before the request is routed; its body is left as it came.
 */
export function addMethodOverride(server: Server): void {
  for (const route of server.listeners('request') as RequestListener[]) {
    server.removeListener('request', route);
    server.on('request', (request, response) => {
      if (!isPostedForm(request)) {
        route(request, response);
        return;
      }
      void beginning(request).then((text) => {
        if (isGone(request)) return;
        request.method = methodOf(text, request.headers['content-type'] ?? '') ?? 'POST';
        route(request, response);
      });
    });
  }
}

function isPostedForm({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    headers['content-length'] !== '0' &&
    /^\s*(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(
      headers['content-type'] ?? '',
    )
  );
}

/** The client went before it had sent its body. */
function isGone({ destroyed, complete }: IncomingMessage): boolean {
  return destroyed && !complete;
}

/** What the body begins with, which stays to be read. */
async function beginning(request: IncomingMessage): Promise<string> {
  await new Promise<void>((resolve) => {
    const look = () => {
      const { readableLength, complete, destroyed } = request;
      if (readableLength < LOOKED_AT_BYTES && !complete && !destroyed) return;
      for (const event of ['readable', 'close']) request.removeListener(event, look);
      resolve();
    };
    for (const event of ['readable', 'close']) request.on(event, look);
    look();
  });
  if (request.readableLength === 0) {
    // The end of an empty body may be over before anybody listens for it: then there is none to be read.
    delete request.headers['transfer-encoding'];
    delete request.headers['content-length'];
    delete request.headers['content-type'];
    return '';
  }
  const read = request.read() as Buffer;
  request.unshift(read);
  return read.subarray(0, LOOKED_AT_BYTES).toString('latin1');
}

function methodOf(text: string, type: string): string | undefined {
  const boundary = /^\s*multipart\/.*;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  const found =
    boundary === null
      ? /(?:^|&)_method=(put|patch|delete)(?:&|$)/i.exec(text)
      : inMultipart(text, boundary[1] ?? boundary[2] ?? '');
  return found?.[1]?.toUpperCase();
}

/** Only between boundaries: a file may hold anything. */
function inMultipart(text: string, boundary: string): RegExpExecArray | undefined {
  return text
    .split(`--${boundary}\r\n`)
    .map((part) =>
      /^content-disposition: *form-data; *name="?_method"?\r\n\r\n(put|patch|delete)\r\n$/i.exec(
        part.replace(`--${boundary}--`, ''),
      ),
    )
    .find((one) => one !== null);
}
