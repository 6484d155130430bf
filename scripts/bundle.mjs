// Bundles the package: each public module becomes one file, what they share goes into chunks. Node
// spends about a third of a millisecond on each file of an import, so that 57 of them would cost
// more than all they do.
//
// With --without-maps there are none of its sources, as in the packed package, which lacks those.

import { readdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
/** The public modules, which the package's `exports` name. */
const MODULES = Object.values(manifest.exports)
  .map((target) => /^\.\/dist\/([\w-]+)\.js$/.exec(target.default)?.[1])
  .filter((name) => name !== undefined);

/** What worker threads and child processes of socketserver begin with; nobody imports them. */
const ENTRIES = ['server/thread', 'server/child'];

/** Who owns the constants that no public module exports. */
const SHARED = 'all';

/**
 * Reads 1,400 constants in one statement instead of 1,400, and in each public module anew: passing
 * so many names from one file to the other would cost more than reading them again.
 */
const constants = {
  name: 'constants',
  setup(bundler) {
    bundler.onResolve({ filter: /\/constants\.js$/ }, ({ importer }) => {
      const owner = MODULES.find((name) => importer.endsWith(`/lib/${name}.ts`)) ?? SHARED;
      return { path: `constants of ${owner}`, namespace: 'constants' };
    });
    bundler.onLoad({ filter: /./, namespace: 'constants' }, async ({ path }) => {
      const source = await readFile(`${root}lib/constants.ts`, 'utf8');
      const names = Array.from(source.matchAll(/^export const (\w+)/gm), ([, name]) => name);
      // What the modules share has the few that it uses: calls marked as pure can be left out.
      const statement = path.endsWith(SHARED)
        ? names.map((name) => `export const ${name} = /* @__PURE__ */ read('${name}');`).join('\n')
        : `export const { ${names.join(', ')} } = constants;`;
      const contents = `import { constants } from './native.js';\n
        const read = (name) => constants[name];\n${statement}`;
      return { contents, loader: 'js', resolveDir: `${root}lib` };
    });
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [...MODULES, ...ENTRIES].map((name) => `lib/${name}.ts`),
  outbase: 'lib',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  plugins: [constants],
  // Shorter to read at each start. Names stay, for stack traces; the map is for source lines.
  minifyWhitespace: true,
  minifySyntax: true,
  // The report of an uncaught exception quotes the line that threw, whole.
  lineLimit: 120,
  sourcemap: process.argv.includes('--without-maps') ? false : 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
});

// Chunks of earlier builds would be packed too.
const made = new Set(Object.keys(metafile.outputs));
for (const file of await readdir(`${root}dist`)) {
  const isStale = /\.js(\.map)?$/.test(file) && !made.has(`dist/${file}`);
  if (isStale) await rm(`${root}dist/${file}`);
}

// A class that its own body names gets another one, and errors and sockets show their names.
for (const file of Object.keys(metafile.outputs).filter((name) => name.endsWith('.js'))) {
  const renamed = (await readFile(`${root}${file}`, 'utf8')).match(/=class (_\w+)/);
  if (renamed) throw new Error(`${file}: a class is called ${renamed[1]}; keep it out of its body`);
}
