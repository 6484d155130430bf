// Measures send and recv of small messages over one AF_UNIX stream pair within one process.

import { measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';

async function oursRecvInto({ count, size }: Parameters) {
  const socket = await import('berkeley-sockets');
  const [left, right] = socket.socketpair();
  const message = Buffer.alloc(size, 'x');
  const buffer = Buffer.alloc(size);
  return measure(count, (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      left.send(message);
      right.recv_into(buffer);
    }
  });
}

async function oursRecv({ count, size }: Parameters) {
  const socket = await import('berkeley-sockets');
  const [left, right] = socket.socketpair();
  const message = Buffer.alloc(size, 'x');
  return measure(count, (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      left.send(message);
      right.recv(size);
    }
  });
}

const c = 'scenarios/blocking/unix-stream.c';
const python = 'scenarios/blocking/unix-stream.py';

export default {
  title: 'AF_UNIX pair, send and recv in one process',
  unit: 'operations/s',
  cases: {
    '1 B': { count: 350_000, size: 1 },
    '1 KiB': { count: 300_000, size: 1024 },
  },
  contenders: {
    'ours recv_into': { measured: { language: 'node', run: oursRecvInto } },
    'ours recv': { measured: { language: 'node', run: oursRecv } },
    c: { measured: { language: 'c', source: c, run: 'Recv' } },
    'python recv_into': { measured: { language: 'python', source: python, run: 'recv_into' } },
    'python recv': { measured: { language: 'python', source: python, run: 'recv' } },
  },
  gates: {
    'ours recv_into': { c: 0.8, 'python recv_into': 1.0 },
    'ours recv': { c: 0.75, 'python recv': 1.05 },
  },
} satisfies Scenario;
