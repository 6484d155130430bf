// connect and connect_ex: addresses, states, and how an attempt ends.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { isNonBlocking, untilAttempted } from '../support/descriptors.js';
import {
  assertRefusals,
  type Loose,
  loose,
  type Refusals,
  thrownBy,
} from '../support/exceptions.js';
import { fullListener, fullUnixListener } from '../support/hanging.js';
import { closing, listener, refusingPort, udp, unixPath } from '../support/sockets.js';

const { AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SO_ERROR } = socket;
const { errno } = constants;
const HOST = '127.0.0.1';

const NOT_TUPLE = (method: string) =>
  `TypeError: ${method}(): AF_INET address must be tuple, not str`;
const BAD_PORT = (method: string) => `OverflowError: ${method}(): port must be 0-65535.`;
const NOT_PAIR = 'TypeError: AF_INET address must be a pair (host, port)';
const NO_NAME = 'gaierror: [Errno -2] Name or service not known';

const REFUSALS: Refusals<Loose> = [
  ['connect: a text', (s) => s.connect(HOST), NOT_TUPLE('connect')],
  ['connect_ex: a text', (s) => s.connect_ex('x'), NOT_TUPLE('connect_ex')],
  ['connect: a port too large', (s) => s.connect([HOST, 70000]), BAD_PORT('connect')],
  ['connect_ex: a port too large', (s) => s.connect_ex([HOST, 70000]), BAD_PORT('connect_ex')],
  ['connect: a negative port', (s) => s.connect([HOST, -1]), BAD_PORT('connect')],
  ['connect: no port', (s) => s.connect([HOST]), NOT_PAIR],
  ['connect_ex: no port', (s) => s.connect_ex([HOST]), NOT_PAIR],
  [
    'connect: no address',
    (s) => s.connect(),
    'TypeError: socket.connect() takes exactly one argument (0 given)',
  ],
  [
    'connect_ex: no address',
    (s) => s.connect_ex(),
    'TypeError: socket.connect_ex() takes exactly one argument (0 given)',
  ],
  [
    'connect: two addresses',
    (s) => s.connect([HOST, 1], [HOST, 1]),
    'TypeError: socket.connect() takes exactly one argument (2 given)',
  ],
  ['connect: a name that nobody has', (s) => s.connect(['nosuchhost.invalid', 80]), NO_NAME],
  ['connect_ex: a name that nobody has', (s) => s.connect_ex(['nosuchhost.invalid', 80]), NO_NAME],
  [
    'connect: a host of another family',
    (s) => s.connect(['::1', 80]),
    'gaierror: [Errno -9] Address family for hostname not supported',
  ],
];

test('arguments that are no address are refused, by connect_ex as well', (context) => {
  assertRefusals(loose(closing(context, new socket.socket())), REFUSALS);
});

describe('a connection attempt', () => {
  test('ends with nothing, or 0 from connect_ex, when it worked', (context) => {
    const address = listener(context).getsockname();
    assert.equal(closing(context, new socket.socket()).connect(address), undefined);
    assert.equal(closing(context, new socket.socket()).connect_ex(address), 0);
  });

  test('is refused where nobody listens', (context) => {
    const port = refusingPort(context);
    for (const timeout of [null, 5]) {
      const sock = closing(context, new socket.socket());
      sock.settimeout(timeout);
      assert.equal(
        thrownBy(() => sock.connect([HOST, port])),
        'ConnectionRefusedError: [Errno 111] Connection refused',
      );
      const other = closing(context, new socket.socket());
      other.settimeout(timeout);
      assert.equal(other.connect_ex([HOST, port]), errno.ECONNREFUSED);
    }
  });

  test('of a connected socket is EISCONN', (context) => {
    const address = listener(context).getsockname();
    const sock = closing(context, new socket.socket());
    sock.connect(address);
    assert.equal(sock.connect_ex(address), errno.EISCONN);
    assert.equal(
      thrownBy(() => sock.connect(address)),
      'OSError: [Errno 106] Transport endpoint is already connected',
    );
  });

  test('of a closed socket is EBADF', () => {
    const sock = new socket.socket();
    sock.close();
    assert.equal(
      thrownBy(() => sock.connect([HOST, 9])),
      'OSError: [Errno 9] Bad file descriptor',
    );
    assert.equal(sock.connect_ex([HOST, 9]), errno.EBADF);
  });

  test('goes on in the kernel when the socket does not wait', (context) => {
    const { address } = fullListener(context);
    const sock = closing(context, new socket.socket());
    sock.setblocking(false);
    assert.equal(
      thrownBy(() => sock.connect(address)),
      'BlockingIOError: [Errno 115] Operation now in progress',
    );
    assert.equal(
      thrownBy(() => sock.connect(address)),
      'BlockingIOError: [Errno 114] Operation already in progress',
    );
    const other = closing(context, new socket.socket());
    other.setblocking(false);
    assert.equal(other.connect_ex(address), errno.EINPROGRESS);
    assert.equal(other.connect_ex(address), errno.EALREADY);
  });

  test('goes on in the kernel after a timeout', (context) => {
    const { address } = fullListener(context);
    const sock = closing(context, new socket.socket());
    sock.settimeout(0.1);
    const start = performance.now();
    assert.throws(() => sock.connect(address), {
      name: 'TimeoutError',
      message: 'timed out',
      errno: undefined,
    });
    const elapsed = performance.now() - start;
    assert.ok(elapsed >= 100 && elapsed < 900, `${elapsed} ms`);
    assert.equal(sock.connect_ex(address), errno.EALREADY);
  });

  test('that runs out of time is EAGAIN from connect_ex', (context) => {
    const { address } = fullListener(context);
    const sock = closing(context, new socket.socket());
    sock.settimeout(0.1);
    assert.equal(sock.connect_ex(address), errno.EAGAIN);
  });

  test('that does not wait leaves no error behind when it worked', async (context) => {
    const address = listener(context).getsockname();
    const sock = closing(context, new socket.socket());
    sock.setblocking(false);
    assert.equal(sock.connect_ex(address), errno.EINPROGRESS);
    await untilAttempted(sock);
    assert.equal(sock.getsockopt(SOL_SOCKET, SO_ERROR), 0);
    assert.ok([0, errno.EISCONN].includes(sock.connect_ex(address)));
    assert.deepEqual(sock.getpeername(), address);
  });

  test('that does not wait leaves its error behind when it failed', async (context) => {
    const sock = closing(context, new socket.socket());
    sock.setblocking(false);
    const result = sock.connect_ex([HOST, refusingPort(context)]);
    assert.equal(result, errno.EINPROGRESS);
    await untilAttempted(sock);
    assert.equal(sock.getsockopt(SOL_SOCKET, SO_ERROR), errno.ECONNREFUSED);
  });

  test('leaves the timeout as it is', (context) => {
    const sock = closing(context, new socket.socket());
    sock.settimeout(3);
    sock.connect(listener(context).getsockname());
    assert.equal(sock.gettimeout(), 3);
    assert.equal(isNonBlocking(sock), true);
  });

  test('to no host goes to this machine', (context) => {
    const sock = closing(context, new socket.socket());
    sock.connect(['', listener(context).getsockname()[1]]);
    assert.equal(sock.getpeername()[0], HOST);
  });

  test('to a name goes to its address', (context) => {
    const sock = closing(context, new socket.socket());
    sock.connect(['localhost', listener(context).getsockname()[1]]);
    assert.equal(sock.getpeername()[0], HOST);
  });
});

test('a socket that never connected has no peer, but a local address', (context) => {
  const sock = closing(context, new socket.socket());
  assert.equal(
    thrownBy(() => sock.getpeername()),
    'OSError: [Errno 107] Transport endpoint is not connected',
  );
  assert.deepEqual(sock.getsockname(), ['0.0.0.0', 0]);
});

test('a datagram socket can be connected again and again', (context) => {
  const sender = udp(context);
  for (const receiver of [udp(context), udp(context)]) {
    sender.connect(receiver.getsockname());
    assert.deepEqual(sender.getpeername(), receiver.getsockname());
    assert.equal(sender.send(Buffer.from('x')), 1);
    assert.deepEqual(receiver.recv(5), Buffer.from('x'));
  }
});

describe('an AF_UNIX connection attempt', () => {
  test('to a path that is not there is a FileNotFoundError', (context) => {
    const sock = closing(context, new socket.socket(AF_UNIX));
    assert.equal(
      thrownBy(() => sock.connect(unixPath(context))),
      'FileNotFoundError: [Errno 2] No such file or directory',
    );
  });

  test('to a socket of another kind is EPROTOTYPE', (context) => {
    const path = unixPath(context);
    closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM)).bind(path);
    const sock = closing(context, new socket.socket(AF_UNIX, SOCK_STREAM));
    assert.equal(
      thrownBy(() => sock.connect(path)),
      'OSError: [Errno 91] Protocol wrong type for socket',
    );
  });

  test('to a path whose listener is closed is refused', (context) => {
    const path = unixPath(context);
    const server = new socket.socket(AF_UNIX);
    server.bind(path);
    server.close();
    const sock = closing(context, new socket.socket(AF_UNIX));
    assert.equal(
      thrownBy(() => sock.connect(path)),
      'ConnectionRefusedError: [Errno 111] Connection refused',
    );
  });

  // There is no EINPROGRESS in AF_UNIX, and so nothing that could be waited for (unix(7)).
  test('to a full queue ends with EAGAIN at once, even with a timeout', (context) => {
    const { path } = fullUnixListener(context);
    for (const timeout of [0, 30]) {
      const sock = closing(context, new socket.socket(AF_UNIX));
      sock.settimeout(timeout);
      const start = performance.now();
      assert.equal(sock.connect_ex(path), errno.EAGAIN);
      assert.equal(
        thrownBy(() => sock.connect(path)),
        'BlockingIOError: [Errno 11] Resource temporarily unavailable',
      );
      assert.ok(performance.now() - start < 10_000);
    }
  });
});
