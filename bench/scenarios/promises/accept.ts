// Measures accepting and closing TCP connections that a process on another core makes in a loop.

import { createServer } from 'node:net';
import { announcePort, measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { listenForPromises } from '../../support/sockets.js';

const BACKLOG = 128;

async function oursAccept({ count }: Parameters) {
  const listener = await listenForPromises(BACKLOG);
  return measure(count, async (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      const [connection] = await listener.accept();
      connection.close();
    }
  });
}

async function nodeAccept({ count }: Parameters) {
  let missing = 0;
  let finish = () => {};
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.destroy();
    if (--missing === 0) {
      finish();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, resolve);
  });
  announcePort((server.address() as { port: number }).port);
  return measure(count, (operations) => {
    missing = operations;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
}

const c = 'scenarios/blocking/accept-close.c';
const peer = { language: 'c', source: 'peers/connector.c', run: 'Connect' } as const;

export default {
  title: 'awaited accept, and close, of TCP connections from another process',
  unit: 'operations/s',
  cases: { 'backlog 128': { count: 12_000 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursAccept }, peer },
    c: { measured: { language: 'c', source: c, run: 'Accept' }, peer },
    'node:net': { measured: { language: 'node', run: nodeAccept }, peer },
  },
  gates: { ours: { 'node:net': 1.4 } },
  // The client is busier than any of these servers, so that the rate tells little.
  cpuGates: { ours: { 'node:net': 0.8 } },
  listener: 'measured',
} satisfies Scenario;
