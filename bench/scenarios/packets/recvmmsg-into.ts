// Measures how fast a filled UDP queue is drained with recvmmsg_into, addresses included.

import { batchWarmUpShare, measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { datagramBatch, fillQueue, openDatagramPair } from '../../support/sockets.js';

const MESSAGES = 64;

async function oursBatch({ count, size }: Parameters) {
  const { MessageBatch } = await import('berkeley-sockets');
  const { receiver, sender } = await openDatagramPair();
  const batch = new MessageBatch(MESSAGES, size);
  return measureDrain(
    count,
    datagramBatch,
    fillQueue(sender, size),
    (messages) => {
      for (let received = 0; received < messages; ) received += receiver.recvmmsg_into(batch);
    },
    batchWarmUpShare,
  );
}

const c = 'scenarios/packets/datagrams.c';

export default {
  title: 'UDP queue drained with recvmmsg_into, 64 messages at a time',
  unit: 'operations/s',
  cases: { '64 B': { count: 192_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursBatch } },
    c: { measured: { language: 'c', source: c, run: 'RecvMmsg' } },
  },
  gates: { ours: { c: 0.95 } },
} satisfies Scenario;
