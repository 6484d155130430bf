// Batches of messages in both flavours: none is lost, doubled or cut, whichever system call fails.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { type Outcome, walksOf } from './walk.js';

const COUNT = 4;
/** The message of that number. */
const messageOf = (index: number): Buffer => Buffer.from(`message ${index}`);

type Batch = blocking.MessageBatch<number>;
/** What both flavours have, whose results are awaited. */
interface Sock {
  recvmmsg(count: number, size: number): unknown;
  recvmmsg_into(batch: Batch): unknown;
  sendmmsg(messages: Buffer[]): unknown;
  sendmmsg_from(batch: Batch): unknown;
  recv_segmented(size: number): unknown;
  recv_segmented_into(buffer: Uint8Array): unknown;
  send_segmented(data: Buffer, size: number, options: object): unknown;
  settimeout(timeout: number | null): void;
  fileno(): number;
  close(): void;
}

/** What is used of a flavour, without its types of results. */
interface Flavour {
  socketpair(family: number, type: number): unknown;
  socket: new (family: number, type: number) => object;
}

/** A pair, and a batch; the messages are on the way to the first end if `isFull`. */
class Batches {
  readonly ends: readonly Sock[];
  readonly batch = new blocking.MessageBatch<number>(COUNT, 64);

  constructor(module: Flavour, timeout: number | null, isFull: boolean) {
    this.ends = module.socketpair(blocking.AF_UNIX, blocking.SOCK_DGRAM) as Sock[];
    for (const end of this.ends) end.settimeout(timeout);
    if (isFull) this.#fill();
  }

  #fill(): void {
    const { fd } = this;
    // For each of the two calls.
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < COUNT; index += 1) fs.writeSync(fd, messageOf(index));
    }
  }

  get fd(): number {
    return (this.ends[1] as Sock).fileno();
  }

  get first(): Sock {
    return this.ends[0] as Sock;
  }

  /** What has come to the other end, in its order. */
  arrived(): string[] {
    const found: string[] = [];
    const bytes = Buffer.alloc(100);
    this.ends[1]?.settimeout(0);
    for (;;) {
      try {
        const length = fs.readSync(this.fd, bytes);
        found.push(bytes.toString('latin1', 0, length));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
        return found;
      }
    }
  }

  close(): void {
    for (const end of this.ends) end.close();
  }
}

const texts = Array.from({ length: COUNT }, (_, index) => messageOf(index).toString());

/** What is right where fewer messages come than could: the first ones, whole and in order. */
function isFront(found: unknown, code: string): boolean {
  if (typeof found === 'number') return code.startsWith('a') && found > 0 && found < COUNT;
  if (!Array.isArray(found) || !code.startsWith('a')) return false;
  return found.length > 0 && found.every((text, index) => text === texts[index]);
}

for (const [module, socket] of [
  ['berkeley-sockets', blocking as unknown as Flavour],
  ['berkeley-sockets/promises', promises as unknown as Flavour],
] as const) {
  const { on } = walksOf(module);
  for (const timeout of [null, 5]) {
    const how = timeout === null ? 'without a timeout' : 'with a timeout';
    const receiving = () => new Batches(socket, timeout, true);
    const sending = () => new Batches(socket, timeout, false);
    on(
      `recvmmsg ${how} in a batch`,
      receiving,
      async ({ first }) => {
        const messages = (await first.recvmmsg(COUNT, 64)) as [Buffer][];
        return messages.map(([data]) => data.toString());
      },
      { alsoRight: isFront },
    );
    on(
      `recvmmsg_into ${how}`,
      receiving,
      async ({ first, batch }) => {
        batch.clear();
        const count = (await first.recvmmsg_into(batch)) as number;
        assert.equal(batch.length, count);
        return Array.from({ length: count }, (_, index) => batch.data(index).toString());
      },
      { alsoRight: isFront },
    );
    on(
      `sendmmsg ${how} of a batch`,
      sending,
      async ({ first }) => {
        const lengths = (await first.sendmmsg(texts.map((text) => Buffer.from(text)))) as number[];
        return lengths.length;
      },
      { alsoRight: isFront, check: checkArrived },
    );
    on(
      `sendmmsg_from ${how}`,
      sending,
      ({ first, batch }) => {
        batch.clear();
        for (const text of texts) batch.add(Buffer.from(text));
        return first.sendmmsg_from(batch);
      },
      { alsoRight: isFront, check: checkArrived },
    );
  }
  on(
    'recv_segmented_into',
    () => new Batches(socket, null, true),
    async ({ first }) => {
      const buffer = Buffer.alloc(64);
      const [length] = (await first.recv_segmented_into(buffer)) as [number];
      return buffer.toString('latin1', 0, length);
    },
    {
      alsoRight: (value, code) =>
        code.startsWith('a') && texts[0]?.startsWith(String(value)) === true,
    },
  );
  on(
    'recv_segmented in a batch',
    () => new Batches(socket, 5, true),
    async ({ first }) => {
      const [data] = (await first.recv_segmented(8)) as [Buffer];
      return data.length > 0;
    },
  );
  on(
    'send_segmented of several datagrams',
    () => new socket.socket(blocking.AF_INET, blocking.SOCK_DGRAM) as Sock,
    (sock) => sock.send_segmented(Buffer.alloc(64), 16, { address: ['127.0.0.1', 9] }),
  );
}

/** What was said to have been sent has arrived, once and in order, and nothing else. */
function checkArrived(batches: Batches, outcome: Outcome): void {
  const first = 'value' in outcome ? Number(outcome.value) : 0;
  assert.deepEqual(batches.arrived(), [...texts.slice(0, first), ...texts]);
}

const { pure } = walksOf('berkeley-sockets');
for (const method of ['room', 'data', 'address', 'msg_flags', 'ancdata', 'add', 'clear'] as const) {
  pure(`MessageBatch.${method}`, () => {
    const batch = new blocking.MessageBatch<number>(1, 8);
    batch.add(Buffer.from('12345678'));
    return method === 'add' ? batch.clear() : (batch[method] as (index: number) => unknown)(0);
  });
}
