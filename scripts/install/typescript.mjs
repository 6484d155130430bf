// Compiles programs against the installed package, and asks publint and attw about its `exports`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRegistry } from '../registry.mjs';
import { consumer, install, manifest, part, run } from './workshop.mjs';

const NODE = process.execPath;
const COMPILERS = ['5.9.3', manifest.devDependencies.typescript];

/** What a program may say of modules; a CommonJS program can only require where `cts` is true. */
const SETTINGS = [
  { module: 'node16', moduleResolution: 'node16', cts: false },
  { module: 'nodenext', moduleResolution: 'nodenext', cts: true },
  { module: 'esnext', moduleResolution: 'bundler', cts: false },
  { module: 'preserve', moduleResolution: 'bundler', cts: true },
];

function compile(folder, compiler, { cts, ...modules }) {
  const configuration = {
    compilerOptions: {
      ...modules,
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      noEmit: true,
      // The declarations themselves have to be right for the consumer.
      skipLibCheck: false,
    },
    files: cts ? ['types.ts', 'types.cts'] : ['types.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration));
  run(folder, NODE, [compiler]);
}

export function testTypeScript(tarball) {
  const folder = consumer('typescript', 'types.ts', 'types.cts');
  const nodeTypes = `@types/node@${manifest.devDependencies['@types/node']}`;
  part('installed for TypeScript', () => install(folder, tarball, nodeTypes));
  for (const version of COMPILERS) {
    for (const settings of SETTINGS) {
      const { module, moduleResolution } = settings;
      part(`TypeScript ${version}, module ${module}, moduleResolution ${moduleResolution}`, () => {
        const name = `typescript-${version}`;
        compile(folder, fromRegistry(name, `typescript@${version}`, 'bin/tsc'), settings);
      });
    }
  }
  part('publint', () => {
    const publint = fromRegistry('publint', 'publint@0.3.25', 'src/cli.js');
    const printed = run(folder, NODE, [publint, tarball, '--strict'], { hasTools: true });
    if (!printed.includes('All good')) throw new Error(printed);
  });
  part('are the types wrong?', () => {
    const attw = fromRegistry('attw', '@arethetypeswrong/cli@0.18.5', 'dist/index.js');
    // The package is one of ES modules only, which Node.js requires, too, since 20.19.
    const args = [attw, '--profile', 'esm-only', '--no-emoji', tarball];
    run(folder, NODE, args, { hasTools: true });
  });
}
