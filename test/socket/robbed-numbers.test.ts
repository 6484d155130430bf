// A number that somebody else closed and that is in use again is nobody's to close a second time.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readlinkSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import { openDescriptors } from '../support/leaks.js';
import { until } from '../support/process.js';
import { closing } from '../support/sockets.js';

/** More than the numbers that other threads of Node take or free meanwhile. */
const MOST = 100;

interface Openable {
  readonly open: () => number;
  readonly close: (fd: number) => void;
}

/** What a descriptor is: the path of a file, or `socket:[4711]`. */
function fileOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

/** Opens sockets or files until one of them has the number. */
function reuse(context: TestContext, fd: number, { open, close }: Openable): void {
  for (let count = 0; count < MOST; count += 1) {
    const number = open();
    context.after(() => close(number));
    if (number === fd) return;
  }
  assert.fail(`${fd} is not given out again`);
}

const OPEN: Record<string, Openable> = {
  'a socket': { open: () => new socket.socket().detach(), close: socket.close },
  'a file': { open: () => openSync(process.execPath, 'r'), close: closeSync },
};

const END: Record<string, (worker: Worker) => Promise<unknown>> = {
  'is terminated': (worker) => worker.terminate(),
  'ends by itself': (worker) => {
    const ended = once(worker, 'exit');
    worker.postMessage('end');
    return ended;
  },
};

async function own(fd: number): Promise<Worker> {
  const worker = new Worker(new URL('../process/fixtures/owning-worker.js', import.meta.url), {
    workerData: fd,
  });
  assert.deepEqual(await once(worker, 'message'), [fd]);
  return worker;
}

describe('a worker that has a socket', () => {
  for (const [how, end] of Object.entries(END)) {
    test(`closes it when it ${how}`, async () => {
      const fd = new socket.socket().detach();
      const file = fileOf(fd);
      await end(await own(fd));
      const isClosed = () => !existsSync(`/proc/self/fd/${fd}`) || fileOf(fd) !== file;
      await until('the closing', () => isClosed() || undefined);
    });

    for (const [what, openable] of Object.entries(OPEN)) {
      test(`whose number became ${what} lets that be when it ${how}`, async (context) => {
        const fd = new socket.socket().detach();
        const worker = await own(fd);
        socket.close(fd);
        reuse(context, fd, openable);
        const file = fileOf(fd);
        await end(worker);
        assert.equal(fileOf(fd), file);
      });
    }
  }
});

/** Whether `dup()` runs, and what the constructors of the classes below do then. */
let isCopying = false;

type Given = [family?: number, type?: number, proto?: number, fileno?: number];

class Throwing extends socket.socket<number> {
  constructor(...given: Given) {
    super(...given);
    if (isCopying) throw new Error('mine');
  }
}

class ThrowingBefore extends socket.socket<number> {
  constructor(...given: Given) {
    if (isCopying) throw new Error('mine');
    super(...given);
  }
}

/** A socket that got the number which its copy had just given up. */
let successor: socket.socket | undefined;

class Closing extends socket.socket<number> {
  constructor(...given: Given) {
    super(...given);
    if (!isCopying) return;
    const fd = this.fileno();
    this.close();
    successor = new socket.socket();
    assert.equal(successor.fileno(), fd);
    throw new Error('mine');
  }
}

class Deaf extends socket.socket<number> {
  // biome-ignore lint/complexity/noUselessConstructor: it hands nothing on.
  constructor() {
    super();
  }
}

function refuseCopy(sock: socket.socket<number>, message: RegExp): void {
  isCopying = true;
  try {
    assert.throws(() => sock.dup(), message);
  } finally {
    isCopying = false;
  }
}

describe('dup() of a class whose constructor', () => {
  const collect = globalThis.gc;
  for (const [what, Class, message] of [
    ['throws after super()', Throwing, /^Error: mine$/],
    ['throws before super()', ThrowingBefore, /^Error: mine$/],
    ['hands nothing on', Deaf, /^TypeError: Deaf\(\) must take/],
    ['closes itself and throws', Closing, /^Error: mine$/],
  ] as const) {
    test(`${what} closes the copy once`, { skip: collect === undefined }, async (context) => {
      const warnings: Error[] = [];
      const hear = (warning: Error) => warnings.push(warning);
      process.on('warning', hear);
      context.after(() => process.off('warning', hear));

      const sock: socket.socket<number> = closing(context, new Class());
      const before = openDescriptors();
      refuseCopy(sock, message);
      if (successor !== undefined) closing(context, successor);
      const expected = successor === undefined ? before.size : before.size + 1;
      successor = undefined;
      assert.equal(openDescriptors().size, expected);

      // The number is in use again when the half-made object is collected.
      const next = [1, 2, 3].map(() => closing(context, new socket.socket()));
      const inUse = openDescriptors();
      for (let round = 0; round < 3; round += 1) {
        collect?.();
        await turn();
        await turn();
      }
      assert.deepEqual(openDescriptors(), inUse);
      for (const each of next) each.getsockname();
      assert.deepEqual(warnings, []);
    });
  }
});
