// The three selectors: registering, changing, selecting, closing; what all do alike and what not.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as selectors from 'berkeley-sockets/selectors';
import { assertRefusals, loose, thrownBy } from '../support/exceptions.js';
import { closedNumber, readablePair, timed, withFileno, X } from '../support/selecting.js';
import { closing, pair } from '../support/sockets.js';

const { EVENT_READ, EVENT_WRITE, EpollSelector, PollSelector, SelectSelector } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

for (const Class of [SelectSelector, PollSelector, EpollSelector]) {
  suite(Class.name, () => {
    test('gives a key for what is registered', (context) => {
      const [a] = pair(context);
      const selector = closing(context, new Class());
      const key = selector.register(a, EVENT_READ, 'data');
      assert.equal(key.fileobj, a);
      assert.deepEqual([key.fd, key.events, key.data], [a.fileno(), EVENT_READ, 'data']);
      assert.equal(selector.get_key(a), key);
      assert.equal(selector.get_key(a.fileno()), key);
      assert.equal(selector.register(pair(context)[0].fileno(), BOTH).data, null);
    });

    test('refuses events that there are not', (context) => {
      const [a] = pair(context);
      const selector = loose(closing(context, new Class()));
      const events: readonly (readonly [unknown, string])[] = [
        [0, 'ValueError: Invalid events: 0'],
        [4, 'ValueError: Invalid events: 4'],
        [7, 'ValueError: Invalid events: 7'],
        [-1, 'ValueError: Invalid events: -1'],
        ['x', "TypeError: unsupported operand type(s) for &: 'str' and 'int'"],
        [1.5, "TypeError: unsupported operand type(s) for &: 'float' and 'int'"],
        [null, 'ValueError: Invalid events: None'],
      ];
      for (const [event, text] of events) {
        assert.equal(
          thrownBy(() => selector.register?.(a, event)),
          text,
        );
      }
    });

    test('refuses what is registered already, and what is not', (context) => {
      const [a, b] = pair(context);
      const fd = a.fileno();
      const selector = closing(context, new Class());
      selector.register(a, EVENT_READ);
      const missing = `KeyError: '${b} is not registered'`;
      assertRefusals(selector, [
        [
          'object',
          (target) => target.register(a, 1),
          `KeyError: '${a} (FD ${fd}) is already registered'`,
        ],
        [
          'number',
          (target) => target.register(fd, 2),
          `KeyError: '${fd} (FD ${fd}) is already registered'`,
        ],
        ['unregister', (target) => target.unregister(b), missing],
        ['modify', (target) => target.modify(b, 1), missing],
        ['get_key', (target) => target.get_key(b), missing],
      ]);
    });

    test('refuses what has no descriptor', (context) => {
      const selector = loose(closing(context, new Class()));
      const closed = new socket.socket();
      closed.close();
      const invalid: readonly (readonly [unknown, string])[] = [
        ['x', "ValueError: Invalid file object: 'x'"],
        [-1, 'ValueError: Invalid file descriptor: -1'],
        [null, 'ValueError: Invalid file object: None'],
        [1.5, 'ValueError: Invalid file object: 1.5'],
        [closed, 'ValueError: Invalid file descriptor: -1'],
        [withFileno('x'), 'ValueError: Invalid file object: <Object object>'],
        [withFileno(null), 'ValueError: Invalid file object: <Object object>'],
        [withFileno(-1), 'ValueError: Invalid file descriptor: -1'],
        [
          withFileno(new socket.ValueError('v')),
          'ValueError: Invalid file object: <Object object>',
        ],
        [withFileno(new socket.OSError('o')), 'OSError: o'],
        [withFileno(new socket.KeyError("'k'")), "KeyError: 'k'"],
        [
          withFileno(Number.POSITIVE_INFINITY),
          'OverflowError: cannot convert float infinity to integer',
        ],
      ];
      for (const [fileobj, text] of invalid) {
        assert.equal(
          thrownBy(() => selector.register?.(fileobj, EVENT_READ)),
          text,
        );
        assert.equal(
          thrownBy(() => selector.unregister?.(fileobj)),
          text,
        );
        assert.equal(
          thrownBy(() => selector.get_key?.(fileobj)),
          text,
        );
      }
    });

    test('takes from fileno() what int() takes', (context) => {
      const [a] = readablePair(context);
      const selector = loose(closing(context, new Class()));
      const fd = a.fileno();
      for (const number of [`${fd}`, ` ${fd} `, BigInt(fd), fd + 0.5]) {
        const fileobj = withFileno(number);
        selector.register?.(fileobj, EVENT_READ);
        assert.equal((selector.get_key?.(fd) as { fd: number } | undefined)?.fd, fd);
        selector.unregister?.(fileobj);
      }
    });

    test('finds an object that was closed', (context) => {
      const [a] = pair(context);
      const selector = closing(context, new Class());
      const key = selector.register(a, EVENT_READ, 'd');
      a.close();
      assert.equal(selector.get_key(a), key);
      assert.equal(selector.unregister(a), key);
      assert.equal(selector.get_map()?.size, 0);
    });

    test('tells what is ready of what was asked for', (context) => {
      const [a, b] = readablePair(context);
      const selector = closing(context, new Class());
      const key = selector.register(a, BOTH, 'A');
      selector.register(b, EVENT_READ);
      assert.deepEqual(selector.select(0), [[key, BOTH]]);
      const other = selector.modify(a, EVENT_WRITE);
      assert.deepEqual(selector.select(), [[other, EVENT_WRITE]]);
      assert.deepEqual(selector.select(5), [[other, EVENT_WRITE]]);
    });

    test('tells of each of many, every time', (context) => {
      const selector = closing(context, new Class());
      for (let count = 0; count < 3; count += 1) selector.register(pair(context)[0], EVENT_WRITE);
      assert.equal(selector.select(0).length, 3);
      assert.equal(selector.select(0).length, 3);
    });

    test('tells of a hang-up as of both', (context) => {
      const [a, b] = pair(context);
      const selector = closing(context, new Class());
      selector.register(a, EVENT_READ);
      b.close();
      assert.equal(selector.select(5)[0]?.[1], EVENT_READ);
      selector.modify(a, BOTH);
      assert.equal(selector.select(5)[0]?.[1], BOTH);
    });

    test('changes what is attached without asking the system', (context) => {
      const [a] = pair(context);
      const selector = closing(context, new Class());
      const key = selector.register(a, EVENT_READ, 'd');
      const changed = selector.modify(a, BOTH, 'e');
      assert.notEqual(changed, key);
      assert.deepEqual([changed.events, changed.data], [BOTH, 'e']);
      assert.equal(selector.modify(a, BOTH, 'e'), changed);
      assert.equal(selector.modify(a, BOTH).data, null);
      assert.equal(selector.get_key(a).data, null);
      assert.equal(selector.get_key(a).fileobj, a);
    });

    test('waits the time that it is given, and not at all below 0', (context) => {
      const [a] = pair(context);
      const selector = closing(context, new Class());
      const [nothing, sleep] = timed(() => selector.select(0.05));
      assert.deepEqual(nothing, []);
      assert.ok(sleep >= 49, `${sleep} ms`);
      selector.register(a, EVENT_READ);
      for (const timeout of [0, -1, Number.NEGATIVE_INFINITY]) {
        assert.deepEqual(selector.select(timeout), []);
      }
      const [, tiny] = timed(() => selector.select(1e-5));
      assert.ok(tiny >= 0.9, `${tiny} ms`);
      assert.deepEqual(loose(selector).select?.({ timeout: 0 }), []);
    });

    test('knows no more when it is closed', (context) => {
      const [a, b] = pair(context);
      const selector = new Class();
      selector.register(a, EVENT_READ);
      const map = selector.get_map();
      selector.close();
      assert.deepEqual([selector.get_map(), map?.size], [null, 0]);
      assert.equal(
        thrownBy(() => selector.get_key(a)),
        'RuntimeError: Selector is closed',
      );
      assert.equal(
        thrownBy(() => selector.unregister(a)),
        `KeyError: '${a} is not registered'`,
      );
      const closed = 'ValueError: I/O operation on closed epoll object';
      const isEpoll = Class === EpollSelector;
      assert.equal(
        thrownBy(() => selector.select(0)),
        isEpoll ? closed : 'nothing',
      );
      assert.equal(
        thrownBy(() => selector.register(b, 1)),
        isEpoll ? closed : 'nothing',
      );
      selector.close();
    });

    test('is closed by using', () => {
      const selector = new Class();
      {
        using inside = selector;
        assert.notEqual(inside.get_map(), null);
      }
      assert.equal(selector.get_map(), null);
    });

    test('attaches any object, and takes keywords', (context) => {
      const [a] = pair(context);
      const selector = loose(closing(context, new Class()));
      const state = { data: 1, more: 2 };
      const data = (key: unknown) => (key as { data: unknown }).data;
      assert.equal(data(selector.register?.(a, EVENT_READ, state)), state);
      assert.equal(data(selector.modify?.(a, EVENT_READ, { data: 'named' })), 'named');
      assert.equal(data(selector.modify?.({ fileobj: a, events: BOTH, data: 3 })), 3);
      assert.equal(data(selector.modify?.(a, { events: BOTH })), null);
      assert.equal(data(selector.get_key?.({ fileobj: a })), null);
      assert.equal(data(selector.unregister?.({ fileobj: a })), null);
      const bare = withFileno(a.fileno());
      selector.register?.(bare, EVENT_READ);
      assert.equal(data(selector.unregister?.(bare)), null);
    });

    test('counts its arguments as Python does', (context) => {
      const title = Class === SelectSelector ? 'SelectSelector' : '_PollLikeSelector';
      const owner = Class === PollSelector ? title : Class.name;
      const selector = loose(closing(context, new Class()));
      assertRefusals(selector, [
        [
          'none',
          (target) => target.register?.(),
          `TypeError: ${title}.register() missing 2 required positional arguments: 'fileobj' and 'events'`,
        ],
        [
          'five',
          (target) => target.register?.(1, 2, 3, 4),
          `TypeError: ${title}.register() takes from 3 to 4 positional arguments but 5 were given`,
        ],
        [
          'another name',
          (target) => target.register?.(0, 1, { foo: 1, bar: 2 }, 5),
          `TypeError: ${title}.register() takes from 3 to 4 positional arguments but 5 were given`,
        ],
        [
          'a name',
          (target) => target.register?.(0, { event: 1 }),
          `TypeError: ${title}.register() got an unexpected keyword argument 'event'`,
        ],
        [
          'no key',
          (target) => target.get_key?.(),
          "TypeError: BaseSelector.get_key() missing 1 required positional argument: 'fileobj'",
        ],
        [
          'two timeouts',
          (target) => target.select?.(1, 2),
          `TypeError: ${owner}.select() takes from 1 to 2 positional arguments but 3 were given`,
        ],
      ]);
    });

    test('refuses timeouts that are none, with the texts of Python', (context) => {
      const selector = loose(closing(context, new Class()));
      const isSelect = Class === SelectSelector;
      const texts: readonly (readonly [unknown, string, string])[] = [
        [
          'a',
          "TypeError: '>' not supported between instances of 'int' and 'str'",
          "TypeError: '<=' not supported between instances of 'str' and 'int'",
        ],
        [
          Number.NaN,
          'ValueError: Invalid value NaN (not a number)',
          'ValueError: cannot convert float NaN to integer',
        ],
        [
          Number.POSITIVE_INFINITY,
          'OverflowError: timestamp out of range for platform time_t',
          'OverflowError: cannot convert float infinity to integer',
        ],
      ];
      for (const [timeout, ofSelect, ofOthers] of texts) {
        assert.equal(
          thrownBy(() => selector.select?.(timeout)),
          isSelect ? ofSelect : ofOthers,
        );
      }
    });

    test('leaves alone what is unregistered while others are told of', (context) => {
      const [a] = readablePair(context);
      const [b] = readablePair(context);
      const selector = closing(context, new Class());
      selector.register(a, EVENT_READ);
      selector.register(b, EVENT_READ);
      selector.unregister(a);
      assert.deepEqual(
        selector.select(0).map(([key]) => key.fileobj === b),
        [true],
      );
    });
  });
}

suite('what differs', () => {
  test('only epoll looks at a descriptor that is registered', (context) => {
    const selector = closing(context, new EpollSelector());
    const fd = closedNumber();
    for (const Class of [SelectSelector, PollSelector]) {
      assert.equal(closing(context, new Class()).register(fd, EVENT_READ).fd, fd);
    }
    assert.throws(() => selector.register(fd, EVENT_READ), { code: 'EBADF' });
    assert.equal(selector.get_map()?.size, 0);
  });

  test('a descriptor closed behind its back is an error, readable, or gone', (context) => {
    const told = [SelectSelector, PollSelector, EpollSelector].map((Class) => {
      const [a] = pair(context);
      const selector = closing(context, new Class());
      selector.register(a, EVENT_READ);
      socket.close(a.detach());
      return thrownBy(() => selector.select(0)) === 'nothing' ? selector.select(0).length : 'error';
    });
    assert.deepEqual(told, ['error', 1, 0]);
  });

  test('modify() with events that there are not loses the object in SelectSelector only', (context) => {
    for (const Class of [SelectSelector, PollSelector, EpollSelector]) {
      const [a] = pair(context);
      const selector = closing(context, new Class());
      selector.register(a, BOTH);
      const isSelect = Class === SelectSelector;
      const text = thrownBy(() => selector.modify(a, 8));
      assert.equal(text, isSelect ? 'ValueError: Invalid events: 8' : 'nothing');
      assert.equal(selector.get_map()?.has(a), !isSelect);
      if (!isSelect) assert.deepEqual([selector.get_key(a).events, selector.select(0)], [8, []]);
    }
  });

  test('only EpollSelector has a descriptor of its own', (context) => {
    const selector = closing(context, new EpollSelector());
    assert.ok(selector.fileno() >= 0);
    assert.equal('fileno' in PollSelector.prototype || 'fileno' in SelectSelector.prototype, false);
  });
});

suite('get_map()', () => {
  test('is a view that is like a Map and knows objects, too', (context) => {
    const [a, b] = pair(context);
    const selector = closing(context, new selectors.DefaultSelector());
    const map = selector.get_map();
    assert.ok(map);
    const key = selector.register(a, EVENT_READ);
    const fd = a.fileno();
    assert.equal(map.size, 1);
    assert.deepEqual(
      [map.get(a), map.get(fd), map.get(b), map.get(b, 5)],
      [key, key, undefined, 5],
    );
    assert.deepEqual([map.has(a), map.has(fd), map.has(b)], [true, true, false]);
    assert.deepEqual([[...map.keys()], [...map.values()]], [[fd], [key]]);
    assert.deepEqual([...map], [...map.entries()]);
    const visited: unknown[] = [];
    map.forEach((value, number) => void visited.push([number, value]));
    assert.deepEqual(visited, [[fd, key]]);
    for (const call of [() => map.get('x'), () => map.has('x')]) {
      assert.equal(thrownBy(call), "ValueError: Invalid file object: 'x'");
    }
    assert.equal(
      thrownBy(() => map.get(-1)),
      'ValueError: Invalid file descriptor: -1',
    );
  });
});

suite('SelectorKey', () => {
  const key = new selectors.SelectorKey(1, 2, 3, { name: 'x' });

  test('can be taken apart and shown', () => {
    const [fileobj, fd, events, data] = key;
    assert.deepEqual([fileobj, fd, events, data], [1, 2, 3, { name: 'x' }]);
    assert.equal(
      String(new selectors.SelectorKey(1, 2, 3, 'd')),
      "SelectorKey(fileobj=1, fd=2, events=3, data='d')",
    );
  });

  test('cannot be changed, only copied with other fields', () => {
    assert.throws(() => Object.assign(key, { fd: 5 }), TypeError);
    assert.deepEqual([...key._replace({ data: 9 as never })], [1, 2, 3, 9]);
    assert.deepEqual(key._asdict(), { fileobj: 1, fd: 2, events: 3, data: { name: 'x' } });
    assert.deepEqual([...selectors.SelectorKey._make([4, 4, 1, null])], [4, 4, 1, null]);
    assert.deepEqual(selectors.SelectorKey._fields, ['fileobj', 'fd', 'events', 'data']);
    assert.equal(key.constructor.name, 'SelectorKey');
    assert.equal(
      thrownBy(() => key._replace({ x: 1 } as never)),
      "TypeError: Got unexpected field names: ['x']",
    );
    assert.equal(
      thrownBy(() => selectors.SelectorKey._make([1])),
      'TypeError: Expected 4 arguments, got 1',
    );
  });

  test('has all of its fields', () => {
    const make = selectors.SelectorKey as unknown as new (...given: unknown[]) => unknown;
    assert.equal(
      thrownBy(() => new make(1, 2)),
      "TypeError: SelectorKey.__new__() missing 2 required positional arguments: 'events' and 'data'",
    );
    assert.equal(
      thrownBy(() => new make(1, 2, 3, 4, 5)),
      'TypeError: SelectorKey.__new__() takes 5 positional arguments but 6 were given',
    );
  });
});

suite('BaseSelector', () => {
  test('is no selector by itself', () => {
    const Base = selectors.BaseSelector as unknown as new () => unknown;
    assert.equal(
      thrownBy(() => new Base()),
      "TypeError: Can't instantiate abstract class BaseSelector without an implementation for " +
        "abstract methods 'get_map', 'register', 'select', 'unregister'",
    );
  });

  test('is the base of all, and gives those of the program get_key(), modify() and using', (context) => {
    for (const Class of [SelectSelector, PollSelector, EpollSelector]) {
      assert.ok(Class.prototype instanceof selectors.BaseSelector);
    }
    assert.equal(selectors.DefaultSelector, EpollSelector);
    class Own extends selectors.BaseSelector {
      readonly inner = closing(context, new PollSelector());
      isClosed = false;
      override register(...given: [never, number, unknown?]) {
        return this.inner.register(...given);
      }
      override unregister(fileobj: never) {
        return this.inner.unregister(fileobj);
      }
      override select(timeout?: number | null) {
        return this.inner.select(timeout);
      }
      override get_map() {
        return this.inner.get_map();
      }
      override close(): void {
        this.isClosed = true;
      }
    }
    const [a, b] = pair(context);
    const own = new Own();
    {
      using selector = own;
      selector.register(a as never, EVENT_READ, 1);
      assert.equal(selector.modify(a, EVENT_WRITE, 2).data, 2);
      assert.equal(selector.get_key(a).events, EVENT_WRITE);
      assert.equal(
        thrownBy(() => selector.get_key(b)),
        `KeyError: '${b} is not registered'`,
      );
      b.send(X);
      assert.equal(selector.select(0)[0]?.[1], EVENT_WRITE);
    }
    assert.equal(own.isClosed, true);
  });
});
