// create_connection with several addresses: one after the other, and beside each other (RFC 8305).

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { interleave, race } from '#lib/socket/happy-eyeballs.js';
import { loose } from '../support/exceptions.js';
import { fullListener } from '../support/hanging.js';
import { cannotMakeNamespaces, layCable } from '../support/namespaces.js';
import { openSockets, run } from '../support/process.js';
import { assertWaits, settled } from '../support/promised.js';
import { closing, listener, refusingPort } from '../support/sockets.js';

const options = { concurrency: false, timeout: 20_000 };
const LONG = 60_000;

/** What an attempt opens. */
class Opened {
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

/** An attempt that the test ends. */
class Trial {
  readonly opened = new Opened();
  begun: number | undefined;
  succeed = (): void => {};
  fail: (error: unknown) => void = () => {};

  readonly attempt = async (signal: AbortSignal): Promise<Opened> => {
    this.begun = performance.now();
    try {
      await new Promise<void>((resolve, reject) => {
        this.succeed = resolve;
        this.fail = reject;
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    } catch (error) {
      this.opened.close();
      throw error;
    }
    return this.opened;
  };
}

/** A race of as many attempts. */
function start(count: number, milliseconds: number, signal?: AbortSignal) {
  const trials = Array.from({ length: count }, () => new Trial());
  const attempts = trials.map((trial) => trial.attempt);
  const isFinal = (error: unknown) => error instanceof RangeError;
  const outcome = race(attempts, milliseconds, isFinal, signal);
  outcome.catch(() => {});
  return { trials: trials as [Trial, Trial, Trial], outcome };
}

function begun(trials: readonly Trial[]): boolean[] {
  return trials.map((trial) => trial.begun !== undefined);
}

describe('the order of the addresses', options, () => {
  const of = (text: string) => [...text].map((name) => [name.charCodeAt(0), name] as const);
  const joined = (text: string, count: number) =>
    interleave(of(text), count)
      .map(([, name]) => name)
      .join('');

  for (const [given, count, expected] of [
    ['', 1, ''],
    ['666', 1, '666'],
    ['66664444', 1, '64646464'],
    ['66664444', 2, '66464644'],
    ['66664444', 3, '66646444'],
    ['66664444', 9, '66664444'],
    ['4666', 1, '4666'],
    ['644', 1, '644'],
    ['644', 2, '644'],
    ['6412', 1, '6412'],
    ['664412', 1, '641264'],
  ] as const) {
    test(`of ${given || 'none'} with ${count} of the first family first`, () => {
      assert.equal(joined(given, count), expected);
    });
  }
});

describe('attempts that overlap', options, () => {
  test('begin one after the other, each a delay after the one before', async () => {
    const { trials, outcome } = start(3, 30);
    while (trials[2].begun === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    const times = trials.map((trial) => trial.begun as number) as [number, number, number];
    assert.ok(times[1] - times[0] >= 28, `${times}`);
    assert.ok(times[2] - times[1] >= 28, `${times}`);
    trials[1].succeed();
    assert.equal(await outcome, trials[1].opened);
    assert.deepEqual(
      trials.map((trial) => trial.opened.isClosed),
      [true, false, true],
    );
  });

  test('begin at once when one fails, whichever it is', async () => {
    const { trials, outcome } = start(3, LONG);
    assert.deepEqual(begun(trials), [true, false, false]);
    trials[0].fail(new Error('first'));
    await assertWaits(outcome);
    assert.deepEqual(begun(trials), [true, true, false]);
    trials[1].fail(new Error('second'));
    await assertWaits(outcome);
    trials[2].succeed();
    assert.equal(await outcome, trials[2].opened);
  });

  test('all begin together without a delay', async () => {
    const { trials, outcome } = start(3, 0);
    while (trials[2].begun === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    trials[0].succeed();
    assert.equal(await outcome, trials[0].opened);
  });

  test('do not begin when the first one succeeds in time', async () => {
    const { trials, outcome } = start(3, LONG);
    trials[0].succeed();
    assert.equal(await outcome, trials[0].opened);
    assert.deepEqual(begun(trials), [true, false, false]);
  });

  test('that succeed at the same time leave one open', async () => {
    const { trials, outcome } = start(2, 0);
    while (trials[1].begun === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    trials[0].succeed();
    trials[1].succeed();
    assert.equal(await outcome, trials[0].opened);
    assert.deepEqual([trials[0].opened.isClosed, trials[1].opened.isClosed], [false, true]);
  });

  test('give their errors in the order of the addresses', async () => {
    const { trials, outcome } = start(3, 0);
    while (trials[2].begun === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const index of [2, 0, 1] as const) trials[index].fail(new Error(`${index}`));
    const errors = (await outcome) as Error[];
    assert.deepEqual(
      errors.map((error) => error.message),
      ['0', '1', '2'],
    );
  });

  test('end with an error that is no failed attempt', async () => {
    const { trials, outcome } = start(3, 0);
    while (trials[1].begun === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    trials[1].fail(new RangeError('wrong argument'));
    assert.deepEqual(await settled(outcome), { error: 'RangeError: wrong argument' });
    assert.ok(trials[0].opened.isClosed);
  });

  test('end with the signal, which is let go of', async () => {
    const controller = new AbortController();
    const { trials, outcome } = start(3, 0, controller.signal);
    while (trials[1].begun === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort(new TypeError('enough'));
    assert.deepEqual(await settled(outcome), { error: 'TypeError: enough' });
    for (const trial of trials) assert.ok(trial.begun === undefined || trial.opened.isClosed);
    const before = start(3, 0, controller.signal);
    assert.deepEqual(await settled(before.outcome), { error: 'TypeError: enough' });
    assert.deepEqual(begun(before.trials), [false, false, false]);
  });

  test('are none where there is no address', async () => {
    assert.deepEqual(await race([], 0, () => false), []);
  });
});

/** Why there is no IPv6 on the loopback interface; false if there is. */
function noIPv6(): string | false {
  try {
    socket.create_server(['::1', 0], { family: socket.AF_INET6 }).close();
    return false;
  } catch {
    return 'there is no ::1';
  }
}

/** A port that is free for both 127.0.0.1 and ::1, whose sockets the test may listen with. */
function bothFamilies(context: TestContext) {
  for (;;) {
    const four = closing(context, new socket.socket());
    four.bind(['127.0.0.1', 0]);
    const port = four.getsockname()[1];
    const six = closing(context, new socket.socket(socket.AF_INET6));
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1);
    try {
      six.bind(['::1', port]);
      return { four, six, port, address: [null, port] as [null, number] };
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
    }
  }
}

/** Listens with a queue that is full: attempts to connect there go on for a second at least. */
function hang(context: TestContext, sock: socket.socket<number>): void {
  sock.listen(0);
  closing(context, new socket.socket<number>(sock.family)).connect(sock.getsockname());
}

describe('create_connection', { ...options, skip: noIPv6() }, () => {
  const first = socket.getaddrinfo(null, 1, 0, socket.SOCK_STREAM)[0]?.[0];

  /** The listener that is tried first, and the other one. */
  function inOrder({
    four,
    six,
  }: ReturnType<typeof bothFamilies>): [socket.socket<number>, socket.socket<number>] {
    return first === socket.AF_INET6 ? [six, four] : [four, six];
  }

  for (const [title, given] of [
    ['one after the other', {}],
    ['beside each other', { happy_eyeballs_delay: 60 }],
    ['in turns', { interleave: 1 }],
  ] as const) {
    test(`tries the next address when one refuses: ${title}`, async (context) => {
      const both = bothFamilies(context);
      const [, second] = inOrder(both);
      second.listen();
      const before = openSockets();
      const sock = closing(context, await promises.create_connection(both.address, given));
      assert.equal(sock.family, second.family);
      assert.equal(openSockets(), before + 1);
    });

    test(`rejects with the last error or all: ${title}`, async (context) => {
      const { address } = bothFamilies(context);
      const before = openSockets();
      const refused = 'ConnectionRefusedError: ECONNREFUSED';
      assert.deepEqual(await settled(promises.create_connection(address, given)), {
        error: refused,
      });
      await assert.rejects(
        promises.create_connection(address, { ...given, all_errors: true }),
        (error) => {
          assert.ok(error instanceof socket.ExceptionGroup);
          assert.equal(error.message, 'create_connection failed (2 sub-exceptions)');
          return error.exceptions.every((one) => one instanceof socket.ConnectionRefusedError);
        },
      );
      assert.equal(openSockets(), before);
    });
  }

  test('does not wait for an address that does not answer', async (context) => {
    const both = bothFamilies(context);
    const [silent, answering] = inOrder(both);
    hang(context, silent);
    answering.listen();
    const before = openSockets();
    const started = performance.now();
    const sock = closing(
      context,
      await promises.create_connection(both.address, { happy_eyeballs_delay: 0.02 }),
    );
    assert.equal(sock.family, answering.family);
    const elapsed = performance.now() - started;
    assert.ok(elapsed >= 18 && elapsed < 900, `${elapsed} ms`);
    assert.equal(openSockets(), before + 1);
  });

  test('takes the first address that answers, though it was slow', async (context) => {
    const both = bothFamilies(context);
    const [slow, silent] = inOrder(both);
    hang(context, silent);
    hang(context, slow);
    const before = openSockets();
    const connecting = promises.create_connection(both.address, { happy_eyeballs_delay: 0.001 });
    await assertWaits(connecting);
    while (openSockets() < before + 2) await assertWaits(connecting);
    // The kernel asks again after a second.
    slow.accept()[0].close();
    const sock = closing(context, await connecting);
    assert.equal(sock.family, slow.family);
    assert.equal(openSockets(), before + 1);
  });

  test('has its timeout for each attempt', async (context) => {
    const both = bothFamilies(context);
    hang(context, both.four);
    hang(context, both.six);
    const before = openSockets();
    for (const given of [{}, { happy_eyeballs_delay: 60 }, { happy_eyeballs_delay: 0 }]) {
      const started = performance.now();
      const promise = promises.create_connection(both.address, 0.05, { ...given });
      assert.deepEqual(await settled(promise), { error: 'TimeoutError: ETIMEDOUT' });
      const elapsed = performance.now() - started;
      const least = given.happy_eyeballs_delay === 0 ? 50 : 100;
      assert.ok(elapsed >= least - 5 && elapsed < 900, `${elapsed} ms`);
    }
    assert.equal(openSockets(), before);
  });

  for (const given of [{}, { happy_eyeballs_delay: 0.001 }, { happy_eyeballs_delay: 60 }]) {
    test(`is ended by its signal: ${JSON.stringify(given)}`, async (context) => {
      const both = bothFamilies(context);
      hang(context, both.four);
      hang(context, both.six);
      const before = openSockets();
      const controller = new AbortController();
      const { signal } = controller;
      const promise = promises.create_connection(both.address, { ...given, signal });
      promise.catch(() => {});
      await assertWaits(promise);
      controller.abort(new RangeError('enough'));
      assert.deepEqual(await settled(promise), { error: 'RangeError: enough' });
      assert.equal(openSockets(), before);
      const again = promises.create_connection(both.address, { ...given, signal });
      assert.deepEqual(await settled(again), { error: 'RangeError: enough' });
    });
  }

  test('has the timeout and the source address of its arguments', async (context) => {
    const server = listener(context);
    const sock = closing(
      context,
      await promises.create_connection(server.getsockname(), 7, ['127.0.0.2', 0], {
        happy_eyeballs_delay: 0.25,
      }),
    );
    assert.deepEqual([sock.gettimeout(), sock.getsockname()[0]], [7, '127.0.0.2']);
    const named = closing(
      context,
      await promises.create_connection(server.getsockname(), {
        source_address: ['localhost', 0],
      }),
    );
    assert.equal(named.getsockname()[0], '127.0.0.1');
  });

  test('rejects for wrong arguments and leaves nothing open', async (context) => {
    const { address } = fullListener(context);
    const before = openSockets();
    for (const [given, text] of [
      [{ happy_eyeballs_delay: -1 }, /^ValueError/],
      [{ happy_eyeballs_delay: '1' }, /^TypeError/],
      [{ happy_eyeballs_delay: 1, interleave: 'x' }, /^TypeError/],
      [{ happy_eyeballs_delay: 1, signal: 7 }, /^TypeError/],
      [{ happy_eyeballs_delay: 1, other: 7 }, /^TypeError/],
      [{ happy_eyeballs_delay: 1, timeout: 'x' }, /^TypeError/],
      [{ happy_eyeballs_delay: 1, source_address: 'x' }, /^TypeError/],
    ] as const) {
      const promise = loose(promises).create_connection?.(address, given) as Promise<unknown>;
      const outcome = await settled(promise);
      assert.match('error' in outcome ? outcome.error : 'none', text);
    }
    assert.equal(openSockets(), before);
    const port = refusingPort(context);
    const refused = promises.create_connection(['127.0.0.1', port], { happy_eyeballs_delay: 1 });
    assert.deepEqual(await settled(refused), { error: 'ConnectionRefusedError: ECONNREFUSED' });
  });
});

describe('a host with dead addresses', { ...options, skip: cannotMakeNamespaces() }, () => {
  test('is connected to with little delay', async (context) => {
    const { near } = layCable(context);
    near.ip('address', 'add', 'fd00:9:8::1/64', 'dev', 'wire', 'nodad');
    near.ip('route', 'add', 'unreachable', '10.9.6.0/24');
    const silent = ['fd00:9:8::2', 'fd00:9:8::3', '10.9.8.9'];
    // The other end of the cable drops what is sent to a station that is not it.
    const station = ['lladdr', '02:00:00:00:00:09', 'dev', 'wire', 'nud', 'permanent'];
    for (const address of silent) near.ip('neighbour', 'add', address, ...station);
    const folder = `/etc/netns/${near.name}`;
    mkdirSync(folder, { recursive: true });
    context.after(() => rmSync(folder, { recursive: true }));
    const names = [...silent, '10.9.6.1', '127.0.0.3'];
    writeFileSync(`${folder}/hosts`, names.map((name) => `${name} many.test\n`).join(''));
    const { code, lines, stderr } = await run(context, 'happy-eyeballs', [], {
      command: near.command,
    });
    assert.deepEqual([code, stderr], [0, '']);
    const [order, peer, left, elapsed] = JSON.parse(lines[0] as string);
    assert.deepEqual([order.sort(), peer, left], [names.sort(), '127.0.0.3', 1]);
    assert.ok(elapsed < 2000, `${elapsed} ms`);
  });
});
