// Arguments with which the fuzzer of the API got an error of the engine's, or of Node's, out of a
// call: each is refused with an exception that is documented.

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import * as interop from 'berkeley-sockets/interop';
import * as packet from 'berkeley-sockets/packet';
import * as promises from 'berkeley-sockets/promises';
import * as selectors from 'berkeley-sockets/selectors';
import * as socketserver from 'berkeley-sockets/socketserver';
import '../support/leaks.js';

type Loose = (...given: unknown[]) => unknown;
const loose = (call: unknown, self?: unknown): Loose => (call as Loose).bind(self);

/** Asserts that calls are refused with this class and text. */
function refuses(
  call: () => unknown,
  constructor: new (...given: never[]) => Error,
  text: RegExp | string,
): void {
  assert.throws(call, (error: Error) => {
    assert.equal(error.constructor, constructor, String(error.stack));
    if (typeof text === 'string') assert.equal(error.message, text);
    else assert.match(error.message, text);
    return true;
  });
}

describe('arguments of the wrong type', () => {
  it('of selector keys and mappings', () => {
    const key = new selectors.SelectorKey(3, 3, 1, null);
    const make = loose(selectors.SelectorKey._make, selectors.SelectorKey);
    refuses(() => make(5), TypeError, "'int' object is not iterable");
    refuses(
      () => loose(key._replace, key)(null),
      TypeError,
      '_replace() argument 1 must be dict, not None',
    );
    using selector = new selectors.SelectSelector();
    class Nameless {
      toString = () => [];
    }
    const nameless = new Nameless();
    refuses(
      () => loose(selector.unregister, selector)(nameless),
      socket.ValueError,
      'Invalid file object: <Nameless object>',
    );
    const [one, other] = socket.socketpair();
    selector.register(one, selectors.EVENT_READ);
    const mapping = selector.get_map();
    const forEach = loose(mapping?.forEach, mapping);
    refuses(() => forEach('visit'), TypeError, "'str' object is not callable");
    one.close();
    other.close();
  });

  it('of buffers: a size that is no integer', () => {
    const [one, other] = socket.socketpair();
    const raw = new socket.SocketIO(one, 'rwb');
    for (const [size, type] of [
      [Symbol('size'), 'symbol'],
      [1.5, 'float'],
      ['8', 'str'],
    ]) {
      const text = `'${String(type)}' object cannot be interpreted as an integer`;
      refuses(() => new socket.BufferedWriter(raw, size as never), TypeError, text);
    }
    one.close();
    other.close();
  });

  it('of control messages', () => {
    const text = 'a control message has a str for a name, not object';
    refuses(() => loose(ancillary.get)([], Object.create(null)), TypeError, text);
    refuses(() => loose(ancillary.encode)({}, 1), TypeError, /must be|has a str for a name/);
    refuses(() => loose(ancillary.space)(Symbol.iterator), TypeError, /not symbol/);
  });

  it('of a batch: an index that is no number, options that are none', () => {
    const batch = new socket.MessageBatch(2, 8);
    for (const index of [Object.create(null), Symbol('index'), { valueOf: null, toString: null }]) {
      refuses(() => batch.data(index), TypeError, /object cannot be interpreted as an integer/);
    }
    const make = () => new socket.MessageBatch(1, 1, null as never);
    refuses(make, TypeError, 'the options of a MessageBatch must be dict, not NoneType');
    refuses(() => batch.data(1n as never), socket.ValueError, 'no message 1 in the batch');
    refuses(() => batch.data(-1), socket.ValueError, 'no message -1 in the batch');
  });

  it('of the mix-ins of servers: what is no class of servers', () => {
    const { ThreadingMixIn, ForkingMixIn, AsyncMixIn } = socketserver;
    for (const [name, call] of Object.entries({ ThreadingMixIn, ForkingMixIn, AsyncMixIn })) {
      const mixIn = loose(call);
      const text = (type: string) => `${name}() argument 1 must be a class of servers, not ${type}`;
      refuses(() => mixIn(), TypeError, text('None'));
      refuses(() => mixIn(5), TypeError, text('int'));
      refuses(() => mixIn(() => 1), TypeError, text('function'));
      refuses(() => mixIn(class {}), TypeError, text('function'));
    }
  });

  it('of isMainProgram, constantName and the class of borrowed sockets', () => {
    const text = 'isMainProgram() argument 1 must be str, not int';
    refuses(() => loose(socketserver.isMainProgram)(5), TypeError, text);
    refuses(
      () => loose(socket.constantName)(undefined, 1),
      TypeError,
      'constantName() argument 1 must be an enumeration, not None',
    );
    refuses(
      () => loose(socket.constantName)(socket.SocketKind, Object.create(null)),
      TypeError,
      "'object' object cannot be interpreted as an integer",
    );
    const Borrowed = interop.BorrowedSocket as unknown as new (given: unknown) => object;
    refuses(() => new Borrowed(null), TypeError, 'cannot create BorrowedSocket objects');
  });

  it('of a summary: what is no decoded packet', () => {
    const text = 'summary() argument 1 must be what decode() gave';
    for (const value of [undefined, {}, { ethernet: 5 }, { tcp: {}, ipv4: {} }]) {
      refuses(() => loose(packet.summary)(value), TypeError, text);
    }
  });
});

describe('sendfile of a descriptor that cannot be read', () => {
  const send = (file: unknown) => {
    const [one, other] = socket.socketpair();
    try {
      one.settimeout(1);
      return loose(one.sendfile, one)(file);
    } finally {
      one.close();
      other.close();
    }
  };

  it('that is closed, or no number of one', () => {
    for (const fd of [-1, -2, 2 ** 31, 1.5]) {
      refuses(() => send({ fd }), socket.OSError, '[Errno 9] Bad file descriptor');
    }
  });

  it("that is a directory's, with Python's exception and not Node's", () => {
    const fd = openSync('.', 'r');
    try {
      refuses(() => send(fd), socket.IsADirectoryError, '[Errno 21] Is a directory');
    } finally {
      closeSync(fd);
    }
  });
});

describe('memory that has shrunk below a view', () => {
  const make = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };

  it('is refused as memory that is gone, by itself and as a list', () => {
    const memory = new make(16, { maxByteLength: 16 });
    const view = new Uint8Array(memory, 8, 4);
    const words = new Uint16Array(memory, 8, 2);
    const data = new DataView(memory, 8, 4);
    memory.resize(4);
    const [one, other] = socket.socketpair();
    const text = 'operation forbidden on a detached buffer';
    for (const gone of [view, words, data]) {
      refuses(() => one.send(gone), socket.ValueError, text);
      refuses(() => one.recv_into(gone), socket.ValueError, text);
    }
    refuses(() => one.recvmsg_into(view as never), socket.ValueError, text);
    refuses(() => one.sendmsg(words as never), socket.ValueError, text);
    refuses(() => ancillary.decode(view as never), socket.ValueError, text);
    refuses(() => ancillary.encode('SCM_RIGHTS', view as never), socket.ValueError, text);
    one.close();
    other.close();
  });
});

describe('values that have no text', () => {
  const nameless = Object.create(null);

  it('are not put into the texts of errors', () => {
    const file = new socketserver.BytesIO();
    const text = 'invalid whence (<object object>, should be 0, 1 or 2)';
    refuses(() => file.seek(0, nameless), socket.ValueError, text);
    const [one, other] = socket.socketpair();
    const stream = interop.toStream(one);
    const refused = 'a timeout must be a number of at least 0, not <object object>';
    refuses(() => stream.setTimeout(nameless), socket.ValueError, refused);
    stream.destroy();
    other.close();
    const options = [{ name: nameless }];
    const header = { protocol: 1, source: '192.0.2.1', destination: '192.0.2.2', options };
    refuses(
      () => loose(packet.ipv4.build)(header),
      socket.ValueError,
      /no option is called <object object>/,
    );
  });

  it('may be the mode of a file, if they have its letters', () => {
    const [one, other] = socket.socketpair();
    const letters = Object.assign(nameless, { [Symbol.iterator]: () => ['r', 'w'].values() });
    using file = one.makefile(letters) as never as { mode: string } & Disposable;
    assert.equal(file.mode, 'rw');
    one.close();
    other.close();
  });
});

describe('a server whose request or socket closes in time', () => {
  it('gives what closing comes to, so that no failure is lost', async () => {
    const server = new socketserver.TCPServer(['127.0.0.1', 0], null);
    const fails = {
      shutdown() {},
      close: async () => Promise.reject(new socket.ValueError('late')),
    };
    await assert.rejects(async () => server.close_request(fails as never), /late/);
    await assert.rejects(async () => server.shutdown_request(fails as never), /late/);
    server.socket = fails as never;
    await assert.rejects(async () => server.server_close(), /late/);
  });
});

describe('an object of the promise flavour where a blocking one is needed', () => {
  it('is refused, and the promise that it gave does not end the program when it fails', async () => {
    const lost: unknown[] = [];
    const note = (error: unknown) => void lost.push(error);
    process.on('unhandledRejection', note);
    const [near, far] = promises.socketpair();
    const [one, other] = socket.socketpair();
    one.settimeout(1);
    const file = near.makefile('rwb');
    const text = "memoryview: a bytes-like object is required, not 'Promise'";
    refuses(() => one.sendfile(file as never), TypeError, text);
    const raw = new socket.SocketIO(near as never, 'rb');
    const number = "'Promise' object cannot be interpreted as an integer";
    refuses(() => raw.readinto(Buffer.alloc(4)), TypeError, number);
    await file.close();
    for (const each of [near, far, one, other]) each.close();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(lost, []);
  });
});
