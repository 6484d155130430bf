// The long run of socketserver: `npm run test:long`. LONG_REQUESTS is 100,000 unless set.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { suite, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDescriptors } from '../support/leaks.js';
import { until } from '../support/process.js';
import {
  Answer,
  AsyncAnswer,
  HereServer,
  LoopServer,
  PatientAnswer,
  PatientAsyncAnswer,
  ProcessServer,
  ThreadServer,
} from './handlers.js';

const REQUESTS = Number(process.env.LONG_REQUESTS ?? 100_000);
const CLIENTS = 4;
/** Clients of each kind that reset or send garbage while the others ask. */
const TROUBLES = 200;
/** Requests after which V8 has compiled what it compiles, and pools and slabs have their size. */
const WARM_UP = 5000;
/** How many bytes may be in use more than before: a leak of 170 bytes per request is more. */
const USED = 16 << 20;
/** The same of those that are resident, which V8 and malloc keep for later. */
const RESIDENT = 96 << 20;

type AnyServer = HereServer | LoopServer | ThreadServer | ProcessServer;

interface Way {
  readonly name: string;
  make(): AnyServer;
}

const LOCAL: [string, number] = ['127.0.0.1', 0];

const WAYS: readonly Way[] = [
  { name: 'here', make: () => new HereServer(LOCAL, Answer) },
  { name: 'in threads', make: () => new ThreadServer(LOCAL, Answer) },
  { name: 'in processes', make: () => new ProcessServer(LOCAL, Answer) },
  { name: 'on the loop', make: () => new LoopServer(LOCAL, AsyncAnswer) },
];

const client = fileURLToPath(new URL('client.js', import.meta.url));

function startClient(mode: string, server: AnyServer, count: number): ChildProcess {
  const args = [client, mode, String(server.server_address[1]), String(count)];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Waits for a client to end, which it does with status 0 if everything was answered. */
async function finish(program: ChildProcess): Promise<void> {
  const [code, signal] = await once(program, 'exit');
  assert.deepEqual([code, signal], [0, null], 'a client was not served');
}

function threadCount(): number {
  return readdirSync('/proc/self/task').length;
}

function childCount(): number {
  return readdirSync('/proc/self/task').reduce((sum, thread) => {
    const children = readFileSync(`/proc/self/task/${thread}/children`, 'latin1');
    return sum + children.split(' ').filter(Boolean).length;
  }, 0);
}

/** What the process has: all of it comes back. */
function inventory() {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    descriptors: openDescriptors().size,
    threads: threadCount(),
    children: childCount(),
    used: heapUsed + external,
    rss,
  };
}

/** Serves so many requests with trouble in between; gives the seconds. */
async function serveRequests(way: Way, requests: number, troubles: number): Promise<number> {
  const server = way.make();
  const loop = server.serve_forever();
  const start = performance.now();
  const programs = Array.from({ length: CLIENTS }, () =>
    startClient('requests', server, requests / CLIENTS),
  );
  programs.push(startClient('trouble', server, troubles));
  await Promise.all(programs.map(finish));
  const seconds = (performance.now() - start) / 1000;
  await server.shutdown();
  await loop;
  await server.server_close();
  return seconds;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

suite(`${REQUESTS} short requests`, () => {
  for (const way of WAYS) {
    test(`${way.name}: none is lost, and nothing is left`, {
      timeout: 900_000,
    }, async (context) => {
      await serveRequests(way, WARM_UP, 2);
      const before = inventory();
      const seconds = await serveRequests(way, REQUESTS, TROUBLES);
      // A thread is gone a moment after its worker has said that it has ended.
      await until('threads to end', () => threadCount() <= before.threads || undefined);
      const after = inventory();
      context.diagnostic(
        `${seconds.toFixed(1)} s, ${Math.round(REQUESTS / seconds)} requests/s; ` +
          `in use ${mebibytes(before.used)} before, ${mebibytes(after.used)} after; ` +
          `resident ${mebibytes(before.rss)} and ${mebibytes(after.rss)}`,
      );
      assert.deepEqual(
        [after.descriptors, after.threads, after.children],
        [before.descriptors, before.threads, before.children],
      );
      assert(after.used < before.used + USED, 'memory is in use');
      assert(after.rss < before.rss + RESIDENT, 'memory is resident');
    });
  }
});

/** Has clients hold that many connections at once. */
async function holdConnections(
  context: TestContext,
  make: () => AnyServer,
  count: number,
): Promise<void> {
  const before = inventory();
  const server = make();
  const loop = server.serve_forever();
  const start = performance.now();
  const program = startClient('hold', server, count);
  context.after(() => program.kill('SIGKILL'));
  assert.equal(String((await once(program.stdout as Readable, 'data'))[0]), 'holding\n');
  const seconds = (performance.now() - start) / 1000;
  const during = inventory();
  context.diagnostic(
    `${count} connections after ${seconds.toFixed(1)} s with ${during.threads} threads; ` +
      `resident ${mebibytes(before.rss)} before, ${mebibytes(during.rss)} with all of them`,
  );
  assert(during.descriptors >= before.descriptors + count);
  const requests = REQUESTS / 100;
  // Others are served meanwhile.
  await finish(startClient('requests', server, requests));
  program.stdin?.end();
  await finish(program);
  await server.shutdown();
  await loop;
  await server.server_close();
  const after = inventory();
  assert.deepEqual([after.descriptors, after.children], [before.descriptors, before.children]);
}

suite('connections that are held open at once', () => {
  test('1,000 on the loop', { timeout: 300_000 }, async (context) => {
    await holdConnections(context, () => new LoopServer(LOCAL, PatientAsyncAnswer), 1000);
  });

  test('100 in threads', { timeout: 300_000 }, async (context) => {
    await holdConnections(context, () => new ThreadServer(LOCAL, PatientAnswer), 100);
  });
});
