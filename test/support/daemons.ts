// Servers of other projects for tests: started in a directory of their own, stopped at the end.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

/** Milliseconds after which a server is killed, whatever it does. */
const LIMIT = 60_000;
/** The user `nobody`, whom root runs servers as. */
const NOBODY = 65_534;

/** Whom programs run as that refuse to be root's. */
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Where a server lives: a directory that it may write to, removed when it has been stopped. */
class Home {
  readonly directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
  #child: ChildProcess | undefined;

  constructor(context: TestContext) {
    if (user.uid !== undefined) chownSync(this.directory, user.uid, user.gid);
    context.after(() => this.#leave());
  }

  /** Starts the server and waits for the line that says that it is ready. */
  async launch(command: string, args: readonly string[]): Promise<void> {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { cwd: this.directory, ...user, stdio });
    this.#child = child;
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
    child.once('close', () => clearTimeout(timer));
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      for (const output of [child.stdout, child.stderr]) {
        createInterface({ input: output }).on('line', (line) => {
          said.push(line);
          if (/ready to accept connections/i.test(line)) resolve();
        });
      }
      child.once('error', reject);
      child.once('close', () => reject(new Error(`${command} ended:\n${said.join('\n')}`)));
    });
  }

  async #leave(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'close');
      // Both servers take it for the wish to end at once, without waiting for their clients.
      child.kill('SIGINT');
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const POSTGRESQL = '/usr/lib/postgresql';

/** Where PostgreSQL's programs are; undefined where it is not installed. */
export function postgresqlPrograms(): string | undefined {
  if (spawnSync('postgres', ['--version']).status === 0) return '';
  // Debian keeps the versions apart and off the path.
  const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL) : [];
  return versions
    .map((version) => `${POSTGRESQL}/${version}/bin/`)
    .find((directory) => existsSync(`${directory}postgres`));
}

/** A new database cluster that everybody may use as `tester`; gives the path of its socket. */
export async function postgresql(context: TestContext, programs: string): Promise<string> {
  const home = new Home(context);
  const data = join(home.directory, 'data');
  const kind = ['--auth=trust', '--username=tester', '--locale=C', '--encoding=UTF8', '--no-sync'];
  const made = spawnSync(`${programs}initdb`, [...kind, data], { cwd: home.directory, ...user });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const settings = ['listen_addresses=', `unix_socket_directories=${home.directory}`, 'fsync=off'];
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  await home.launch(`${programs}postgres`, args);
  return join(home.directory, '.s.PGSQL.5432');
}

/** Whether Redis is installed. */
export function isRedisThere(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** An empty Redis; gives the path of its socket. */
export async function redis(context: TestContext): Promise<string> {
  const home = new Home(context);
  const path = join(home.directory, 'redis');
  const args = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no'];
  await home.launch('redis-server', args);
  return path;
}
