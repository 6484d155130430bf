// Measures datagrams cut by the kernel out of one buffer (UDP GSO), and one by one.

import { batchWarmUpShare, measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { openUnread, sendOneByOne } from '../../support/sockets.js';

const SEGMENTS = 40;

async function oursSegments({ count, size }: Parameters) {
  const { sender, address } = await openUnread();
  const data = Buffer.alloc(SEGMENTS * size, 'x');
  const options = { address };
  return measure(
    count,
    (operations) => {
      for (let sent = 0; sent < operations; sent += SEGMENTS) {
        sender.send_segmented(data, size, options);
      }
    },
    batchWarmUpShare,
  );
}

const c = 'scenarios/packets/datagrams.c';

export default {
  title: 'UDP datagrams as segments of one buffer, to a loopback socket that nobody reads',
  unit: 'operations/s',
  cases: { '1400 B': { count: 320_000, size: 1400 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursSegments } },
    'ours one by one': { measured: { language: 'node', run: sendOneByOne } },
    c: { measured: { language: 'c', source: c, run: 'Gso' } },
  },
  gates: { ours: { c: 0.9, 'ours one by one': 5 } },
} satisfies Scenario;
