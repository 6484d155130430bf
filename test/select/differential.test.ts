// Wrong and unusual arguments of select and selectors, here and in python3: results and texts are
// equal.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as select from 'berkeley-sockets/select';
import { EpollSelector, PollSelector, SelectSelector } from 'berkeley-sockets/selectors';
import { answer, askPython, findPython, type Script } from '../support/python.js';

const MAKERS: Readonly<Record<string, () => object>> = {
  select: () => ({
    select: select.select,
    poll: select.poll,
    epoll: (...given: never[]) => new select.epoll(...given).close(),
  }),
  poll: () => select.poll(),
  epoll: () => new select.epoll(),
  closed: () => {
    const set = new select.epoll();
    set.close();
    return set;
  },
  ...selecting(SelectSelector),
  ...selecting(PollSelector),
  ...selecting(EpollSelector),
};

function selecting(Class: typeof SelectSelector | typeof PollSelector | typeof EpollSelector) {
  const make = () => new Class();
  const makeClosed = () => {
    const selector = make();
    selector.close();
    return selector;
  };
  return { [Class.name]: make, [`closed ${Class.name}`]: makeClosed };
}

// What has no close() gets one, because all that is made is closed.
const PYTHON_MAKERS = `(lambda select, selectors, shell, closed: {
    'select': lambda: shell(select, 'select', 'poll', 'epoll'),
    'poll': lambda: shell(select.poll(), 'register', 'modify', 'unregister', 'poll'),
    'epoll': select.epoll,
    'closed': lambda: closed(select.epoll()),
    **{n: getattr(selectors, n) for n in ('SelectSelector', 'PollSelector', 'EpollSelector')},
    **{'closed ' + n: (lambda n: lambda: closed(getattr(selectors, n)()))(n)
       for n in ('SelectSelector', 'PollSelector', 'EpollSelector')},
})(__import__('select'), __import__('selectors'),
   lambda o, *names: type('Shell', (), {
       'close': staticmethod(lambda: None), **{n: staticmethod(getattr(o, n)) for n in names}}),
   lambda o: (o.close(), o)[1])`;

/** Descriptors that are none. Python refuses a number that is no file; so does epoll only. */
const NO_DESCRIPTORS = ['a', null, 1.5, [], Buffer.of(1), -1, -(2 ** 31), 2n ** 40n, 2n ** 70n];
const TIMEOUTS = ['a', [], Number.NaN, 2n ** 70n, -(2n ** 70n), 1e300, -1e300, 2n ** 62n];
const INFINITE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const NUMBERS = ['a', null, 1.5, [], -1, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 70n];

function* scripts(): Generator<Script> {
  for (const value of NO_DESCRIPTORS) {
    yield ['select', ['select', [value], [], [], 0], ['select', [], [], [value], 0]];
    yield ['poll', ['register', value], ['modify', value, 1], ['unregister', value]];
    yield ['epoll', ['register', value], ['modify', value, 1], ['unregister', value]];
    for (const kind of ['SelectSelector', 'PollSelector', 'EpollSelector']) {
      const isFile = typeof value === 'bigint';
      if (!isFile) yield [kind, ['register', value, 1], ['get_key', value]];
      yield [kind, ['unregister', value], ['modify', value, 1]];
      yield [`closed ${kind}`, ['get_key', value], ['unregister', value], ['get_map']];
    }
  }
  for (const value of [...TIMEOUTS, ...INFINITE]) {
    yield ['select', ['select', [], [], [], value]];
    yield ['poll', ['poll', value]];
    yield ['epoll', ['poll', value], ['poll', value, 1]];
    yield ['closed', ['poll', value]];
  }
  for (const value of ['a', [], Number.NaN, Number.POSITIVE_INFINITY, 2n ** 70n, -1, 0]) {
    for (const kind of ['SelectSelector', 'PollSelector', 'EpollSelector']) {
      if (value !== 2n ** 70n || kind === 'SelectSelector') yield [kind, ['select', value]];
    }
  }
  for (const value of NUMBERS) {
    if (value !== -1 && value !== 2n ** 31n) yield ['select', ['epoll', value]];
    yield ['select', ['epoll', 1, value]];
    yield ['epoll', ['poll', 0, value], ['register', 99_999, value], ['modify', 99_999, value]];
    yield ['poll', ['register', 0, value], ['modify', 0, value]];
    for (const kind of ['SelectSelector', 'PollSelector', 'EpollSelector']) {
      if (value !== null) yield [kind, ['register', 0, value]];
    }
  }
  yield* counts();
}

/** Too few and too many arguments. */
function* counts(): Generator<Script> {
  for (const args of [[], [0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4]]) {
    yield ['select', ['select', ...args]];
    if (args.length > 0) yield ['select', ['poll', ...args]];
    if (args.length > 2) yield ['select', ['epoll', ...args]];
    for (const kind of ['poll', 'epoll']) {
      if (args.length !== 1 && args.length !== 2) yield [kind, ['register', ...args]];
      if (args.length > 1 || kind === 'poll') yield [kind, ['unregister', ...args]];
      yield [kind, ['modify', ...args]];
      if (args.length > 1) yield [kind, ['poll', ...args]];
    }
    for (const kind of ['SelectSelector', 'PollSelector', 'EpollSelector']) {
      if (args.length < 2 || args.length > 3) yield [kind, ['register', ...args]];
      yield [kind, ['modify', ...args], ['unregister', ...args], ['get_key', ...args]];
      if (args.length > 1) yield [kind, ['select', ...args]];
    }
  }
}

const python = process.platform === 'linux' ? findPython() : undefined;
// Many of the texts are others in other versions.
const skip = python?.minor === 13 ? false : 'needs Linux and Python 3.13';

it('gives and throws what python3 does', { skip }, () => {
  const all = [...scripts()];
  const theirs = askPython(python as NonNullable<typeof python>, PYTHON_MAKERS, all);
  const differences = all.flatMap(([kind, ...steps], index) => {
    const target = MAKERS[kind]?.() as { close?(): void };
    const ours = steps.map((step) => answer(target, step));
    target.close?.();
    const expected = theirs[index] ?? [];
    return ours.flatMap((seen, at) =>
      seen === expected[at] ? [] : [{ kind, step: steps[at], seen, expected: expected[at] }],
    );
  });
  assert.deepEqual(differences, []);
  assert.ok(all.length > 150, `only ${all.length} scripts`);
});
