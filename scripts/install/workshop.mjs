// What the parts of the installation test share: temporary folders, programs run in them, the result.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's sources. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** What a program imports: `berkeley-sockets`, `berkeley-sockets/promises` and so on. */
export const publicModules = Object.keys(manifest.exports)
  .filter((name) => name !== './package.json')
  .map((name) => manifest.name + name.slice(1));

/** Milliseconds after which a program counts as hung. */
const LIMIT = 240_000;

const workshop = mkdtempSync(join(tmpdir(), 'berkeley-install-'));
process.once('exit', () => rmSync(workshop, { recursive: true, force: true }));

/** A new folder outside the sources. */
export function folder(name) {
  const path = join(workshop, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A folder with a program in it that uses the package: the files are those of consumer/. */
export function consumer(name, ...files) {
  const path = folder(name);
  const project = { name: 'consumer', private: true, type: 'module' };
  writeFileSync(join(path, 'package.json'), `${JSON.stringify(project)}\n`);
  for (const file of files) cpSync(join(root, 'scripts/install/consumer', file), join(path, file));
  return path;
}

/** The only programs that installing and running may find: Node.js, no compiler and no shell. */
const commands = folder('commands');
symlinkSync(process.execPath, join(commands, 'node'));

/** npm's own program, which comes with Node.js. */
const { stdout: npmRoot } = spawnSync('npm', ['root', '--global'], { encoding: 'utf8' });
export const npm = join(npmRoot.trim(), 'npm/bin/npm-cli.js');

/**
 * Runs a program and gives what it printed.
 *
 * @param options.env more variables of its environment
 * @param options.hasTools whether it finds the programs of this machine, not `node` alone
 * @param options.mayFail whether it may end with another status than 0
 * @throws Error with all that it printed, if it fails
 */
export function run(cwd, program, args, { env = {}, hasTools = false, mayFail = false } = {}) {
  const { PATH, HOME, ...rest } = process.env;
  // What npm tells the scripts it runs would change the ones that are run below.
  const inherited = Object.entries(rest).filter(([name]) => !/^npm_/i.test(name));
  const path = hasTools ? PATH : commands;
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...Object.fromEntries(inherited), HOME, PATH: path, NO_COLOR: '1', ...env },
    timeout: LIMIT,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 ** 3,
  });
  if (status === 0 || (mayFail && status !== null)) return stdout;
  const what = `${program} ${args.join(' ')}, in ${cwd}: ${error?.message ?? signal ?? status}`;
  throw new Error(`${what}\n${stdout}\n${stderr}`);
}

/** Installs the packages into the folder with npm; no script of theirs is run. */
export function install(cwd, ...packages) {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  run(cwd, process.execPath, [npm, 'install', ...options, ...packages]);
}

/** Fails unless the program's last line begins with "done"; gives what follows that. */
export function expectDone(printed) {
  const last = printed.trimEnd().split('\n').at(-1);
  if (!last.startsWith('done')) throw new Error(`it did not end well:\n${printed}`);
  return last.replace(/^done( with )?/, '');
}

let failures = 0;

/** Does a part, and prints how that went. */
export function part(name, work) {
  const start = performance.now();
  try {
    const note = work();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`ok      ${name}${note ? `: ${note}` : ''} (${seconds} s)`);
  } catch (error) {
    failures += 1;
    process.exitCode = 1;
    console.log(`FAILED  ${name}\n${error.stack}\n`);
  }
}

/** How many parts failed so far. */
export function failed() {
  return failures;
}

/** Copies a file or folder of the sources. */
export function bring(name, target) {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, name), target, { recursive: true });
}
