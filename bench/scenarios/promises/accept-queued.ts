// Measures accepting and closing TCP connections that wait already: the server's part alone.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';

const BACKLOG = 128;
/** Connections that wait at once: fewer than the backlog, whose end the kernel refuses. */
const BATCH = 100;

/** Returns a function that connects so often to the port, and ends the connections of before. */
async function connector(port: number) {
  const socket = await import('berkeley-sockets');
  const { SOL_SOCKET, SO_LINGER } = socket;
  // Closing with a reset leaves nothing in TIME_WAIT, see socket(7).
  const reset = Buffer.from(Int32Array.of(1, 0).buffer);
  const connections: { close(): void }[] = [];
  return (count: number): void => {
    for (const connection of connections.splice(0)) connection.close();
    for (let made = 0; made < count; made++) {
      const connection = new socket.socket();
      connection.setsockopt(SOL_SOCKET, SO_LINGER, reset);
      connection.connect(['127.0.0.1', port]);
      connections.push(connection);
    }
  };
}

async function oursAccept({ count }: Parameters) {
  const socket = await import('berkeley-sockets/promises');
  const listener = new socket.socket();
  await listener.bind(['127.0.0.1', 0]);
  listener.listen(BACKLOG);
  const drain = async (operations: number) => {
    for (let operation = 0; operation < operations; operation++) {
      const [connection] = await listener.accept();
      connection.close();
    }
  };
  return measureDrain(count, BATCH, await connector(listener.getsockname()[1]), drain);
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
  server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG });
  await once(server, 'listening');
  // Nothing is accepted while the queue is filled: that blocks the event loop.
  const fill = await connector((server.address() as { port: number }).port);
  const drain = (operations: number) =>
    new Promise<void>((resolve) => {
      missing = operations;
      finish = resolve;
    });
  return measureDrain(count, BATCH, fill, drain);
}

const c = 'scenarios/promises/accept-queued.c';

export default {
  title: 'awaited accept, and close, of TCP connections that wait already',
  unit: 'operations/s',
  cases: { '100 at a time': { count: 20_000 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursAccept } },
    c: { measured: { language: 'c', source: c, run: 'Accept' } },
    'node:net': { measured: { language: 'node', run: nodeAccept } },
  },
  gates: { ours: { 'node:net': 1.4 } },
} satisfies Scenario;
