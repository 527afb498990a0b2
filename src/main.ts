import 'reflect-metadata';
import { loadConfig } from './config/load-config.js';
import { DEMO_LOGINS, shownDemoPassword } from './demo/demo-logins.js';
import { runUntilSignalled } from './run-until-signalled.js';
import { startServer } from './start-server.js';

await runUntilSignalled(async () => {
  const server = await startServer(loadConfig(process.env));
  const { url, messages, config } = server;
  process.stderr.write(`Fermata serves ${url}/api, Swagger UI at ${url}/docs\n`);
  if (messages !== null) process.stderr.write(`Messages: ${messages}\n`);
  if (config.demoData)
    process.stderr.write(
      `Demo logins: ${DEMO_LOGINS.join(', ')}; password: ${shownDemoPassword(config)}\n`,
    );
  return server;
});
