import type { ConnectionError, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** An address that cannot be decoded, or is too long, is that of nothing (chorus-api.md 1.1). */
export function refuseUnroutable(_error: Error, _request: FastifyRequest, reply: FastifyReply) {
  void reply
    .status(404)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: { record: 'NOT_FOUND' } }));
}

/** What is no HTTP, never ends, or has headers beyond any limit: refused before there is a request to be answered. */
export function refuseBrokenHttp(
  error: Error & Pick<ConnectionError, 'code'>,
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, message] = reasonOf(error.code);
  const body = JSON.stringify({ errors: { message } });
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  socket.destroy(error);
}

function reasonOf(code: string): [status: number, message: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request took too long.'];
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The address or the headers are too long.'];
  return [400, 'The request is not valid HTTP.'];
}
