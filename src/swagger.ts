import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const DESCRIPTION = `Workflow server for analytics workspaces. **Stop means stopped:** after the answer says \`idle\`, the
SQL is dead in the data source, nothing further starts, nothing half-written is left, and a receipt proves it.

To try it here: *POST /api/sessions* with your name and password sets the session cookie for this page; then call the
other routes. Programs may send the \`session_id\` of the login as query parameter or as header \`x-token\` instead.

Answers are wrapped as \`{"response": …}\`, errors as \`{"errors": …}\`.`;

/** Swagger UI at /docs, the document at /docs-json. */
export function setupSwagger(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Fermata')
    .setDescription(DESCRIPTION)
    .setVersion('0.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addCookieAuth('_session_id', { type: 'apiKey', in: 'cookie', name: '_session_id' }, 'cookie')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-token' }, 'token')
    .addApiKey({ type: 'apiKey', in: 'query', name: 'session_id' }, 'session_id')
    .addTag('sessions', 'Log in and out')
    .addTag('users', 'People')
    .addTag('workspaces', 'Workspaces and who belongs to them')
    .addTag('server', 'What this server is')
    .addTag('workfiles', 'Show, run and stop workflows')
    .addTag('runs', 'What became of a run, and the receipt of its stop')
    .addTag('stops', 'Stops of many runs at once, and the trail of all stops')
    .addSecurityRequirements('cookie')
    .addSecurityRequirements('token')
    .addSecurityRequirements('session_id')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Fermata API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}
