// Measures receiving a TCP stream in 64 KiB reads from a sender on another core.

import { startClocks } from '../../harness/measure.js';
import type { Parameters, Scenario, Trial } from '../../harness/types.js';
import { connectTo } from '../../support/sockets.js';

async function oursRecvInto({ count, size, port }: Parameters): Promise<Trial> {
  const connection = await connectTo(port);
  const buffer = Buffer.alloc(size);
  return receive(count, () => connection.recv_into(buffer));
}

async function oursRecv({ count, size, port }: Parameters): Promise<Trial> {
  const connection = await connectTo(port);
  return receive(count, () => connection.recv(size).length);
}

/** Times `count` bytes, read by `read`, after a tenth as many to warm up. */
function receive(count: number, read: () => number): Trial {
  for (let received = 0; received < count / 10; ) {
    received += read();
  }
  const elapsed = startClocks();
  let received = 0;
  while (received < count) {
    const length = read();
    if (length === 0) {
      throw new Error('the sender ended early');
    }
    received += length;
  }
  return { amount: received, ...elapsed() };
}

const c = 'scenarios/blocking/tcp-bulk.c';
const python = 'scenarios/blocking/tcp-bulk.py';
const peer = { language: 'c', source: 'peers/bulk-sender.c', run: 'Send' } as const;

export default {
  title: 'TCP bulk received from another process',
  unit: 'bytes/s',
  cases: { '64 KiB reads': { count: 2 ** 31, size: 2 ** 16 } },
  contenders: {
    'ours recv_into': { measured: { language: 'node', run: oursRecvInto }, peer },
    'ours recv': { measured: { language: 'node', run: oursRecv }, peer },
    c: { measured: { language: 'c', source: c, run: 'Recv' }, peer },
    'python recv_into': {
      measured: { language: 'python', source: python, run: 'recv_into' },
      peer,
    },
    'python recv': { measured: { language: 'python', source: python, run: 'recv' }, peer },
  },
  gates: { 'ours recv_into': { c: 0.9 }, 'ours recv': { c: 0.7 } },
} satisfies Scenario;
