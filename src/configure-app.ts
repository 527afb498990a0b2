import cookie from '@fastify/cookie';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, LogController } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { repeatSessionCookie } from './auth/session-cookie.js';
import { addBodyParsers } from './common/http/body-parsers.js';
import { endAnswers } from './common/http/closing.js';
import { ErrorFilter } from './common/http/error-filter.js';
import { parseQuery } from './common/http/form.js';
import { addMethodOverride } from './common/http/method-override.js';
import { requestIdOf } from './common/http/request-id.js';
import { addResponseHeaders } from './common/http/response-headers.js';
import { endStalledBodies } from './common/http/stalled-body.js';
import { refuseBrokenHttp, refuseUnroutable } from './common/http/unroutable.js';
import { validationPipe } from './common/http/validation.js';
import type { AppConfig } from './config/app-config.js';
import { setupSwagger } from './swagger.js';

const OUTSIDE_API = [
  'health/live',
  'health/ready',
  'paperclip/*path',
  'images/*path',
  'alpinedatalabs/*path',
  // Printed without the prefix by `version_info`; answered with it too.
  'workfile_versions/*path',
  'api/workfile_versions/*path',
];

/** A line of 128 kbit/s. */
const SLOWEST_BYTES_PER_SECOND = 16_384;

/** Beyond the longest wait for a stop: what is left of answers then when the process ends is cut. */
const LAST_ANSWERS_MS = 3000;

export function createAdapter(config: AppConfig, logger: Logger): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    bodyLimit: config.bodyLimitBytes,
    requestTimeout: requestTimeoutMs(config),
    trustProxy: trustedBy(config),
    // Both reach "update" (chorus-api.md 1.1).
    rewriteUrl: (request: IncomingMessage) => {
      if (request.method === 'PATCH') request.method = 'PUT';
      return request.url ?? '/';
    },
    frameworkErrors: refuseUnroutable,
    clientErrorHandler: refuseBrokenHttp,
    routerOptions: {
      ignoreTrailingSlash: true,
      querystringParser: parseQuery,
      // 255 characters of a picture's name, escaped.
      maxParamLength: 3100,
    },
  });
}

/** A number alone Fastify takes for none: it would let whoever reaches this server without the proxies choose his address. */
function trustedBy({
  trustProxy,
}: AppConfig): boolean | string[] | ((_: string, hop: number) => boolean) {
  if (typeof trustProxy === 'boolean') return trustProxy;
  return typeof trustProxy === 'number' ? (_, hop) => hop < trustProxy : [...trustProxy];
}

/** Who sends a little now and then is not waited for endlessly either: the largest body has its time at the slowest pace. */
function requestTimeoutMs({ bodyLimitBytes, uploadLimitBytes, workfileLimitBytes }: AppConfig) {
  const largest = bodyLimitBytes + Math.max(uploadLimitBytes, workfileLimitBytes);
  return 60_000 + Math.ceil(largest / SLOWEST_BYTES_PER_SECOND) * 1000;
}

/** What every route has in common; for the server and for tests alike. Before `listen()`. */
export async function configureApp(app: NestFastifyApplication, config: AppConfig): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  // The reference client sends the parameters of a list as the body of a GET (chorus-api.md 1.2).
  fastify.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  addMethodOverride(app.getHttpServer());
  endStalledBodies(app.getHttpServer(), config.bodyTimeoutSeconds * 1000);
  endAnswers(fastify, config.stopReplyTimeoutMs + LAST_ANSWERS_MS);
  await fastify.register(cookie);
  addResponseHeaders(fastify);
  fastify.addHook('onSend', (request, reply, payload, done) => {
    repeatSessionCookie(request, reply, config);
    done(null, payload);
  });
  addEngineContentType(fastify);
  addRequestLog(fastify);
  await addBodyParsers(fastify, {
    bodyBytes: config.bodyLimitBytes,
    uploadBytes: config.uploadLimitBytes,
    spoolBytes: Math.max(config.uploadLimitBytes, config.workfileLimitBytes),
  });
  setRoutePrefix(app);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ErrorFilter());
  setupSwagger(app);
}

/** Everything is under `/api`, but for what clients expect elsewhere. */
export function setRoutePrefix(app: NestFastifyApplication): void {
  app.setGlobalPrefix('api', { exclude: OUTSIDE_API });
}

/** Every answer of the engine's own API says so, errors and plain text included (engine-api.md 1). */
function addEngineContentType(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.url.startsWith('/alpinedatalabs/'))
      void reply.header('Content-Type', 'application/json;charset=UTF-8');
    done(null, payload);
  });
}

/** One line a request. The path is logged without its query, which may hold a token. */
function addRequestLog(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    request.log.info({
      message: 'request',
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      userId: request.viewer?.id,
    });
    done();
  });
}
