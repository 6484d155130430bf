// Arguments of every kind in every place: nothing is sent, lost or left open, and what comes out is
// an exception of the documented classes, or the caller's own.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import '../support/directory.js';
import { loose, notBytes, thrownBy } from '../support/exceptions.js';
import { assertSameDescriptors, openDescriptors } from '../support/leaks.js';
import { cannotOn } from '../support/runtime.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';

const X = Buffer.from('x');

/** What the values below throw when they are looked at. */
class Mine extends Error {}

function mine(): never {
  throw new Mine('mine');
}

/** A buffer without memory. */
function detached<T extends ArrayBufferView>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

/** A resizable buffer; the library of types is older than it. */
function resizable(length: number, maxByteLength: number) {
  const make = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  return new make(length, { maxByteLength });
}

const traps = new Proxy<ProxyHandler<object>>({}, { get: () => mine });
const getter = (name: PropertyKey) => Object.defineProperty({}, name, { get: mine });

/** Makes each of the odd values anew. */
const ODD: [name: string, make: () => unknown][] = [
  ['a symbol', () => Symbol('s')],
  ['a bigint', () => 5n],
  ['a huge bigint', () => 2n ** 70n],
  ['NaN', () => Number.NaN],
  ['infinity', () => Number.POSITIVE_INFINITY],
  ['a fraction', () => 1.5],
  ['2**53', () => 2 ** 53],
  ['minus 2**31', () => -(2 ** 31)],
  ['a function', () => mine],
  ['a class', () => Mine],
  ['null', () => null],
  ['text', () => 'x'],
  ['a lone surrogate', () => '\ud800'],
  ['an empty array', () => []],
  ['an array of symbols', () => [Symbol('a'), Symbol('b')]],
  ['an array of bigints', () => [2n ** 70n, -1n]],
  ['an array with holes', () => new Array(2)],
  ['an object', () => ({})],
  ['an object without prototype', () => Object.create(null)],
  ['an object with an odd constructor', () => ({ constructor: null, __proto__: new Mine() })],
  ['a date', () => new Date(0)],
  ['a map', () => new Map([[1, 2]])],
  ['a throwing valueOf', () => ({ valueOf: mine, toString: mine, [Symbol.toPrimitive]: mine })],
  ['a throwing constructor', () => Object.create(getter('constructor'))],
  ['a throwing iterator', () => ({ [Symbol.iterator]: mine })],
  ['a throwing getter', () => Object.setPrototypeOf(getter('fileno'), new (class Odd {})())],
  ['a throwing element', () => Object.defineProperty(['127.0.0.1', 0], 0, { get: mine })],
  ['a throwing proxy', () => new Proxy({}, traps)],
  ['a throwing proxy of an array', () => new Proxy([], traps)],
  ['a throwing proxy of bytes', () => new Proxy(new Uint8Array(1), traps)],
  ['an object that inherits from bytes', () => Object.create(Uint8Array.prototype)],
  ['detached bytes', () => detached(new Uint8Array(4))],
  ['a detached DataView', () => detached(new DataView(new ArrayBuffer(4)))],
  ['a detached ArrayBuffer', () => detached(new Uint8Array(4)).buffer],
  [
    'a view that its buffer has outgrown',
    () => {
      const buffer = resizable(8, 8);
      const view = new DataView(buffer, 4, 4);
      buffer.resize(2);
      return view;
    },
  ],
];

const ADDRESS = ['127.0.0.1', 9] as const;
const room = Buffer.alloc(4);

/** Every method with good arguments, which are replaced one at a time. */
const METHODS: [name: string, ...args: unknown[]][] = [
  ['bind', ADDRESS],
  ['connect', ADDRESS],
  ['connect_ex', ADDRESS],
  ['getsockopt', 1, 3, 4],
  ['setsockopt', 1, 2, 1],
  ['setsockopt', 1, 2, null, 0],
  ['listen', 1],
  ['recv', 1, 0],
  ['recv_into', room, 1, 0],
  ['recvfrom', 1, 0],
  ['recvfrom_into', room, 1, 0],
  ['recvmsg', 1, 0, 0],
  ['recvmsg_into', [room], 0, 0],
  ['send', X, 0],
  ['sendall', X, 0],
  ['sendto', X, ADDRESS],
  ['sendto', X, 0, ADDRESS],
  ['sendmsg', [X], [], 0, null],
  ['sendmsg', [X], [[1, 1, X]], 0, ADDRESS],
  ['sendfile', { read: () => Buffer.alloc(0) }, 0, 1],
  ['sendmsg_afalg', [X], { op: 1 }],
  ['setblocking', false],
  ['settimeout', 0],
  ['set_inheritable', false],
  ['shutdown', 0],
];

/** The arguments with one of them replaced: as a whole, or, in a list, one of its items. */
function* variants(args: readonly unknown[], odd: () => unknown): Generator<unknown[]> {
  for (const [index, argument] of args.entries()) {
    yield args.with(index, odd());
    if (!Array.isArray(argument)) continue;
    for (const inner of variants(argument, odd)) yield args.with(index, inner);
  }
}

// What is behind "Receiver" is what the iterator of such an object itself says in Bun.
const V8 =
  /^Cannot |^Invalid |^Method |^Receiver (?!should be a typed array view$)|is not a function|(?<!' object is )not iterable|is not an object|is not a constructor|of undefined|outside the bounds|on proxy|BigInt|detached ArrayBuffer/;

/** Whether an exception is one that the documentation knows, or the caller's. */
function isDocumented(error: unknown): boolean {
  if (error instanceof Mine) return true;
  if (!(error instanceof Error)) return false;
  if (error.constructor === TypeError) return !V8.test(error.message);
  return Object.values(socket).includes(error.constructor as never);
}

/** The exceptions of a call that nobody expects; what it opened is closed. */
function strangeness(what: string, call: () => unknown): string[] {
  try {
    const result = call();
    for (const item of [result].flat()) if (item instanceof socket.socket) item.close();
    return [];
  } catch (error) {
    return isDocumented(error) ? [] : [`${what}: ${error}`];
  }
}

describe('odd arguments', () => {
  for (const [name, ...good] of METHODS) {
    it(`of ${name}(${'.'.repeat(good.length)}) are refused or taken, and leak nothing`, () => {
      const before = openDescriptors();
      const strange: string[] = [];
      for (const [label, odd] of ODD) {
        for (const [index, args] of [...variants(good, odd)].entries()) {
          const [a, b] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM);
          const inet = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
          for (const sock of [a, b, inet]) sock.setblocking(false);
          const what = `${label}, variant ${index}`;
          for (const sock of [a, inet]) {
            let threw = true;
            strange.push(
              ...strangeness(what, () => {
                loose(sock)[name]?.(...args);
                threw = false;
              }),
            );
            if (!threw || sock !== a) continue;
            const received = thrownBy(() => b.recv(9));
            if (!received.startsWith('BlockingIOError')) strange.push(`${what}: was sent`);
          }
          for (const sock of [a, b, inet]) sock.close();
        }
      }
      assert.deepEqual(strange, []);
      assertSameDescriptors(before);
    });
  }

  it('of the functions are refused or taken, and leak nothing', (context) => {
    const [a, b] = pair(context);
    for (const sock of [a, b]) sock.setblocking(false);
    const before = openDescriptors();
    const strange: string[] = [];
    const calls: [name: string, ...args: unknown[]][] = [
      ['socketpair', 1, 1, 0],
      ['fromfd', a.fileno(), 1, 1, 0],
      ['create_connection', ['127.0.0.1', 1], 0, ['127.0.0.1', 0]],
      ['create_server', ['127.0.0.1', 0]],
      ['create_server', ['127.0.0.1', 0], { backlog: 1 }],
      ['send_fds', a, [X], [], 0],
      ['recv_fds', b, 1, 1, 0],
      ['CMSG_LEN', 1],
      ['CMSG_SPACE', 1],
      ['setdefaulttimeout', null],
      ['getaddrinfo', '127.0.0.1', 80, 0, 0, 0, 0],
      ['getnameinfo', ['127.0.0.1', 80], 3],
      ['inet_aton', '127.0.0.1'],
      ['inet_ntoa', Buffer.alloc(4)],
      ['inet_pton', 2, '127.0.0.1'],
      ['inet_ntop', 2, Buffer.alloc(4)],
      ['htons', 1],
      ['htonl', 1],
      ['if_nametoindex', 'lo'],
      ['if_indextoname', 1],
      ['getservbyname', 'http', 'tcp'],
      ['getservbyport', 80, 'tcp'],
      ['getprotobyname', 'tcp'],
    ];
    for (const [name, ...good] of calls) {
      for (const [label, odd] of ODD) {
        for (const [index, args] of [...variants(good, odd)].entries()) {
          const call = () => loose(socket)[name]?.(...args);
          strange.push(...strangeness(`${name} of ${label}, variant ${index}`, call));
        }
      }
    }
    socket.setdefaulttimeout(null);
    for (const [label, odd] of ODD) {
      for (const [index, args] of [...variants([2, 1, 0, null], odd)].entries()) {
        const construct = socket.socket as unknown as new (...given: unknown[]) => socket.socket;
        strange.push(
          ...strangeness(`socket of ${label}, variant ${index}`, () => new construct(...args)),
        );
      }
    }
    assert.deepEqual(strange, []);
    assertSameDescriptors(before);
  });
});

describe('memory', () => {
  const GONE = 'ValueError: operation forbidden on a detached buffer';

  it('that was transferred is refused', (context) => {
    const [a, b] = pair(context, socket.SOCK_DGRAM);
    b.setblocking(false);
    for (const make of [
      () => detached(new Uint8Array(4)),
      () => detached(new DataView(new ArrayBuffer(4))),
      () => detached(new Uint8Array(4)).buffer,
    ]) {
      assert.equal(
        thrownBy(() => a.send(make())),
        GONE,
      );
      assert.equal(
        thrownBy(() => a.sendall(make())),
        GONE,
      );
      assert.equal(
        thrownBy(() => a.sendmsg([X, make()])),
        GONE,
      );
      assert.equal(
        thrownBy(() => a.sendmsg([X], [[1, 1, make()]])),
        GONE,
      );
      assert.equal(
        thrownBy(() => a.setsockopt(1, 2, make())),
        GONE,
      );
      assert.equal(
        thrownBy(() => a.recv_into(make())),
        GONE,
      );
      assert.equal(
        thrownBy(() => a.recvmsg_into([room, make()])),
        GONE,
      );
    }
    assert.throws(() => b.recv(9), socket.BlockingIOError);
  });

  it('that goes away during the call neither crashes nor loses a message', (context) => {
    const [a, b] = pair(context, socket.SOCK_DGRAM);
    for (const sock of [a, b]) sock.setblocking(false);
    const documented = (what: string, call: () => unknown) =>
      assert.deepEqual(strangeness(what, call), []);
    function* vanishing(buffer: ArrayBuffer) {
      yield new Uint8Array(buffer);
      structuredClone(buffer, { transfer: [buffer] });
      yield new Uint8Array(1);
    }
    documented('sendmsg', () => a.sendmsg(vanishing(new ArrayBuffer(4096))));
    while (!thrownBy(() => b.recv(9)).startsWith('BlockingIOError'));
    a.send(X);
    documented('recvmsg_into', () => b.recvmsg_into(vanishing(new ArrayBuffer(4096))));
    function* shrinking() {
      const buffer = resizable(4096, 4096);
      yield new Uint8Array(buffer);
      buffer.resize(0);
    }
    documented('sendmsg of shrinking memory', () => a.sendmsg(shrinking()));
    while (!thrownBy(() => b.recv(9)).startsWith('BlockingIOError'));
    a.send(X);
    documented('recvmsg_into of shrinking memory', () => b.recvmsg_into(shrinking()));
    const data = new Uint8Array(4096);
    const address = Object.defineProperty(['', 9], 0, {
      get() {
        if (data.byteLength > 0) detached(data);
        return '127.0.0.1';
      },
    });
    const inet = udp(context);
    documented('sendto', () => loose(inet).sendto(data, address));
  });

  it('that can be resized is taken at the length it has', (context) => {
    const [a, b] = pair(context, socket.SOCK_DGRAM);
    const buffer = resizable(8, 16);
    const tracking = new Uint8Array(buffer);
    tracking.fill(120);
    buffer.resize(2);
    assert.equal(a.send(tracking), 2);
    assert.equal(a.send(buffer), 2);
    assert.equal(a.sendmsg([tracking, buffer]), 4);
    assert.deepEqual(
      ['xx', 'xx', 'xxxx'].map(() => b.recv(9).toString()),
      ['xx', 'xx', 'xxxx'],
    );
    a.send(Buffer.from('abcdef'));
    assert.equal(b.recv_into(tracking), 2);
    assert.equal(Buffer.from(tracking).toString(), 'ab');
  });

  it('that is shared is sent from and received into', (context) => {
    const [a, b] = pair(context, socket.SOCK_DGRAM);
    const shared = new SharedArrayBuffer(4);
    const view = new Uint8Array(shared);
    view.set(Buffer.from('abcd'));
    assert.equal(a.send(shared), 4);
    assert.equal(a.sendmsg([view, shared]), 8);
    assert.equal(b.recv(9).toString(), 'abcd');
    assert.equal(b.recv(9).toString(), 'abcdabcd');
    a.send(Buffer.from('xyz'));
    assert.equal(b.recv_into(shared), 3);
    assert.equal(Buffer.from(view).toString(), 'xyzd');
  });
});

describe('a size of gigabytes', () => {
  it('costs no gigabyte, and loses no data', {
    skip: cannotOn({ bun: 'Bun fills memory with zeros before it is used again' }),
  }, (context) => {
    const { client, accepted } = tcpPair(context);
    const before = process.memoryUsage.rss();
    const most = 256 * 2 ** 20;
    const receive: ((size: number | bigint) => Buffer)[] = [
      (size) => accepted.recv(size as number),
      (size) => accepted.recvfrom(size as number)[0],
      (size) => accepted.recvmsg(size as number)[0],
    ];
    for (const call of receive) {
      for (const size of [2 ** 30, 2 ** 31, 2 ** 32 + 1, 2 ** 40, 2 ** 53, 2n ** 62n]) {
        client.send(X);
        try {
          assert.deepEqual(call(size), X);
        } catch (error) {
          assert.ok(error instanceof socket.MemoryError, `${size}: ${error}`);
          assert.deepEqual(accepted.recv(9), X);
        }
        assert.ok(process.memoryUsage.rss() - before < most, `after ${size}`);
      }
      assert.match(
        thrownBy(() => call(2n ** 63n)),
        /^OverflowError: Python int too large to convert to C ssize_t$/,
      );
    }
  });

  it('of control messages is refused or works', (context) => {
    const [a, b] = pair(context);
    const before = process.memoryUsage.rss();
    a.send(X);
    assert.deepEqual(
      strangeness('recvmsg', () => assert.deepEqual(b.recvmsg(1, 2 ** 31 - 1)[0], X)),
      [],
    );
    assert.ok(process.memoryUsage.rss() - before < 256 * 2 ** 20);
  });
});

describe('an argument that is no memory', () => {
  it('is called by its type', (context) => {
    const sock = loose(closing(context, new socket.socket()));
    for (const [value, type] of [
      [Symbol('s'), 'symbol'],
      [5n, 'int'],
      [true, 'bool'],
      [undefined, 'NoneType'],
      [[], 'tuple'],
      [new Map(), 'Map'],
      [Object.create(null), 'object'],
      [() => 0, 'function'],
    ] as const) {
      assert.equal(
        thrownBy(() => sock.sendall(value, 0)),
        notBytes(type),
      );
    }
  });
});
