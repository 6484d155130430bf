// Installs the tarball with npm, pnpm and yarn, and imports and requires it under their Node.js.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRegistry } from '../registry.mjs';
import { consumer, expectDone, manifest, npm, part, publicModules, run } from './workshop.mjs';

const PROGRAMS = ['use.mjs', 'use.cjs', 'serve.mjs'];
const NODE = process.execPath;

/** The installed package, used in each way; `starter` are arguments of Node.js before the program. */
export function useInstalled(folder, program, starter = []) {
  const programs = [['use.mjs'], ['use.cjs', ...publicModules], ['serve.mjs']];
  const notes = programs.map((args) => expectDone(run(folder, program, [...starter, ...args])));
  return notes.join(', ');
}

/** Installs with pnpm, whose cache and store are left as they are. */
function installWithPnpm(tarball) {
  const folder = consumer('pnpm', ...PROGRAMS);
  const pnpm = fromRegistry('pnpm', 'pnpm@12.21.0', 'bin/pnpm.mjs');
  run(folder, NODE, [pnpm, 'add', '--ignore-scripts', tarball], { env: pnpmFolders(folder) });
  return folder;
}

function pnpmFolders(folder) {
  return {
    XDG_DATA_HOME: join(folder, '.data'),
    XDG_STATE_HOME: join(folder, '.state'),
    XDG_CACHE_HOME: join(folder, '.cache'),
    XDG_CONFIG_HOME: join(folder, '.config'),
  };
}

const yarn = () => fromRegistry('yarn', '@yarnpkg/cli-dist@4.18.1', 'bin/yarn.js');

/** Installs with yarn, into node_modules or as Plug'n'Play, where packages stay in archives. */
function installWithYarn(tarball, linker) {
  const folder = consumer(`yarn-${linker}`, ...PROGRAMS);
  const settings = {
    nodeLinker: linker,
    enableScripts: false,
    enableTelemetry: false,
    enableGlobalCache: false,
    globalFolder: join(folder, '.yarn-global'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(folder, '.yarnrc.yml'), lines.join(''));
  // Without a lockfile of its own the folder would belong to a project above it.
  writeFileSync(join(folder, 'yarn.lock'), '');
  run(folder, NODE, [yarn(), 'add', `${manifest.name}@file:${tarball}`]);
  return folder;
}

export function testManagers(tarball) {
  part('installed with npm', () => {
    const folder = consumer('npm', ...PROGRAMS);
    run(folder, NODE, [npm, 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);
    return useInstalled(folder, NODE);
  });
  part('installed with pnpm', () => useInstalled(installWithPnpm(tarball), NODE));
  part('installed with yarn', () => useInstalled(installWithYarn(tarball, 'node-modules'), NODE));
  part("installed with yarn, Plug'n'Play", () =>
    useInstalled(installWithYarn(tarball, 'pnp'), NODE, [yarn(), 'node']),
  );
}
