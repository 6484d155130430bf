// Measures how fast a filled UDP queue is drained with recvfrom: a Buffer and an address each.

import { measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { nodeDgramReceive } from '../../support/dgram.js';
import { datagramBatch, fillQueue, openDatagramPair } from '../../support/sockets.js';

async function oursRecvfrom({ count, size }: Parameters) {
  const { receiver, sender } = await openDatagramPair();
  const drain = (messages: number) => {
    for (let message = 0; message < messages; message++) {
      receiver.recvfrom(size);
    }
  };
  return measureDrain(count, datagramBatch, fillQueue(sender, size), drain);
}

const c = 'scenarios/blocking/udp-receive.c';
const python = 'scenarios/blocking/udp-receive.py';

export default {
  title: 'UDP queue drained with recvfrom',
  unit: 'operations/s',
  cases: { '64 B': { count: 400_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursRecvfrom } },
    c: { measured: { language: 'c', source: c, run: 'RecvFrom' } },
    python: { measured: { language: 'python', source: python, run: 'recvfrom' } },
    'node:dgram': { measured: { language: 'node', run: nodeDgramReceive } },
  },
  gates: { ours: { c: 0.6, python: 1.3, 'node:dgram': 2.5 } },
} satisfies Scenario;
