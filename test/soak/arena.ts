// The process in which everything happens: runs all actors in quarters, and looks in between whether
// anything is left. `node --expose-gc arena.js PLAN`, started by the watcher.

import { setTimeout as delay } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { Finding, prepareBytes } from './bytes.js';
import { Episode } from './episode.js';
import { descriptorCount, type Inventory, takeInventory } from './inventory.js';
import type { Message, Plan } from './protocol.js';
import { actors } from './registry.js';
import { World } from './world.js';

type Actor = (typeof actors)[number];

const QUARTERS = ['quarter 1', 'quarter 2', 'quarter 3', 'quarter 4'];
/** Seconds from which on a run is divided: the last episodes of each part take their time. */
const DIVIDED = 20;
/** Milliseconds after which an episode counts as hanging. */
const HANGING = 120_000;
/** Bytes in use that may be more than after the warm-up: caches, pools, compiled code. */
const USED = 24 << 20;
/** The same of resident bytes, which malloc and V8 keep for later. */
const RESIDENT = 160 << 20;
/** Milliseconds between two looks at the clock. */
const PULSE = 100;
const SIGNALS = ['SIGUSR2', 'SIGWINCH'] as const;

const plan = JSON.parse(process.argv[2] as string) as Plan;
const say = (message: Message) => process.send?.(message);
const world = new World(plan.seed, plan.file, (found) => say({ kind: 'finding', found }));
const episodes = new Map<string, number>();
const inventories: [string, Inventory][] = [];
let mostDescriptors = 0;

/** The numbers of episodes go on from one quarter to the next. */
const numbers = new Map<string, number>();

function nextNumber(lane: string): number {
  const number = numbers.get(lane) ?? 0;
  numbers.set(lane, number + 1);
  return number;
}

/** Whether the limit of descriptors explains an error. */
function isExcused(error: unknown, since: number): boolean {
  if (error instanceof Finding || !world.wasScarceSince(since)) return false;
  const { code, cause } = error as { code?: string; cause?: unknown };
  if (['EMFILE', 'ERR_WORKER_INIT_FAILED'].includes(code as string)) return true;
  // The resolver needs descriptors of its own, and says nothing about why it failed.
  if (error instanceof socket.gaierror) return true;
  return cause !== undefined && isExcused(cause, since);
}

async function actOnce(actor: Actor, episode: Episode): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Finding('the episode does not end')), HANGING);
  });
  try {
    await Promise.race([actor.act(episode), late]);
  } catch (error) {
    if (isExcused(error, episode.began)) world.count('episodes ended by the limit (EMFILE)');
    else world.find(actor.name, episode.last, error);
  } finally {
    clearTimeout(timer);
  }
  try {
    episode.close();
  } catch (error) {
    world.find(actor.name, 'closing', error);
  }
}

async function runLane(actor: Actor, lane: number): Promise<void> {
  while (!world.isPausing) {
    const number = nextNumber(`${actor.name} ${lane}`);
    await actOnce(actor, new Episode(world, actor.name, lane, number));
    episodes.set(actor.name, (episodes.get(actor.name) ?? 0) + 1);
    // Lanes whose episodes never wait leave others their turn.
    await delay(0);
  }
}

async function collectGarbage(): Promise<void> {
  const random = world.random('garbage');
  while (!world.isPausing) {
    await delay(random.integer(200, 1500));
    globalThis.gc?.(random.chance(0.7));
    world.count('forced garbage collections');
  }
}

/** Measures how long the event loop stands still. */
function measurePauses(): NodeJS.Timeout {
  let last = performance.now();
  return setInterval(() => {
    const now = performance.now();
    world.longestPause = Math.max(world.longestPause, now - last - PULSE);
    last = now;
  }, PULSE);
}

function sum(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((total, count) => total + count, 0);
}

function report(phase: string, elapsed: number): void {
  const descriptors = descriptorCount() ?? mostDescriptors;
  mostDescriptors = Math.max(mostDescriptors, descriptors);
  say({
    kind: 'progress',
    phase,
    elapsed,
    operations: sum(world.counts),
    bytes: world.bytes,
    descriptors,
    findings: world.findings,
  });
}

/** Runs all actors for some seconds, until the last episode has ended. */
async function runAll(phase: string, seconds: number, before: number): Promise<void> {
  world.isPausing = false;
  const start = performance.now();
  const elapsed = () => Math.min(seconds, (performance.now() - start) / 1000);
  const acting = actors.filter(({ name }) => plan.actors.includes(name));
  const lanes = acting.flatMap((actor) =>
    Array.from({ length: actor.lanes }, (_, lane) => runLane(actor, lane)),
  );
  lanes.push(collectGarbage());
  const pulse = measurePauses();
  const ticker = setInterval(() => report(phase, before + elapsed()), 1000);
  while (elapsed() < seconds && !world.isSpoilt) await delay(50);
  world.isPausing = true;
  await Promise.all(lanes);
  clearInterval(ticker);
  clearInterval(pulse);
}

function compare(when: string, before: Inventory, now: Inventory): void {
  const isNew = (target: string) => !before.targets.includes(target);
  for (const what of ['descriptors', 'threads', 'children'] as const) {
    if (now[what] > before[what]) {
      const targets = what === 'descriptors' ? `: ${now.targets.filter(isNew).join(', ')}` : '';
      world.find('inventory', when, `${now[what]} ${what} instead of ${before[what]}${targets}`);
    }
  }
  for (const [what, margin] of [
    ['used', USED],
    ['resident', RESIDENT],
  ] as const) {
    if (now[what] > before[what] + margin) {
      world.find('inventory', when, `${now[what]} bytes ${what} instead of ${before[what]}`);
    }
  }
}

async function run(): Promise<void> {
  prepareBytes(plan.seed);
  const start = performance.now();
  await runAll('warm-up', plan.warmUp, 0);
  const before = await takeInventory();
  inventories.push(['after the warm-up', before]);
  const parts = plan.seconds < DIVIDED ? ['the run'] : QUARTERS;
  const seconds = plan.seconds / parts.length;
  for (const [index, part] of parts.entries()) {
    if (world.isSpoilt) break;
    await runAll(part, seconds, index * seconds);
    const now = await takeInventory(before);
    inventories.push([`after ${part}`, now]);
    compare(`after ${part}`, before, now);
  }
  say({
    kind: 'report',
    seconds: (performance.now() - start) / 1000,
    counts: [...world.counts],
    bytes: world.bytes,
    episodes: [...episodes],
    mostDescriptors,
    longestPause: world.longestPause,
    inventories,
  });
}

for (const signal of SIGNALS) process.on(signal, () => world.count(`signals received (${signal})`));
process.on('warning', (warning) => {
  if (warning.name === 'ResourceWarning') world.count('sockets closed by the garbage collector');
  else world.find('process', 'a warning', warning);
});
process.on('unhandledRejection', (error) => world.find('process', 'unhandled rejection', error));
process.on('uncaughtException', (error) => world.find('process', 'uncaught exception', error));
const leave = () => process.exit(1);
process.on('disconnect', leave);
await run();
// From here on nothing may hold the event loop.
process.off('disconnect', leave);
process.disconnect?.();
