// Measures sendto with an address each time, to a loopback socket that nobody reads.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';

async function oursSendto({ count, size }: Parameters) {
  const socket = await import('berkeley-sockets');
  const receiver = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  receiver.bind(['127.0.0.1', 0]);
  const address: [string, number] = ['127.0.0.1', receiver.getsockname()[1]];
  const sender = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const message = Buffer.alloc(size, 'x');
  return measure(count, (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      sender.sendto(message, address);
    }
  });
}

async function nodeDgram({ count, size }: Parameters) {
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  const sender = createSocket('udp4');
  const message = Buffer.alloc(size, 'x');
  // One message in flight is enough: each is handed to the kernel at once, so more gain nothing.
  const sendAll = (operations: number, resolve: () => void, reject: (error: Error) => void) => {
    let missing = operations;
    const sendNext = (error?: Error | null) => {
      if (error) {
        reject(error);
      } else if (missing-- === 0) {
        resolve();
      } else {
        sender.send(message, port, '127.0.0.1', sendNext);
      }
    };
    sendNext();
  };
  return measure(
    count,
    (operations) =>
      new Promise<void>((resolve, reject) => {
        sendAll(operations, resolve, reject);
      }),
  );
}

const c = 'scenarios/blocking/udp-sendto.c';
const python = 'scenarios/blocking/udp-sendto.py';

export default {
  title: 'UDP sendto to a loopback socket that nobody reads',
  unit: 'operations/s',
  cases: { '64 B': { count: 200_000, size: 64 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursSendto } },
    c: { measured: { language: 'c', source: c, run: 'SendTo' } },
    python: { measured: { language: 'python', source: python, run: 'sendto' } },
    'node:dgram': { measured: { language: 'node', run: nodeDgram } },
  },
  gates: { ours: { c: 0.8, python: 1.0, 'node:dgram': 1.1 } },
} satisfies Scenario;
