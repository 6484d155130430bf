// Measures how fast a filled UDP queue is drained with recv_into into one buffer.

import { measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { datagramBatch, fillQueue, openDatagramPair } from '../../support/sockets.js';

async function oursRecvInto({ count, size }: Parameters) {
  const { receiver, sender } = await openDatagramPair();
  const buffer = Buffer.alloc(size);
  const drain = (messages: number) => {
    for (let message = 0; message < messages; message++) {
      receiver.recv_into(buffer);
    }
  };
  return measureDrain(count, datagramBatch, fillQueue(sender, size), drain);
}

const c = 'scenarios/blocking/udp-receive.c';
const python = 'scenarios/blocking/udp-receive.py';

export default {
  title: 'UDP queue drained with recv_into',
  unit: 'operations/s',
  cases: { '64 B': { count: 400_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursRecvInto } },
    c: { measured: { language: 'c', source: c, run: 'Recv' } },
    python: { measured: { language: 'python', source: python, run: 'recv_into' } },
  },
  gates: { ours: { c: 0.85, python: 1.7 } },
} satisfies Scenario;
