// Measures receiving a TCP stream from another core with awaited calls of recv_into.

import { once } from 'node:events';
import { connect } from 'node:net';
import { startClocks, warmUpShare } from '../../harness/measure.js';
import type { Parameters, Scenario, Trial } from '../../harness/types.js';

async function oursRecvInto({ count, size, port }: Parameters): Promise<Trial> {
  const socket = await import('berkeley-sockets/promises');
  const connection = await socket.create_connection(['127.0.0.1', port]);
  const buffer = Buffer.alloc(size);
  const receive = async (bytes: number) => {
    let received = 0;
    while (received < bytes) {
      const length = await connection.recv_into(buffer);
      if (length === 0) {
        throw new Error('the sender ended early');
      }
      received += length;
    }
    return received;
  };
  await receive(count * warmUpShare);
  const elapsed = startClocks();
  const received = await receive(count);
  return { amount: received, ...elapsed() };
}

async function nodeData({ count, port }: Parameters): Promise<Trial> {
  const connection = connect(port, '127.0.0.1');
  await once(connection, 'connect');
  const warmUp = count * warmUpShare;
  let received = 0;
  let elapsed = startClocks();
  return new Promise((resolve, reject) => {
    connection.on('close', () => reject(new Error('the sender ended early')));
    connection.on('data', ({ length }) => {
      const isWarm = received >= warmUp;
      received += length;
      if (!isWarm && received >= warmUp) {
        elapsed = startClocks();
        received = warmUp;
      } else if (received >= warmUp + count) {
        resolve({ amount: received - warmUp, ...elapsed() });
      }
    });
  });
}

const c = 'scenarios/blocking/tcp-bulk.c';
const peer = { language: 'c', source: 'peers/bulk-sender.c', run: 'Send' } as const;

export default {
  title: 'TCP bulk received with awaited calls',
  unit: 'bytes/s',
  cases: { '64 KiB reads': { count: 2 ** 31, size: 2 ** 16 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursRecvInto }, peer },
    c: { measured: { language: 'c', source: c, run: 'Recv' }, peer },
    'node:net': { measured: { language: 'node', run: nodeData }, peer },
  },
  gates: { ours: { c: 0.9, 'node:net': 1.2 } },
} satisfies Scenario;
