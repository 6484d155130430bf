// Measures datagrams that the kernel put together (UDP GRO), and one by one.

import { batchWarmUpShare, measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { openDatagramPair } from '../../support/sockets.js';

const SEGMENTS = 40;
/** Segments that fit into the receive buffer of any usual kernel. */
const FILLED = 4 * SEGMENTS;
const LARGEST = 65_535;

async function open({ size }: Parameters) {
  const { IPPROTO_UDP, UDP_GRO } = await import('berkeley-sockets');
  const { receiver, sender } = await openDatagramPair();
  const data = Buffer.alloc(SEGMENTS * size, 'x');
  const fill = (messages: number) => {
    for (let sent = 0; sent < messages; sent += SEGMENTS) sender.send_segmented(data, size);
  };
  return { receiver, fill, together: () => receiver.setsockopt(IPPROTO_UDP, UDP_GRO, 1) };
}

async function oursTogether(parameters: Parameters) {
  const { receiver, fill, together } = await open(parameters);
  together();
  const buffer = Buffer.alloc(LARGEST);
  return measureDrain(
    parameters.count,
    FILLED,
    fill,
    (messages) => {
      for (let received = 0; received < messages; ) {
        const [length, size] = receiver.recv_segmented_into(buffer);
        received += length / size;
      }
    },
    batchWarmUpShare,
  );
}

async function oursOneByOne(parameters: Parameters) {
  const { receiver, fill } = await open(parameters);
  const buffer = Buffer.alloc(LARGEST);
  return measureDrain(parameters.count, FILLED, fill, (messages) => {
    for (let received = 0; received < messages; received++) receiver.recvfrom_into(buffer);
  });
}

const c = 'scenarios/packets/datagrams.c';

export default {
  title: 'UDP datagrams of 1,400 bytes received together',
  unit: 'operations/s',
  cases: { '1400 B': { count: 160_000, size: 1400 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursTogether } },
    'ours one by one': { measured: { language: 'node', run: oursOneByOne } },
    c: { measured: { language: 'c', source: c, run: 'Gro' } },
  },
  gates: { ours: { 'ours one by one': 5 } },
} satisfies Scenario;
