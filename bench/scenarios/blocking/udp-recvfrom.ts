// Measures how fast a filled UDP queue is drained with recvfrom: a Buffer and an address each.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { measureDrain } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
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

async function nodeDgram({ count, size }: Parameters) {
  const receiver = createSocket('udp4');
  const sender = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  receiver.setRecvBufferSize(1 << 20);
  sender.connect(receiver.address().port, '127.0.0.1');
  await once(sender, 'connect');

  const message = Buffer.alloc(size, 'x');
  // A connected dgram socket without a callback hands each message to the kernel at once, so that
  // the queue is full before the receiver's first event.
  const fill = (messages: number) => {
    for (let sent = 0; sent < messages; sent++) {
      sender.send(message);
    }
  };
  let missing = 0;
  let finish = () => {};
  receiver.on('message', () => {
    if (--missing === 0) {
      finish();
    }
  });
  const drain = (messages: number) =>
    new Promise<void>((resolve) => {
      missing = messages;
      finish = resolve;
    });
  return measureDrain(count, datagramBatch, fill, drain);
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
    'node:dgram': { measured: { language: 'node', run: nodeDgram } },
  },
  gates: { ours: { c: 0.6, python: 1.3, 'node:dgram': 2.5 } },
} satisfies Scenario;
