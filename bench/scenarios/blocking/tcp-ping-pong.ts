// Measures one byte going back and forth over TCP between two processes that share a core.

import { measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { connectTo, listenAndAnnounce } from '../../support/sockets.js';

async function oursClient({ count, size, port }: Parameters) {
  const connection = await connectTo(port);
  const message = Buffer.alloc(size, 'x');
  const buffer = Buffer.alloc(size);
  return measure(count, (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      connection.send(message);
      connection.recv_into(buffer);
    }
  });
}

async function oursServer({ size }: Parameters) {
  const socket = await import('berkeley-sockets');
  const listener = await listenAndAnnounce(1);
  const [connection] = listener.accept();
  connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  const buffer = Buffer.alloc(size);
  while (connection.recv_into(buffer) > 0) {
    connection.send(buffer);
  }
}

const c = 'scenarios/blocking/tcp-ping-pong.c';
const python = 'scenarios/blocking/tcp-ping-pong.py';

export default {
  title: 'TCP ping-pong of 1 B between two processes on one core',
  unit: 'operations/s',
  cases: { '1 B': { count: 45_000, size: 1 } },
  contenders: {
    ours: {
      measured: { language: 'node', run: oursClient },
      peer: { language: 'node', run: oursServer },
    },
    c: {
      measured: { language: 'c', source: c, run: 'Client' },
      peer: { language: 'c', source: c, run: 'Server' },
    },
    python: {
      measured: { language: 'python', source: python, run: 'client' },
      peer: { language: 'python', source: python, run: 'server' },
    },
  },
  gates: { ours: { c: 0.88, python: 1.0 } },
  peerCore: 'same',
} satisfies Scenario;
