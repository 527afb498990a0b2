import { DocumentBuilder, type OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION = `Workflow server for analytics workspaces. **Stop means stopped:** after the answer says \`idle\`, the
SQL is dead in the data source, nothing further starts, nothing half-written is left, and a receipt proves it.

**To try it here:** *Log in* with your name and password sets the session cookie for this page; then call the other
routes. Programs may send the \`session_id\` of the login as query parameter or as header \`x-token\` instead.

**Bodies** may be JSON, urlencoded or multipart, and their attributes flat or inside the wrapper that each route names;
what a route does not know is ignored. \`PATCH\` is \`PUT\`. Lists also take their parameters as JSON body of the \`GET\`.

**Answers** are wrapped as \`{"response": …}\`, those of lists with \`pagination\`, errors as \`{"errors": …}\`. Times are
ISO 8601 in UTC. Every answer has an \`X-Request-Id\`, by which the server's log knows it; send your own to have it kept.

The examples are answers of this server to the tests, in its demo world.`;

/** In the order in which somebody new reads them. */
const TAGS: readonly (readonly [name: string, description: string])[] = [
  ['sessions', 'Log in, see who you are, log out.'],
  ['workspaces', 'Workspaces, who belongs to them, and their sandboxes.'],
  [
    'workfiles',
    'Workflows, files and links: list, show, **run** and **stop** them; versions and drafts.',
  ],
  ['runs', 'What became of a run: its operators, events, results, and the receipt of its stop.'],
  ['stops', 'Stop many runs at once; the trail of all stops.'],
  ['data sources', 'Where workflows and SQL run: data sources, accounts, databases and schemas.'],
  ['datasets', 'Tables and views: columns, statistics, previews.'],
  ['users', 'People and their pictures.'],
  ['engine', "The workflow engine's own interface, for programs that were written for it."],
  ['server', 'What this server is, and how it is.'],
];

/** Everything but the routes. */
export function documentHead(): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Fermata')
    .setDescription(DESCRIPTION)
    .setVersion('0.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The server that this document comes from')
    .addCookieAuth(
      '_session_id',
      {
        type: 'apiKey',
        in: 'cookie',
        name: '_session_id',
        description: 'Set by *Log in*. Browsers send it only for pages of this server.',
      },
      'cookie',
    )
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'x-token',
        description: 'The `session_id` of the login.',
      },
      'token',
    )
    .addApiKey(
      {
        type: 'apiKey',
        in: 'query',
        name: 'session_id',
        description: 'The `session_id` of the login. When it is there, nothing else counts.',
      },
      'session_id',
    )
    .addSecurityRequirements('cookie')
    .addSecurityRequirements('token')
    .addSecurityRequirements('session_id');
  for (const [name, description] of TAGS) builder.addTag(name, description);
  return builder.build();
}
