// Measures how much memory a server needs for each connection over which nothing comes.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { announcePort } from '../../harness/measure.js';
import type { Parameters, Scenario, Trial } from '../../harness/types.js';
import { listenForPromises } from '../../support/sockets.js';

const BACKLOG = 4096;
const BUFFER = 4096;

type Connection = import('berkeley-sockets/promises').socket;

/** Keeps the connections. */
const held = new Set<unknown>();

/**
 * The memory in use, in bytes: what is resident and no part of a file, less the part of V8's heap that
 * holds nothing, which depends on how much garbage there was at the last collection. Pages of the
 * program's file come and go with what else runs on the machine.
 */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // The first one finds what finalizers let go only afterwards.
  collect();
  collect();
  const { total_physical_size, used_heap_size } = getHeapStatistics();
  const [, kilobytes] = /^RssAnon:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024 - (total_physical_size - used_heap_size);
}

/** The memory that a connection added to what there was before: in the harness's terms, a rate. */
function result(before: number, connections: number): Trial {
  return { amount: memoryInUse() - before, seconds: connections };
}

async function echo(connection: Connection): Promise<void> {
  for (;;) {
    const data = await connection.recv(BUFFER);
    if (data.length === 0) break;
    await connection.sendall(data);
  }
  connection.close();
}

async function oursHold({ connections }: Parameters): Promise<Trial> {
  const listener = await listenForPromises(BACKLOG);
  const before = memoryInUse();
  for (let count = 0; count < connections; count++) {
    const [connection] = await listener.accept();
    held.add(connection);
    echo(connection).catch(() => undefined);
  }
  return result(before, connections);
}

async function nodeHold({ connections }: Parameters): Promise<Trial> {
  return new Promise((resolve, reject) => {
    let before = 0;
    const server = createServer((connection) => {
      held.add(connection);
      connection.on('data', (data) => connection.write(data));
      connection.on('error', () => undefined);
      if (held.size === connections) {
        setImmediate(() => resolve(result(before, connections)));
      }
    });
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
      before = memoryInUse();
      announcePort((server.address() as { port: number }).port);
    });
  });
}

const peer = { language: 'c', source: 'peers/idle-load.c', run: 'Hold' } as const;

export default {
  title: 'memory of an idle TCP connection',
  unit: 'bytes',
  cases: { '10,000 connections': { connections: 10_000 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursHold }, peer },
    'node:net': { measured: { language: 'node', run: nodeHold }, peer },
  },
  gates: { ours: { 'node:net': 0.5 } },
  listener: 'measured',
} satisfies Scenario;
