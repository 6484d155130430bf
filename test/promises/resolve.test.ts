// Names, services and numbers as promises: what the blocking flavour gives, and the loop runs on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as constants from '#lib/constants.js';
import * as errors from '#lib/errors.js';
import { resolveTarget, type TargetOptions } from '#lib/host-address.js';
import { native } from '#lib/native.js';
import * as resolve from '#lib/resolve.js';
import * as promises from '#lib/resolve-promises.js';
import '../support/leaks.js';
import { loose } from '../support/exceptions.js';
import { calls } from '../support/resolve-calls.js';
import { cannotOn } from '../support/runtime.js';
import { cannotHoldNames, SlowName } from '../support/slow-names.js';

const { AF_INET, AF_INET6, AF_UNIX, AI_CANONNAME, SOCK_STREAM } = constants;

const WAITING = [
  'getaddrinfo',
  'getnameinfo',
  'gethostbyname',
  'gethostbyname_ex',
  'gethostbyaddr',
  'getservbyname',
  'getservbyport',
  'getprotobyname',
  'getfqdn',
];

/** What a call gives or throws, in a form that can be compared. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return { value: await call() };
  } catch (error) {
    const { name, message, errno, code, syscall } = error as errors.OSError;
    return { name, message, errno, code, syscall };
  }
}

/** Whether a promise is settled by now. */
function watch(promise: Promise<unknown>): { isSettled: boolean } {
  const state = { isSettled: false };
  const settle = (): void => {
    state.isSettled = true;
  };
  promise.then(settle, settle);
  return state;
}

describe('the promise flavour', () => {
  it('has every function of the blocking one', () => {
    assert.deepEqual(Object.keys(promises).sort(), Object.keys(resolve).sort());
    for (const [name, method] of Object.entries(resolve)) {
      const isSame = loose(promises)[name] === method;
      assert.equal(isSame, !WAITING.includes(name), name);
    }
  });

  it('gives what the blocking one gives, whatever the arguments', async () => {
    const differences: unknown[] = [];
    for (const [name, args, keywords] of calls()) {
      if (!WAITING.includes(name)) continue;
      const given = keywords ? [...args, keywords] : args;
      const here = await outcome(() => loose(promises)[name]?.(...given));
      const blocking = await outcome(() => loose(resolve)[name]?.(...given));
      try {
        assert.deepEqual(here, blocking);
      } catch {
        differences.push({ name, given, here, blocking });
      }
    }
    assert.deepEqual(differences, []);
  });

  it('rejects where the blocking one throws', async () => {
    for (const name of WAITING) {
      const call = loose(promises)[name] as (...args: unknown[]) => unknown;
      for (const args of [[{}, {}, {}], [Symbol()], [{ nonsense: 1 }]]) {
        const promise = call(...args);
        assert.ok(promise instanceof Promise, name);
        await assert.rejects(promise, { name: /^(TypeError|AttributeError)$/ });
      }
    }
  });

  it('finds a canonical name without a look-up, too', async () => {
    const hints = { type: SOCK_STREAM, flags: AI_CANONNAME };
    assert.deepEqual(
      await promises.getaddrinfo('127.0.0.1', '80', hints),
      resolve.getaddrinfo('127.0.0.1', '80', hints),
    );
  });

  it('answers for numbers before anything else happens', async () => {
    const numeric = constants.NI_NUMERICHOST | constants.NI_NUMERICSERV;
    let turns = 0;
    const immediate = setImmediate(() => {
      turns += 1;
    });
    await promises.getaddrinfo('127.0.0.1', 80, { timeout: 0 });
    await promises.getaddrinfo('::1', '80');
    await promises.getaddrinfo(null, 80);
    await promises.getnameinfo(['::1', 80], numeric, { timeout: 0 });
    await promises.gethostbyname('127.0.0.1', { timeout: 0 });
    await promises.gethostbyname('<broadcast>');
    assert.equal(turns, 0);
    clearImmediate(immediate);
  });
});

describe('the options of a look-up', () => {
  it('are taken beside Python’s arguments, in any place for them', async () => {
    const { signal } = new AbortController();
    const options = { signal, timeout: 60 };
    const expected = resolve.getaddrinfo('localhost', 80, AF_INET, SOCK_STREAM);
    const { getaddrinfo } = promises;
    const hints = { family: AF_INET, type: SOCK_STREAM, ...options };
    assert.deepEqual(await getaddrinfo('localhost', 80, hints), expected);
    assert.deepEqual(await getaddrinfo({ host: 'localhost', port: 80, ...hints }), expected);
    assert.deepEqual(
      await getaddrinfo('localhost', 80, AF_INET, SOCK_STREAM, 0, 0, options),
      expected,
    );
    assert.equal(await promises.getservbyname('http', options), 80);
    assert.equal(await promises.getservbyport(80, 'tcp', { timeout: null }), 'http');
    const name = 'localhost';
    assert.equal(await promises.getfqdn({ name, ...options }), resolve.getfqdn(name));
  });

  it('are refused when they are wrong', async () => {
    const wrong = [
      [{ signal: 1 }, TypeError, 'signal must be an AbortSignal, not int'],
      [{ timeout: 'x' }, TypeError, "'str' object cannot be interpreted as an integer"],
      [{ timeout: -1 }, errors.ValueError, 'Timeout value out of range'],
      [{ timeout: 1e30 }, errors.OverflowError, 'timestamp out of range for platform time_t'],
    ] as const;
    for (const [options, constructor, message] of wrong) {
      const promise = loose(promises).gethostbyname?.('localhost', options) as Promise<string>;
      await assert.rejects(promise, (error: Error) => {
        assert.deepEqual([error.constructor, error.message], [constructor, message]);
        return true;
      });
    }
  });

  it('end a look-up that has not begun', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(promises.getfqdn('localhost', { signal }), reason);
    await assert.rejects(promises.getaddrinfo('127.0.0.1', 80, { signal }), reason);
    await assert.rejects(promises.getprotobyname('tcp', { timeout: 0 }), {
      name: 'TimeoutError',
      message: 'timed out',
      code: 'ETIMEDOUT',
      syscall: 'getprotobyname',
    });
  });
});

describe('a slow look-up', { skip: cannotHoldNames() }, () => {
  it('leaves the loop running', async (context) => {
    const slow = new SlowName(context);
    const promise = promises.getaddrinfo(slow.name, 80);
    const state = watch(promise);
    await new Promise((done) => setTimeout(done, 1));
    await readFile('/dev/null');
    assert.equal(state.isSettled, false);
    slow.release();
    await assert.rejects(promise, errors.gaierror);
  });

  it('leaves threads of the pool to files, however many there are', async (context) => {
    const slow = new SlowName(context);
    const lookups = Array.from({ length: 6 }, () => promises.gethostbyname(slow.name));
    const states = lookups.map(watch);
    assert.equal((await readFile('/dev/null')).length, 0);
    assert.ok(states.every(({ isSettled }) => !isSettled));
    slow.release();
    for (const { status } of await Promise.allSettled(lookups)) assert.equal(status, 'rejected');
  });

  it('ends when it is aborted or its time is over, and others go on', async (context) => {
    const slow = new SlowName(context);
    const aborter = new AbortController();
    const { signal } = aborter;
    const all = Array.from({ length: 4 }, () => promises.gethostbyaddr(slow.name, { signal }));
    const timed = promises.getfqdn(slow.name, { timeout: 0.001 });
    const other = promises.getservbyname('http');
    await assert.rejects(timed, { name: 'TimeoutError', message: 'timed out' });
    aborter.abort();
    for (const promise of all) await assert.rejects(promise, aborter.signal.reason);
    slow.release();
    assert.equal(await other, 80);
    assert.equal(await promises.getfqdn(slow.name), slow.name);
  });

  it('does not outlive its worker', async (context) => {
    const slow = new SlowName(context);
    const module = import.meta.resolve('#lib/resolve-promises.js');
    const worker = new Worker(
      `import(${JSON.stringify(module)}).then(({ gethostbyname }) => {
        const { parentPort } = require('node:worker_threads');
        for (let count = 0; count < 4; count += 1) {
          gethostbyname(${JSON.stringify(slow.name)}).finally(() => parentPort.postMessage('end'));
        }
        parentPort.postMessage('begun');
      })`,
      { eval: true },
    );
    assert.deepEqual(await once(worker, 'message'), ['begun']);
    const later: unknown[] = [];
    worker.on('message', (message) => later.push(message));
    const ended = worker.terminate();
    slow.release();
    assert.equal(await ended, 1);
    assert.deepEqual(later, []);
  });
});

describe('the address of a call', () => {
  const noHost: TargetOptions = { method: 'connect' };
  const same: readonly (readonly [what: string, family: number, address: unknown])[] = [
    ['has a numeric host', AF_INET, ['127.0.0.1', 7]],
    ['has a numeric host of IPv6', AF_INET6, ['fe80::1', 7, 0, 3]],
    ['has a host for which nothing is asked', AF_INET, ['', 7]],
    ['is the broadcast address', AF_INET, ['<broadcast>', 7]],
    ['is of a family without hosts', AF_UNIX, 'localhost'],
    ['is no tuple', AF_INET, 'localhost'],
    ['has too few items', AF_INET, ['localhost']],
    ['has too many items', AF_INET, ['localhost', 7, 0]],
    ['has a port of a wrong type', AF_INET, ['localhost', '7']],
    ['has a scope id out of range', AF_INET6, ['localhost', 7, 0, 2 ** 32]],
    ['has a host of a wrong type', AF_INET, [null, 7]],
    ['has a host with a NUL', AF_INET, ['local\0host', 7]],
    ['has a host that cannot be encoded', AF_INET, ['\ud800', 7]],
  ];
  for (const [what, family, address] of same) {
    it(`stays as it is when it ${what}`, () => {
      assert.equal(resolveTarget(family, address), address);
      assert.equal(resolveTarget(family, address), address);
    });
  }

  it('gets the numeric address of its host, and a range is checked later', async () => {
    const address = ['localhost', 70000];
    const promise = resolveTarget(AF_INET, address, noHost);
    address[0] = 'changed';
    assert.ok(promise instanceof Promise);
    assert.deepEqual(await promise, [resolve.gethostbyname('localhost'), 70000]);
    assert.deepEqual(await resolveTarget(AF_INET, [Buffer.from('127.1'), 7]), ['127.0.0.1', 7]);
    assert.deepEqual(await resolveTarget(AF_INET6, ['fe80::1%lo', 7, 1, 2]), ['fe80::1', 7, 1, 2]);
  });

  it('fails as the call would with a host that does not exist', async () => {
    const promise = resolveTarget(AF_INET, ['a..b', 7], noHost) as Promise<unknown>;
    await assert.rejects(promise, (error: errors.gaierror) => {
      assert.ok(error instanceof errors.gaierror);
      assert.deepEqual([error.code, error.syscall], ['EAI_NONAME', 'connect']);
      return true;
    });
  });

  it('is not waited for after an abort or a timeout', async () => {
    const reason = new Error('enough');
    const target = (options: TargetOptions) =>
      resolveTarget(AF_INET, ['localhost', 7], options) as Promise<unknown>;
    await assert.rejects(target({ signal: AbortSignal.abort(reason) }), reason);
    await assert.rejects(target({ timeout: 0 }), { name: 'TimeoutError', message: 'timed out' });
  });
});

it('survives any arguments in the addon', {
  skip: cannotOn({ deno: "Deno's Node-API throws for a bigint where a number is asked for" }),
}, () => {
  const values = [
    undefined,
    null,
    -1,
    1e300,
    10n ** 30n,
    '\ud800',
    'a\0b',
    {},
    Buffer.alloc(3),
    it,
  ];
  const { lookupAsync, needsLookup } = native as unknown as Record<
    string,
    (...given: unknown[]) => unknown
  >;
  for (const first of values) {
    for (const second of values) {
      assert.equal(typeof needsLookup?.(first, second), 'boolean');
      // A request that is none, and a good one without a function to call.
      assert.ok(Number(lookupAsync?.(first, second, second, 0, 0, 0, 0, assert.fail)) < 0);
      if (typeof second === 'function') continue;
      assert.ok(Number(lookupAsync?.(0, '127.0.0.1', null, 0, 0, 0, 0, second)) < 0);
    }
  }
});

after(() => assert.equal(process.env.HOSTALIASES, undefined));
