// Contenders of node:dgram that several scenarios measure against.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { measure, measureDrain } from '../harness/measure.js';
import type { Parameters } from '../harness/types.js';
import { datagramBatch } from './sockets.js';

/** Sends datagrams with an address each time, to a loopback socket that nobody reads. */
export async function nodeDgramSend({ count, size }: Parameters) {
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

/** Counts the messages of a filled queue as node:dgram emits them. */
export async function nodeDgramReceive({ count, size }: Parameters) {
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
