// The exceptions: which class belongs to which error number, and what they carry.

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { closing, refusingPort } from '../support/sockets.js';

/** The numbers of Linux that Node does not name, and those that it does. */
const errnos: Readonly<Record<string, number>> = {
  ESHUTDOWN: 108,
  ESOCKTNOSUPPORT: 94,
  EHOSTDOWN: 112,
  ...constants.errno,
};

const { BlockingIOError, BrokenPipeError, OSError } = socket;

// A class for its error numbers, each with the text of the C library.
const CLASSES: [error: typeof OSError, numbers: Record<string, string>][] = [
  [
    BlockingIOError,
    {
      EAGAIN: 'Resource temporarily unavailable',
      EALREADY: 'Operation already in progress',
      EINPROGRESS: 'Operation now in progress',
      EWOULDBLOCK: 'Resource temporarily unavailable',
    },
  ],
  [
    BrokenPipeError,
    { EPIPE: 'Broken pipe', ESHUTDOWN: 'Cannot send after transport endpoint shutdown' },
  ],
  [socket.ChildProcessError, { ECHILD: 'No child processes' }],
  [socket.ConnectionAbortedError, { ECONNABORTED: 'Software caused connection abort' }],
  [socket.ConnectionRefusedError, { ECONNREFUSED: 'Connection refused' }],
  [socket.ConnectionResetError, { ECONNRESET: 'Connection reset by peer' }],
  [socket.FileExistsError, { EEXIST: 'File exists' }],
  [socket.FileNotFoundError, { ENOENT: 'No such file or directory' }],
  [socket.InterruptedError, { EINTR: 'Interrupted system call' }],
  [socket.IsADirectoryError, { EISDIR: 'Is a directory' }],
  [socket.NotADirectoryError, { ENOTDIR: 'Not a directory' }],
  [socket.PermissionError, { EACCES: 'Permission denied', EPERM: 'Operation not permitted' }],
  [socket.ProcessLookupError, { ESRCH: 'No such process' }],
  [socket.TimeoutError, { ETIMEDOUT: 'Connection timed out' }],
  [
    OSError,
    {
      EADDRINUSE: 'Address already in use',
      EADDRNOTAVAIL: 'Cannot assign requested address',
      EAFNOSUPPORT: 'Address family not supported by protocol',
      EBADF: 'Bad file descriptor',
      EDESTADDRREQ: 'Destination address required',
      EHOSTDOWN: 'Host is down',
      EHOSTUNREACH: 'No route to host',
      EINVAL: 'Invalid argument',
      EISCONN: 'Transport endpoint is already connected',
      EMFILE: 'Too many open files',
      EMSGSIZE: 'Message too long',
      ENETDOWN: 'Network is down',
      ENETUNREACH: 'Network is unreachable',
      ENOBUFS: 'No buffer space available',
      ENODEV: 'No such device',
      ENOPROTOOPT: 'Protocol not available',
      ENOTCONN: 'Transport endpoint is not connected',
      ENOTSOCK: 'Socket operation on non-socket',
      EOPNOTSUPP: 'Operation not supported',
      EPROTONOSUPPORT: 'Protocol not supported',
      EPROTOTYPE: 'Protocol wrong type for socket',
      ESOCKTNOSUPPORT: 'Socket type not supported',
    },
  ],
];

/** Two names of one number: `code` has the one that Node gives it, too. */
const SECOND_NAMES: Readonly<Record<string, string>> = {
  EWOULDBLOCK: 'EAGAIN',
  EOPNOTSUPP: 'ENOTSUP',
};

describe('an error number', () => {
  for (const [constructor, numbers] of CLASSES) {
    test(`is a ${constructor.name}: ${Object.keys(numbers).join(', ')}`, () => {
      for (const [name, text] of Object.entries(numbers)) {
        const number = errnos[name];
        assert.ok(number !== undefined, name);
        const error = new OSError(number, text);
        assert.equal(error.constructor, constructor);
        assert.ok(error instanceof OSError);
        assert.equal(error.name, constructor.name);
        assert.equal(error.message, `[Errno ${number}] ${text}`);
        assert.deepEqual([error.errno, error.strerror], [number, text]);
        assert.equal(error.code, SECOND_NAMES[name] ?? name);
      }
    });
  }

  test('picks the class of an OSError only, a subclass keeps its own', () => {
    assert.equal(new socket.gaierror(11, 'x').constructor, socket.gaierror);
    assert.equal(new BrokenPipeError(11, 'x').constructor, BrokenPipeError);
    assert.equal(new OSError(99999, 'x').constructor, OSError);
  });
});

describe('the exceptions', () => {
  test('have their ancestry', () => {
    assert.equal(socket.error, OSError);
    assert.equal(socket.timeout, socket.TimeoutError);
    const { ConnectionError, gaierror, herror, TimeoutError } = socket;
    for (const constructor of [gaierror, herror, TimeoutError, BlockingIOError]) {
      assert.equal(Object.getPrototypeOf(constructor), OSError, constructor.name);
    }
    assert.ok(new OSError(constants.errno.ECONNRESET, 'x') instanceof ConnectionError);
    assert.ok(new OSError(constants.errno.EPIPE, 'x') instanceof ConnectionError);
    assert.ok(!(new OSError(constants.errno.ENOTCONN, 'x') instanceof ConnectionError));
    assert.ok(new OSError() instanceof Error);
    assert.ok(new socket.ValueError('x') instanceof RangeError);
    assert.ok(new socket.OverflowError('x') instanceof RangeError);
  });

  test('without a number carry a text only', () => {
    const late = new socket.timeout('timed out');
    assert.deepEqual(
      [late.message, late.errno, late.strerror],
      ['timed out', undefined, undefined],
    );
    const single = new OSError('one text');
    assert.deepEqual([single.constructor, single.message], [OSError, 'one text']);
    assert.equal(single.errno, undefined);
    assert.equal(new OSError().message, '');
  });

  test('of look-ups carry the number and text of the resolver', () => {
    const error = new socket.gaierror(-2, 'Name or service not known');
    assert.equal(error.message, '[Errno -2] Name or service not known');
    assert.deepEqual([error.errno, error.strerror], [-2, 'Name or service not known']);
    assert.equal(error.code, 'EAI_NONAME');
    assert.equal(error.name, 'gaierror');
  });

  test('of a failed call say what the system said, and which call it was', (context) => {
    const port = refusingPort(context);
    const sock = closing(context, new socket.socket());
    assert.throws(() => sock.connect(['127.0.0.1', port]), {
      name: 'ConnectionRefusedError',
      message: '[Errno 111] Connection refused',
      errno: 111,
      strerror: 'Connection refused',
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    assert.throws(() => sock.getpeername(), {
      name: 'OSError',
      message: '[Errno 107] Transport endpoint is not connected',
      errno: 107,
      strerror: 'Transport endpoint is not connected',
      code: 'ENOTCONN',
      syscall: 'getpeername',
    });
  });
});
