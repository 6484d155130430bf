// What an exception has: its class by the error number, its text and Node's fields.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { strerror } from '#lib/native.js';
import { thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { closing, pair, refusingPort, udp, unixPath } from '../support/sockets.js';

type Class = new (errno: number, text: string) => socket.OSError;

// The class, the number, its name and the text of the C library.
const NUMBERS: [Class, number, string, string][] = [
  [socket.BlockingIOError, 11, 'EAGAIN', 'Resource temporarily unavailable'],
  [socket.BlockingIOError, 114, 'EALREADY', 'Operation already in progress'],
  [socket.BlockingIOError, 115, 'EINPROGRESS', 'Operation now in progress'],
  [socket.BrokenPipeError, 32, 'EPIPE', 'Broken pipe'],
  [socket.BrokenPipeError, 108, 'ESHUTDOWN', 'Cannot send after transport endpoint shutdown'],
  [socket.ChildProcessError, 10, 'ECHILD', 'No child processes'],
  [socket.ConnectionAbortedError, 103, 'ECONNABORTED', 'Software caused connection abort'],
  [socket.ConnectionRefusedError, 111, 'ECONNREFUSED', 'Connection refused'],
  [socket.ConnectionResetError, 104, 'ECONNRESET', 'Connection reset by peer'],
  [socket.FileExistsError, 17, 'EEXIST', 'File exists'],
  [socket.FileNotFoundError, 2, 'ENOENT', 'No such file or directory'],
  [socket.InterruptedError, 4, 'EINTR', 'Interrupted system call'],
  [socket.IsADirectoryError, 21, 'EISDIR', 'Is a directory'],
  [socket.NotADirectoryError, 20, 'ENOTDIR', 'Not a directory'],
  [socket.PermissionError, 13, 'EACCES', 'Permission denied'],
  [socket.PermissionError, 1, 'EPERM', 'Operation not permitted'],
  [socket.ProcessLookupError, 3, 'ESRCH', 'No such process'],
  [socket.TimeoutError, 110, 'ETIMEDOUT', 'Connection timed out'],
  [socket.OSError, 98, 'EADDRINUSE', 'Address already in use'],
  [socket.OSError, 99, 'EADDRNOTAVAIL', 'Cannot assign requested address'],
  [socket.OSError, 97, 'EAFNOSUPPORT', 'Address family not supported by protocol'],
  [socket.OSError, 9, 'EBADF', 'Bad file descriptor'],
  [socket.OSError, 89, 'EDESTADDRREQ', 'Destination address required'],
  [socket.OSError, 112, 'EHOSTDOWN', 'Host is down'],
  [socket.OSError, 113, 'EHOSTUNREACH', 'No route to host'],
  [socket.OSError, 22, 'EINVAL', 'Invalid argument'],
  [socket.OSError, 106, 'EISCONN', 'Transport endpoint is already connected'],
  [socket.OSError, 24, 'EMFILE', 'Too many open files'],
  [socket.OSError, 90, 'EMSGSIZE', 'Message too long'],
  [socket.OSError, 100, 'ENETDOWN', 'Network is down'],
  [socket.OSError, 101, 'ENETUNREACH', 'Network is unreachable'],
  [socket.OSError, 105, 'ENOBUFS', 'No buffer space available'],
  [socket.OSError, 19, 'ENODEV', 'No such device'],
  [socket.OSError, 92, 'ENOPROTOOPT', 'Protocol not available'],
  [socket.OSError, 107, 'ENOTCONN', 'Transport endpoint is not connected'],
  [socket.OSError, 88, 'ENOTSOCK', 'Socket operation on non-socket'],
  [socket.OSError, 93, 'EPROTONOSUPPORT', 'Protocol not supported'],
  [socket.OSError, 91, 'EPROTOTYPE', 'Protocol wrong type for socket'],
  [socket.OSError, 94, 'ESOCKTNOSUPPORT', 'Socket type not supported'],
];

/** The error that a call throws. */
function errorOf(call: () => unknown): socket.OSError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof socket.OSError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}

/** What an error tells. */
function shapeOf({ name, message, errno, strerror: text, code, syscall }: socket.OSError) {
  return { name, message, errno, strerror: text, code, syscall };
}

describe('an error number', () => {
  for (const [constructor, errno, code, text] of NUMBERS) {
    it(`${code} is a ${constructor.name}`, () => {
      const error = new socket.OSError(errno, text);
      assert.equal(error.constructor, constructor);
      assert.deepEqual(shapeOf(error), {
        name: constructor.name,
        message: `[Errno ${errno}] ${text}`,
        errno,
        strerror: text,
        code,
        syscall: undefined,
      });
      assert.ok(error instanceof socket.OSError && error instanceof Error);
      assert.equal(strerror(errno), text);
    });
  }

  it('that nobody knows is an OSError without a code', () => {
    const error = new socket.OSError(99_999, 'strange');
    assert.deepEqual([error.constructor, error.code], [socket.OSError, undefined]);
    assert.equal(error.message, '[Errno 99999] strange');
  });
});

describe('the classes', () => {
  it('have the ancestry of Python', () => {
    const { ConnectionError, OSError } = socket;
    for (const constructor of [
      socket.BrokenPipeError,
      socket.ConnectionAbortedError,
      socket.ConnectionRefusedError,
      socket.ConnectionResetError,
    ]) {
      assert.equal(Object.getPrototypeOf(constructor), ConnectionError);
    }
    for (const constructor of [
      ConnectionError,
      socket.BlockingIOError,
      socket.ChildProcessError,
      socket.FileExistsError,
      socket.FileNotFoundError,
      socket.InterruptedError,
      socket.IsADirectoryError,
      socket.NotADirectoryError,
      socket.PermissionError,
      socket.ProcessLookupError,
      socket.TimeoutError,
      socket.gaierror,
      socket.herror,
    ]) {
      assert.equal(Object.getPrototypeOf(constructor), OSError);
    }
    assert.equal(Object.getPrototypeOf(socket.OverflowError), RangeError);
    assert.equal(Object.getPrototypeOf(socket.ValueError), RangeError);
    assert.equal(socket.error, OSError);
    assert.equal(socket.timeout, socket.TimeoutError);
  });

  it('are kept where they are named: only OSError itself looks at the number', () => {
    const mine = new (class Mine extends socket.OSError {})(2, 'x');
    assert.notEqual(mine.constructor, socket.FileNotFoundError);
    assert.equal(mine.errno, 2);
    assert.equal(new socket.gaierror(11, 'x').constructor, socket.gaierror);
    assert.equal(new socket.ConnectionError(111, 'x').constructor, socket.ConnectionError);
  });

  it('have no number where there is only a text', () => {
    const error = new socket.OSError('just a text');
    assert.deepEqual(shapeOf(error), {
      name: 'OSError',
      message: 'just a text',
      errno: undefined,
      strerror: undefined,
      code: undefined,
      syscall: undefined,
    });
    assert.equal(String(error), 'OSError: just a text');
  });
});

describe('a failed call', () => {
  it('tells its name, the number, the code and the text', (context) => {
    const port = refusingPort(context);
    const stream = () => closing(context, new socket.socket());
    const path = unixPath(context);
    const unix = closing(context, new socket.socket(socket.AF_UNIX));
    const [a] = pair(context);
    a.setblocking(false);
    const table: [call: () => unknown, errno: number, code: string, syscall: string][] = [
      [() => stream().connect(['127.0.0.1', port]), 111, 'ECONNREFUSED', 'connect'],
      [() => stream().getpeername(), 107, 'ENOTCONN', 'getpeername'],
      [() => stream().shutdown(0), 107, 'ENOTCONN', 'shutdown'],
      [() => stream().recv(1), 107, 'ENOTCONN', 'recv'],
      [() => stream().send(Buffer.of(1)), 32, 'EPIPE', 'send'],
      [() => stream().accept(), 22, 'EINVAL', 'accept'],
      [() => stream().bind(['1.2.3.4', 0]), 99, 'EADDRNOTAVAIL', 'bind'],
      [() => stream().getsockopt(1, 9999), 92, 'ENOPROTOOPT', 'getsockopt'],
      [() => stream().setsockopt(1, 9999, 1), 92, 'ENOPROTOOPT', 'setsockopt'],
      [() => udp(context).listen(), 95, 'ENOTSUP', 'listen'],
      [() => udp(context).sendmsg([Buffer.of(1)]), 89, 'EDESTADDRREQ', 'sendmsg'],
      [() => unix.connect(path), 2, 'ENOENT', 'connect'],
      [() => a.recv(1), 11, 'EAGAIN', 'recv'],
      [() => a.recvfrom(1), 11, 'EAGAIN', 'recvfrom'],
      [() => a.recvmsg(1), 11, 'EAGAIN', 'recvmsg'],
      [() => new socket.socket(socket.AF_INET, 99), 22, 'EINVAL', 'socket'],
      [() => socket.socketpair(socket.AF_INET), 95, 'ENOTSUP', 'socketpair'],
      [() => socket.dup(-1), 9, 'EBADF', 'dup'],
      [() => socket.close(-1), 9, 'EBADF', 'close'],
    ];
    for (const [call, errno, code, syscall] of table) {
      const error = errorOf(call);
      const text = strerror(errno);
      const { name } = new socket.OSError(errno, text);
      assert.deepEqual(shapeOf(error), {
        name,
        message: `[Errno ${errno}] ${text}`,
        errno,
        strerror: text,
        code,
        syscall,
      });
    }
  });

  it('shows who made it', () => {
    const error = errorOf(() => socket.close(-1));
    assert.match(error.stack ?? '', /^OSError: \[Errno 9\] Bad file descriptor\n/);
    assert.match(error.stack ?? '', /errors\.test/);
  });

  it('that timed out has no number, but a code', (context) => {
    const sock = udp(context);
    sock.settimeout(0.01);
    const error = errorOf(() => sock.recv(1));
    assert.deepEqual(shapeOf(error), {
      name: 'TimeoutError',
      message: 'timed out',
      errno: undefined,
      strerror: undefined,
      code: 'ETIMEDOUT',
      syscall: 'recv',
    });
    assert.ok(error instanceof socket.timeout);
    assert.ok(!('errno' in error) || error.errno === undefined);
  });

  it('gives the number where it is asked for instead of an exception', (context) => {
    const sock = closing(context, new socket.socket());
    assert.equal(sock.connect_ex(['127.0.0.1', refusingPort(context)]), 111);
  });
});

describe('a failed look-up', () => {
  it('is a gaierror with an EAI_ code', () => {
    const error = errorOf(() => socket.getaddrinfo('nosuchhost.invalid', 80));
    assert.ok(error instanceof socket.gaierror);
    assert.deepEqual(shapeOf(error), {
      name: 'gaierror',
      message: '[Errno -2] Name or service not known',
      errno: socket.EAI_NONAME,
      strerror: 'Name or service not known',
      code: 'EAI_NONAME',
      syscall: 'getaddrinfo',
    });
  });

  it('of a method is a gaierror, too, that names the method', (context) => {
    const sock = closing(context, new socket.socket());
    const error = errorOf(() => sock.connect(['nosuchhost.invalid', 80]));
    assert.ok(error instanceof socket.gaierror);
    assert.deepEqual([error.errno, error.syscall], [socket.EAI_NONAME, 'connect']);
  });

  it('is a herror where it was by address', () => {
    const error = errorOf(() => socket.gethostbyaddr('192.0.2.77'));
    assert.ok(error instanceof socket.herror);
    assert.equal(error.name, 'herror');
    assert.equal(error.message, `[Errno ${error.errno}] ${error.strerror}`);
    assert.equal(error.code, undefined);
  });
});

describe('numbers and texts that do not fit', () => {
  it('are RangeErrors, or TypeErrors for the wrong type', (context) => {
    const sock = closing(context, new socket.socket());
    assert.throws(() => sock.recv(-1), socket.ValueError);
    assert.throws(() => sock.recv(-1), RangeError);
    assert.throws(() => sock.bind(['', 70_000]), socket.OverflowError);
    assert.throws(() => sock.bind(['', 70_000]), RangeError);
    assert.equal(
      thrownBy(() => sock.recv('1' as unknown as number)),
      "TypeError: 'str' object cannot be interpreted as an integer",
    );
    assert.throws(() => socket.inet_aton('\ud800'), socket.UnicodeEncodeError);
    assert.throws(() => socket.inet_aton('\ud800'), socket.ValueError);
  });
});
