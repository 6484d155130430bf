// Measures how fast a filled UDP queue is drained with awaited calls of recvfrom.

import { measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { nodeDgramReceive } from '../../support/dgram.js';
import { datagramBatch, fillQueue, openDatagramPair } from '../../support/sockets.js';

async function oursRecvfrom({ count, size }: Parameters) {
  const pair = await openDatagramPair();
  await import('berkeley-sockets/promises');
  const receiver = pair.receiver.promises;
  const drain = async (messages: number) => {
    for (let message = 0; message < messages; message++) {
      await receiver.recvfrom(size);
    }
  };
  return measureDrain(count, datagramBatch, fillQueue(pair.sender, size), drain);
}

const c = 'scenarios/blocking/udp-receive.c';

export default {
  title: 'UDP queue drained with awaited recvfrom',
  unit: 'operations/s',
  cases: { '64 B': { count: 300_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursRecvfrom } },
    c: { measured: { language: 'c', source: c, run: 'RecvFrom' } },
    'node:dgram': { measured: { language: 'node', run: nodeDgramReceive } },
  },
  gates: { ours: { 'node:dgram': 2.0 } },
} satisfies Scenario;
