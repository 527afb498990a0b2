import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { refuseBrokenHttp } from './unroutable.js';

/** Looks at a body within its time-out. They are counted, for a clock may jump, and a process may stand still. */
const LOOKS = 10;

/**
 * Ends a request of whose body nothing has come for so long, with 408: what is there of it would be kept for ever. A slow
 * one goes on as long as something comes. Called after whatever else listens for requests.
 */
export function endStalledBodies(server: Server, timeoutMs: number): void {
  server.prependListener('request', (request, response) => {
    if (hasBody(request)) watch(request, response, timeoutMs);
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function watch(request: IncomingMessage, response: ServerResponse, timeoutMs: number): void {
  const { socket } = request;
  let seenBytes = socket.bytesRead;
  let quietLooks = 0;
  // Not the socket's own time-out: that counts while the answer is being made, too.
  const timer = setInterval(() => {
    if (request.complete) {
      clearInterval(timer);
      return;
    }
    // A full buffer, or a socket that reads nothing, waits for us, not for the client.
    const isOurs = request.readableLength >= request.readableHighWaterMark || socket.isPaused();
    if (isOurs || socket.bytesRead !== seenBytes) {
      seenBytes = socket.bytesRead;
      quietLooks = 0;
    } else if ((quietLooks += 1) >= LOOKS) {
      clearInterval(timer);
      // It has no socket while an earlier request of the connection is being answered.
      if (response.headersSent || response.socket === null) socket.destroy();
      else refuseBrokenHttp(timeout(), socket);
    }
  }, timeoutMs / LOOKS).unref();
  request.once('close', () => {
    clearInterval(timer);
  });
}

function timeout() {
  const code = 'ERR_HTTP_REQUEST_TIMEOUT';
  return Object.assign(new Error('nothing more of the body came'), { code });
}
