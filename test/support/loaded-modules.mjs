// For --import: at its end the process writes the addresses of all modules it has loaded to the file LOADED_MODULES names.
import { writeFileSync } from 'node:fs';
import Module, { register } from 'node:module';
import { MessageChannel } from 'node:worker_threads';

const LOADER = `
  let port;
  export const initialize = (data) => void (port = data.port);
  export const load = (url, context, next) => {
    port.postMessage(url);
    return next(url, context);
  };`;

const { port1, port2 } = new MessageChannel();
const loaded = [];
port1.on('message', (url) => loaded.push(url));
port1.unref();
register(`data:text/javascript,${encodeURIComponent(LOADER)}`, {
  data: { port: port2 },
  transferList: [port2],
});
process.on('exit', () => {
  // The loader is not asked for what one CommonJS module requires of another.
  const all = [...loaded, ...Object.keys(Module._cache)];
  writeFileSync(process.env.LOADED_MODULES, all.join('\n'));
});
