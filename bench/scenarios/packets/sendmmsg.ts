// Measures datagrams sent in batches of 64, to a loopback socket that nobody reads.

import { batchWarmUpShare, measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { nodeDgramSend } from '../../support/dgram.js';
import { openUnread, sendOneByOne } from '../../support/sockets.js';

const MESSAGES = 64;

async function oursBatch({ count, size }: Parameters) {
  const { MessageBatch } = await import('berkeley-sockets');
  const { sender, address } = await openUnread();
  const batch = new MessageBatch(MESSAGES, size);
  for (let index = 0; index < MESSAGES; index++) batch.add(size, [], address);
  return measure(
    count,
    (operations) => {
      for (let sent = 0; sent < operations; ) sent += sender.sendmmsg_from(batch);
    },
    batchWarmUpShare,
  );
}

const c = 'scenarios/packets/datagrams.c';

export default {
  title: 'UDP sendmmsg of 64 messages to a loopback socket that nobody reads',
  unit: 'operations/s',
  cases: { '64 B': { count: 192_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursBatch } },
    'ours one by one': { measured: { language: 'node', run: sendOneByOne } },
    c: { measured: { language: 'c', source: c, run: 'SendMmsg' } },
    'node:dgram': { measured: { language: 'node', run: nodeDgramSend } },
  },
  gates: { ours: { c: 0.95, 'node:dgram': 1.3 } },
} satisfies Scenario;
