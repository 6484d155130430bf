// The file objects of makefile(): layers, modes, reading, writing, text, timeouts and closing.

import './support/leaks.js';
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import type { socket } from 'berkeley-sockets';
import {
  BlockingIOError,
  type BufferedReader,
  ConnectionError,
  LookupError,
  OSError,
  SocketIO,
  TimeoutError,
  UnicodeDecodeError,
  UnicodeEncodeError,
  UnsupportedOperation,
  ValueError,
} from 'berkeley-sockets';
import type { FileMode, FileOf } from '#lib/io/open.js';
import type { TextOptions } from '#lib/io/text.js';
import { pair, tcpPair } from './support/sockets.js';

function open<M extends FileMode = 'r', B extends number | null = null>(
  context: TestContext,
  sock: socket<number>,
  mode?: M,
  buffering?: B,
  options?: TextOptions,
): FileOf<M, B> {
  const file = sock.makefile(mode, buffering, options);
  context.after(() => {
    try {
      file.close();
    } catch {
      // The test has left something unsent on purpose.
    }
  });
  return file;
}

/** Errors are told apart by class and whole text. */
function refusal(type: new (...args: never[]) => Error, message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof type, inspect(error));
    assert.equal(error.message, message);
    return true;
  };
}

const bytes = (text: string): Buffer => Buffer.from(text);
const raw = (sock: socket<number>, mode: string) => () => sock.makefile(mode as FileMode);

test('each mode gives its class, and says what the file can do', (t) => {
  const [sock] = pair(t);
  const table: [FileMode, string, string | undefined, boolean, boolean][] = [
    ['r', 'TextIOWrapper', 'r', true, false],
    ['w', 'TextIOWrapper', 'w', false, true],
    ['rw', 'TextIOWrapper', 'rw', true, true],
    ['wr', 'TextIOWrapper', 'wr', true, true],
    ['', 'TextIOWrapper', '', true, false],
    ['b', 'BufferedReader', 'rb', true, false],
    ['br', 'BufferedReader', 'rb', true, false],
    ['wb', 'BufferedWriter', 'wb', false, true],
    ['rwb', 'BufferedRWPair', undefined, true, true],
  ];
  for (const [mode, name, shown, readable, writable] of table) {
    const file = open(t, sock, mode as FileMode);
    assert.equal(file.constructor.name, name);
    assert.equal((file as { mode?: string }).mode, shown);
    assert.deepEqual([file.readable(), file.writable()], [readable, writable], mode);
    assert.deepEqual([file.seekable(), file.isatty()], [false, false]);
  }
});

test('invalid modes, unbuffered text and unknown encodings are refused without a trace', (t) => {
  const [sock] = pair(t);
  for (const mode of ['a', 'x', 'r+', 'rt', 'U', 'rbx']) {
    const text = `invalid mode '${mode}' (only r, w, b allowed)`;
    assert.throws(raw(sock, mode), refusal(ValueError, text));
  }
  const make =
    (...args: unknown[]) =>
    () =>
      Reflect.apply(sock.makefile, sock, args);
  assert.throws(make(null), refusal(TypeError, "'NoneType' object is not iterable"));
  assert.throws(make(5), refusal(TypeError, "'int' object is not iterable"));
  const compared = "'<' not supported between instances of 'str' and 'int'";
  assert.throws(make('rb', 'x'), refusal(TypeError, compared));
  assert.throws(make('r', 0), refusal(ValueError, 'unbuffered streams must be binary'));
  const encoding = 'nosuch';
  assert.throws(make('r', -1, { encoding }), refusal(LookupError, 'unknown encoding: nosuch'));
  const newline = refusal(ValueError, 'illegal newline value: x');
  assert.throws(make('r', -1, { newline: 'x' }), newline);
  assert.equal(sock._io_refs, 0);
});

test('files put the closing of the socket off until the last one is closed', (t) => {
  const [sock, peer] = pair(t);
  const reader = open(t, sock, 'rb');
  const writer = open(t, sock, 'wb');
  assert.equal(sock._io_refs, 2);
  sock.close();
  assert.ok(sock.fileno() >= 0);
  assert.equal(sock.send(bytes('still')), 5);
  reader.close();
  reader.close();
  assert.equal(sock._io_refs, 1);
  writer.close();
  assert.equal(sock.fileno(), -1);
  assert.deepEqual(peer.recv(9), bytes('still'));
});

test('closing a file leaves an open socket open, and detaching does not wait for files', (t) => {
  const [sock] = pair(t);
  open(t, sock, 'rb').close();
  assert.equal(sock._io_refs, 0);
  const file = open(t, sock, 'rb');
  const [other] = pair(t);
  const fd = sock.detach();
  t.after(() => new (other.constructor as typeof socket)({ fileno: fd }).close());
  assert.equal(file.fileno(), -1);
  assert.throws(() => file.read(1), refusal(OSError, '[Errno 9] Bad file descriptor'));
});

test('a closed SocketIO refuses everything but its name, mode, and closing', (t) => {
  const [sock] = pair(t);
  const file = open(t, sock, 'rb', 0);
  file.close();
  const closedSocket = refusal(ValueError, 'I/O operation on closed socket.');
  const closedFile = refusal(ValueError, 'I/O operation on closed file.');
  assert.throws(() => file.readable(), closedSocket);
  assert.throws(() => file.writable(), closedSocket);
  assert.throws(() => file.seekable(), closedSocket);
  assert.throws(() => file.fileno(), closedFile);
  assert.throws(() => file.read(1), closedFile);
  assert.throws(() => file.readinto(Buffer.alloc(1)), closedFile);
  assert.throws(() => file.write(bytes('')), closedFile);
  assert.throws(() => file.flush(), closedFile);
  assert.deepEqual([file.name, file.mode, file.closed], [-1, 'rb', true]);
});

test('SocketIO takes exactly six modes, and made by hand does not count', (t) => {
  const [sock] = pair(t);
  for (const mode of ['x', 'br', '']) {
    const make = () => new SocketIO(sock, mode as 'r');
    assert.throws(make, refusal(ValueError, `invalid mode: '${mode}'`));
  }
  const file = new SocketIO(sock, 'rw');
  assert.deepEqual([file.mode, sock._io_refs], ['rwb', 0]);
  file.close();
  assert.equal(sock._io_refs, 0);
  assert.ok(sock.fileno() >= 0);
});

test('an unbuffered file leaves what follows a line in the socket', (t) => {
  const [sock, peer] = pair(t);
  peer.sendall(bytes('A. one\nB. two\n'));
  assert.deepEqual(open(t, sock, 'rb', 0).readline(), bytes('A. one\n'));
  assert.deepEqual(open(t, sock, 'rb', 0).readline(4), bytes('B. t'));
  assert.deepEqual(sock.recv(9), bytes('wo\n'));
});

test('a buffered reader serves reads, lines, peeks and memory of the caller', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'rb');
  peer.sendall(bytes('abc\ndefg\nhijk'));
  peer.close();
  assert.deepEqual(file.read(1), bytes('a'));
  assert.deepEqual(file.peek(), bytes('bc\ndefg\nhijk'));
  assert.deepEqual(file.readline(), bytes('bc\n'));
  assert.deepEqual(file.readline(2), bytes('de'));
  assert.deepEqual(file.read1(2), bytes('fg'));
  const target = new Uint16Array(2);
  assert.equal(file.readinto(target), 4);
  assert.deepEqual(Buffer.from(target.buffer), bytes('\nhij'));
  assert.deepEqual([file.read(), file.read(), file.readline()], [bytes('k'), bytes(''), bytes('')]);
  assert.equal(file.readinto(target.buffer), 0);
});

test('a read larger than the buffer, with a tiny buffer, collects until it is complete', (t) => {
  for (const size of [1, 2, 3, 4096]) {
    const [sock, peer] = pair(t);
    const file = open(t, sock, 'rb', size);
    const sent = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
    peer.sendall(sent);
    peer.close();
    assert.deepEqual(file.read(5000), sent.subarray(0, 5000));
    const rest = Buffer.alloc(4000);
    assert.equal(file.readinto(rest), 4000);
    assert.deepEqual(rest, sent.subarray(5000, 9000));
    assert.deepEqual(file.read(5000), sent.subarray(9000));
  }
});

test('files are iterated line by line, and a loop that ends early loses none', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'rb');
  peer.sendall(bytes('a\nb\nc'));
  peer.close();
  for (const line of file) {
    assert.deepEqual(line, bytes('a\n'));
    break;
  }
  assert.deepEqual([...file], [bytes('b\n'), bytes('c')]);
});

test('readlines stops when the lines are as long as the hint', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'rb');
  peer.sendall(bytes('a\nbcd\ne\nf\n'));
  peer.close();
  assert.deepEqual(file.readlines(2), [bytes('a\n'), bytes('bcd\n')]);
  assert.deepEqual(file.readlines(), [bytes('e\n'), bytes('f\n')]);
});

test('a timeout while reading ends all reading from that file, not from another', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'rb');
  const writer = open(t, sock, 'wb');
  sock.settimeout(0.01);
  assert.throws(() => file.read(1), refusal(TimeoutError, 'timed out'));
  peer.sendall(bytes('x'));
  const refused = refusal(OSError, 'cannot read from timed out object');
  assert.throws(() => file.read(1), refused);
  assert.throws(() => file.readline(), refused);
  assert.deepEqual(open(t, sock, 'rb', 0).read(1), bytes('x'));
  assert.equal(writer.write(bytes('y')), 1);
});

test('a timeout while writing does not end the writing', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'wb', 0);
  sock.settimeout(0.01);
  const chunk = Buffer.alloc(1 << 20);
  const fill = () => {
    for (;;) file.write(chunk);
  };
  assert.throws(fill, refusal(TimeoutError, 'timed out'));
  assert.throws(fill, refusal(TimeoutError, 'timed out'));
  peer.setblocking(false);
  assert.throws(() => {
    for (;;) peer.recv(1 << 20);
  }, BlockingIOError);
  assert.equal(file.write(bytes('abc')), 3);
});

test('nothing to read on a non-blocking socket is null, but lines of a raw file break', (t) => {
  const [sock] = pair(t);
  sock.setblocking(false);
  const file = open(t, sock, 'rb', 0);
  const results = [file.read(1), file.readinto(Buffer.alloc(4)), file.readall(), file.read()];
  assert.deepEqual(results, [null, null, null, null]);
  const text = "read() should have returned a bytes object, not 'NoneType'";
  assert.throws(() => file.readline(), refusal(OSError, text));
  const buffered = open(t, sock, 'rb');
  assert.deepEqual(
    [buffered.read(1), buffered.read(), buffered.readinto(Buffer.alloc(2))],
    [null, null, null],
  );
  assert.deepEqual([buffered.read1(1), buffered.readline(), buffered.peek()].join(), ',,');
});

test('a short read comes before null, and a line in parts is not lost', (t) => {
  const [sock, peer] = pair(t);
  sock.setblocking(false);
  const file = open(t, sock, 'rb');
  peer.sendall(bytes('ab'));
  assert.deepEqual([file.read(5), file.read(5)], [bytes('ab'), null]);
  const both = open(t, sock, 'rwb');
  peer.sendall(bytes('half'));
  assert.throws(() => both.readline(), OSError);
  peer.sendall(bytes(' done\n'));
  assert.deepEqual(both.readline(), bytes('half done\n'));
});

test('a buffered writer sends when it is full, flushed or closed', (t) => {
  const [sock, peer] = pair(t);
  peer.setblocking(false);
  const file = open(t, sock, 'wb', 4);
  assert.equal(file.write(bytes('abc')), 3);
  assert.throws(() => peer.recv(9), BlockingIOError);
  assert.equal(file.write(new Uint8Array(bytes('defghij')).buffer), 7);
  assert.deepEqual(peer.recv(20), bytes('abcdefghij'));
  file.writelines([bytes('k'), bytes('l')]);
  file.flush();
  assert.deepEqual(peer.recv(9), bytes('kl'));
  file.write(bytes('mn'));
  file.close();
  assert.deepEqual(peer.recv(9), bytes('mn'));
  const text = "a bytes-like object is required, not 'str'";
  assert.throws(() => open(t, sock, 'wb').write('x' as never), refusal(TypeError, text));
});

test('a full socket gives BlockingIOError with the bytes taken, and none is lost', (t) => {
  const [sock, peer] = pair(t);
  sock.setblocking(false);
  const file = open(t, sock, 'wb', 1000);
  let taken = 0;
  const fill = () => {
    for (;;) taken += file.write(Buffer.alloc(100_000, 'x'));
  };
  assert.throws(fill, (error: BlockingIOError) => {
    assert.equal(error.message, '[Errno 11] write could not complete without blocking');
    assert.equal(error.errno, 11);
    taken += error.characters_written as number;
    return error instanceof BlockingIOError;
  });
  assert.throws(() => file.flush(), BlockingIOError);
  peer.setblocking(false);
  let received = 0;
  const drain = () => {
    for (;;) received += peer.recv(1 << 20).length;
  };
  assert.throws(drain, BlockingIOError);
  file.flush();
  assert.throws(drain, BlockingIOError);
  assert.equal(received, taken);
});

test('a failing flush in close raises once, and the file is closed all the same', (t) => {
  const { client, accepted } = tcpPair(t);
  const file = open(t, client, 'wb');
  file.write(bytes('abc'));
  client.shutdown(1);
  accepted.close();
  assert.throws(() => file.close(), ConnectionError);
  assert.deepEqual([file.closed, client._io_refs], [true, 0]);
  file.close();
});

test('a detached buffer gives its raw file back and is of no use any more', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'rb');
  const inner = file.raw;
  assert.ok(inner instanceof SocketIO);
  assert.equal(file.detach(), inner);
  assert.equal(file.raw, null);
  assert.throws(() => file.read(1), refusal(ValueError, 'raw stream has been detached'));
  peer.sendall(bytes('x'));
  assert.deepEqual(inner.read(9), bytes('x'));
  inner.close();
  const text = open(t, sock, 'r');
  const buffer = text.detach();
  assert.equal(text.buffer, null);
  assert.throws(() => text.read(1), refusal(ValueError, 'underlying buffer has been detached'));
  assert.throws(() => text.newlines, refusal(ValueError, 'underlying buffer has been detached'));
  buffer.close();
  assert.throws(() => open(t, sock, 'rwb').detach(), refusal(UnsupportedOperation, 'detach'));
});

test('what a file cannot do is an UnsupportedOperation', (t) => {
  const [sock] = pair(t);
  const reader: BufferedReader = open(t, sock, 'rb');
  assert.throws(() => reader.write(bytes('x')), refusal(UnsupportedOperation, 'write'));
  assert.throws(() => reader.tell(), refusal(UnsupportedOperation, 'seek'));
  const seek = refusal(UnsupportedOperation, 'File or stream is not seekable.');
  assert.throws(() => reader.seek(0), seek);
  assert.throws(() => reader.seek(0, 4), seek);
  assert.throws(() => reader.seek(0, 5), refusal(ValueError, 'whence value 5 unsupported'));
  const notReadable = refusal(UnsupportedOperation, 'File or stream is not readable.');
  assert.throws(() => open(t, sock, 'wb', 0).read(1), notReadable);
  assert.throws(() => open(t, sock, 'w').read(), refusal(UnsupportedOperation, 'not readable'));
  assert.throws(() => open(t, sock).write(''), refusal(UnsupportedOperation, 'not writable'));
});

test('arguments that a buffered file does not use are checked as in Python', (t) => {
  const [sock] = pair(t);
  // What is not refused must not wait.
  sock.setblocking(false);
  // biome-ignore lint/suspicious/noExplicitAny: JavaScript may give anything.
  const loose = (file: unknown) => file as any;
  const notInteger = refusal(TypeError, "'float' object cannot be interpreted as an integer");
  for (const mode of ['rb', 'rwb'] as const) {
    assert.throws(() => loose(open(t, sock, mode)).peek(1.5), notInteger);
  }
  for (const method of ['readinto', 'readinto1']) {
    const text = `${method}() argument must be read-write bytes-like object, not None`;
    assert.throws(() => loose(open(t, sock, 'rb'))[method](null), refusal(TypeError, text));
  }
});

test('files look as in Python', (t) => {
  const [sock] = pair(t);
  const fd = sock.fileno();
  assert.equal(String(open(t, sock, 'rb')), `<_io.BufferedReader name=${fd}>`);
  const text = `<_io.TextIOWrapper name=${fd} mode='r' encoding='UTF-8'>`;
  assert.equal(inspect(open(t, sock)), text);
  assert.match(String(open(t, sock, 'rb', 0)), /^<socket\.SocketIO object at 0x[0-9a-f]+>$/);
  assert.match(String(open(t, sock, 'rwb')), /^<_io\.BufferedRWPair object at 0x[0-9a-f]+>$/);
});

test('using closes the file', (t) => {
  const [sock, peer] = pair(t);
  {
    using file = sock.makefile('wb');
    file.write(bytes('abc'));
  }
  assert.deepEqual([peer.recv(5), sock._io_refs], [bytes('abc'), 0]);
});

test('strict text fails as in Python, and says where', (t) => {
  const [sock, peer] = pair(t);
  const file = open(t, sock, 'rw');
  peer.sendall(bytes('ok\n'));
  assert.equal(file.readline(), 'ok\n');
  peer.sendall(Buffer.from([0x61, 0xff]));
  const start = "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte";
  assert.throws(() => file.readline(), refusal(UnicodeDecodeError, start));
  const lone =
    "'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed";
  assert.throws(() => file.write('a\ud800'), refusal(UnicodeEncodeError, lone));
});
