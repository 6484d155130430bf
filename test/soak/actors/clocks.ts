// The clock of the day is set while calls with timeouts wait: in a child process, for which
// libfaketime pretends it, so that the machine is not disturbed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Episode } from '../episode.js';

/** Where Debian's package libfaketime has its library. */
const LIBRARY = ['x86_64', 'aarch64']
  .map((name) => `/usr/lib/${name}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find(existsSync);
const ROUNDS = 10;
/** Hours that the clock jumps at most. */
const FAR = 1000;
const LIMIT = 60_000;

const program = fileURLToPath(new URL('../clock.js', import.meta.url));

async function run(episode: Episode, library: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'berkeley-clock-'));
  const offset = join(directory, 'offset');
  const set = () => {
    const hours = episode.random.integer(-FAR, FAR);
    writeFileSync(offset, `${hours < 0 ? '' : '+'}${hours}h`);
  };
  episode.closing({ close: () => rmSync(directory, { recursive: true }) });
  set();
  episode.begin('process whose clock is set');
  const child = spawn(process.execPath, [program, String(ROUNDS)], {
    env: {
      ...process.env,
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const closed = once(child, 'close');
  let isOver = false;
  closed.then(
    () => {
      isOver = true;
    },
    () => {},
  );
  while (!isOver) {
    await delay(episode.random.integer(5, 50));
    set();
  }
  const [code, signal] = await closed;
  if (code !== 0) episode.fail(`the clock was set: ${code ?? signal}\n${errors}`);
  const { waits, jumps } = JSON.parse(output);
  episode.expect(jumps > 0, 'the clock was not set');
  episode.world.count('timed waits while the clock was set', waits);
  episode.world.count('jumps of the clock', jumps);
}

export async function clocks(episode: Episode): Promise<void> {
  if (LIBRARY === undefined) episode.world.count('clock not set: there is no libfaketime');
  else await episode.world.starting(() => run(episode, LIBRARY));
  // A process takes its part of the machine: a few in each minute are enough.
  for (let second = 0; second < 10 && !episode.world.isPausing; second++) await delay(1000);
}
