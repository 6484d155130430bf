// The echo servers that several scenarios put under load, and the gates that all of them share.

import { createServer } from 'node:net';
import { announcePort } from '../harness/measure.js';
import type { Contender, Parameters, Scenario } from '../harness/types.js';
import { listenForPromises } from './sockets.js';

/** Room for more than one message, as a server has that does not know how long messages are. */
const BUFFER = 4096;
const BACKLOG = 1024;

type Connection = import('berkeley-sockets/promises').socket;

async function echo(connection: Connection): Promise<void> {
  const buffer = Buffer.alloc(BUFFER);
  for (;;) {
    const received = await connection.recv_into(buffer);
    if (received === 0) break;
    await connection.sendall(buffer.subarray(0, received));
  }
  connection.close();
}

async function oursServer() {
  const { IPPROTO_TCP, TCP_NODELAY } = await import('berkeley-sockets/promises');
  const listener = await listenForPromises(BACKLOG);
  for await (const [connection] of listener.connections()) {
    connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    echo(connection).catch(() => connection.close());
  }
}

function nodeServer(_: Parameters) {
  return new Promise<never>((_resolve, reject) => {
    const server = createServer({ noDelay: true }, (connection) => {
      connection.on('data', (data) => connection.write(data));
      connection.on('error', () => connection.destroy());
    });
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
      announcePort((server.address() as { port: number }).port);
    });
  });
}

const peer = { language: 'c', source: 'peers/echo-load.c', run: 'Load' } as const;
const folder = 'scenarios/promises';

/** Every way of echoing, under the same load. */
export const echoContenders = {
  ours: { measured: { language: 'node', run: oursServer }, peer },
  c: { measured: { language: 'c', source: `${folder}/tcp-echo.c`, run: 'Serve' }, peer },
  'node:net': { measured: { language: 'node', run: nodeServer }, peer },
  bun: { measured: { language: 'bun', source: `${folder}/tcp-echo.bun.js`, run: 'serve' }, peer },
  asyncio: {
    measured: { language: 'python', source: `${folder}/tcp-echo.py`, run: 'serve' },
    peer,
  },
} satisfies Record<string, Contender>;

/** The most answers that one trial counts; its time is what ends it. */
const MOST = 1_000_000;

/**
 * Declares how many connections load the servers.
 *
 * @param connections how many there are, each with one request at a time
 */
export function echoScenario(connections: number) {
  return {
    title: `TCP echo of 64 B on ${connections} connection${connections === 1 ? '' : 's'}`,
    unit: 'operations/s',
    cases: { '64 B': { count: MOST, size: 64, connections } },
    contenders: echoContenders,
    listener: 'measured',
    reporter: 'peer',
  } satisfies Omit<Scenario, 'gates'>;
}
