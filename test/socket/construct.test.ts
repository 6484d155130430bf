// The constructor: its arguments, what it makes of them, descriptors it takes over, and the text
// of a socket; and the exceptions that a failed call is made into.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as socket from 'berkeley-sockets';
import { isInherited, isNonBlocking } from '../support/descriptors.js';
import { thrownBy } from '../support/exceptions.js';
import { closing, pair, tcpPair } from '../support/sockets.js';

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC } = socket;

/** Constructs with arguments that the types forbid. */
function construct(...args: unknown[]): socket.socket<number> {
  return new (socket.socket as new (...args: unknown[]) => socket.socket<number>)(...args);
}

const kindOf = ({ family, type, proto }: socket.socket<number>) => [family, type, proto];

describe('a new socket', () => {
  test('is a blocking TCP socket when nothing is said', (context) => {
    const sock = closing(context, new socket.socket());
    assert.deepEqual(kindOf(sock), [AF_INET, SOCK_STREAM, 0]);
    assert.equal(sock.timeout, null);
    assert.equal(sock.gettimeout(), null);
    assert.equal(sock.getblocking(), true);
    assert.equal(sock._io_refs, 0);
    assert.equal(sock._closed, false);
    assert.ok(sock instanceof socket.SocketType);
  });

  const KINDS: [args: unknown[], kind: string][] = [
    [[AF_INET6, SOCK_DGRAM, socket.IPPROTO_UDP], '10, 2, 17'],
    [[AF_UNIX], '1, 1, 0'],
    [[{ type: SOCK_DGRAM }], '2, 2, 0'],
    [[{ family: AF_UNIX, type: socket.SOCK_SEQPACKET }], '1, 5, 0'],
    [[AF_INET, { type: SOCK_DGRAM, proto: 17 }], '2, 2, 17'],
    [[-1, -1, -1], '2, 1, 0'],
    [[-1, -1, -1, null], '2, 1, 0'],
    [[2, true], '2, 1, 0'],
    [[AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC], '2, 1, 0'],
    [[AF_INET, SOCK_STREAM, socket.IPPROTO_MPTCP], '2, 1, 262'],
    [[AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP], '2, 3, 1'],
    [[socket.AF_PACKET, 10], '17, 10, 0'],
  ];
  for (const [args, kind] of KINDS) {
    test(`is of the kind ${kind} for the arguments ${inspect(args)}`, (context) => {
      let sock: socket.socket<number>;
      try {
        sock = closing(context, construct(...args));
      } catch (error) {
        const isRefused = error instanceof socket.PermissionError || args[2] === 262;
        if (isRefused) return context.skip(String(error));
        throw error;
      }
      assert.equal(kindOf(sock).join(', '), kind);
    });
  }

  test('does not wait when its type says SOCK_NONBLOCK, whatever the default is', (context) => {
    context.after(() => socket.setdefaulttimeout(null));
    for (const timeout of [null, 5]) {
      socket.setdefaulttimeout(timeout);
      const sock = closing(context, new socket.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK));
      assert.equal(sock.gettimeout(), 0);
      assert.equal(sock.getblocking(), false);
      assert.equal(isNonBlocking(sock), true);
    }
  });

  test('is not inherited by child processes until told so', (context) => {
    const sock = closing(context, new socket.socket());
    assert.equal(sock.get_inheritable(), false);
    assert.equal(isInherited(sock), false);
    sock.set_inheritable(true);
    assert.equal(sock.get_inheritable(), true);
    assert.equal(isInherited(sock), true);
    sock.set_inheritable(false);
    assert.equal(sock.get_inheritable(), false);
  });

  test('keeps its family, type, protocol and timeout from being overwritten', (context) => {
    const sock = closing(context, new socket.socket());
    for (const name of ['family', 'type', 'proto', 'timeout']) {
      assert.throws(() => Object.assign(sock, { [name]: 3 }), TypeError);
    }
    assert.deepEqual([...kindOf(sock), sock.timeout], [AF_INET, SOCK_STREAM, 0, null]);
  });

  const REFUSED: [args: unknown[], text: string][] = [
    [[999], 'OSError: [Errno 97] Address family not supported by protocol'],
    [[-2], 'OSError: [Errno 97] Address family not supported by protocol'],
    [[AF_INET, 999], 'OSError: [Errno 22] Invalid argument'],
    [[AF_INET, SOCK_STREAM, 999], 'OSError: [Errno 22] Invalid argument'],
    [['AF_INET'], "TypeError: 'str' object cannot be interpreted as an integer"],
    [[AF_INET, 'SOCK_STREAM'], "TypeError: 'str' object cannot be interpreted as an integer"],
    [[1.5], "TypeError: 'float' object cannot be interpreted as an integer"],
    [[null], "TypeError: 'NoneType' object cannot be interpreted as an integer"],
    [[AF_INET, null], "TypeError: 'NoneType' object cannot be interpreted as an integer"],
    [[AF_INET, 1, null], "TypeError: 'NoneType' object cannot be interpreted as an integer"],
    [[2 ** 40], 'OverflowError: Python int too large to convert to C int'],
    [[2n ** 70n], 'OverflowError: Python int too large to convert to C int'],
    [
      [1, 2, 3, 4, 5],
      'TypeError: socket.__init__() takes from 1 to 5 positional arguments but 6 were given',
    ],
    [
      [{ family: AF_INET, foo: 1 }],
      "TypeError: socket.__init__() got an unexpected keyword argument 'foo'",
    ],
    [
      [AF_INET, { family: AF_INET }],
      "TypeError: socket.__init__() got multiple values for argument 'family'",
    ],
    [[{ fileno: -1 }], 'ValueError: negative file descriptor'],
    [[{ fileno: 'a' }], "TypeError: 'str' object cannot be interpreted as an integer"],
    [[{ fileno: 1.5 }], "TypeError: 'float' object cannot be interpreted as an integer"],
    // A number that does not fit must not become the number of some other descriptor.
    [[{ fileno: 2 ** 40 }], 'OverflowError: Python int too large to convert to C int'],
    [[{ fileno: 99999 }], 'OSError: [Errno 9] Bad file descriptor'],
    [[AF_INET, SOCK_STREAM, 0, 99999], 'OSError: [Errno 9] Bad file descriptor'],
  ];
  for (const [args, text] of REFUSED) {
    test(`refuses ${inspect(args)}: ${text}`, () => {
      assert.equal(
        thrownBy(() => construct(...args)),
        text,
      );
    });
  }
});

describe('a descriptor that is taken over', () => {
  /** A raw descriptor, perhaps changed before its object lets go of it. */
  function descriptor(
    family: number = AF_INET,
    type: number = SOCK_STREAM,
    change: (sock: socket.socket<number>) => void = () => {},
  ): number {
    const sock = new socket.socket<number>(family, type);
    change(sock);
    return sock.detach();
  }

  test('is asked for its family, type and protocol', (context) => {
    const fileno = descriptor(AF_INET6, SOCK_DGRAM);
    const sock = closing(context, construct({ fileno }));
    assert.equal(sock.fileno(), fileno);
    assert.deepEqual(kindOf(sock), [AF_INET6, SOCK_DGRAM, socket.IPPROTO_UDP]);
    const other = closing(context, construct(-1, -1, -1, descriptor()));
    assert.deepEqual(kindOf(other), [AF_INET, SOCK_STREAM, socket.IPPROTO_TCP]);
  });

  test('is taken for what the arguments say it is', (context) => {
    const fileno = descriptor(AF_INET, SOCK_DGRAM);
    const sock = closing(context, construct(AF_UNIX, SOCK_STREAM, 7, { fileno }));
    assert.deepEqual(kindOf(sock), [AF_UNIX, SOCK_STREAM, 7]);
  });

  test('keeps its inheritable flag', (context) => {
    const fileno = descriptor(AF_INET, SOCK_STREAM, (sock) => sock.set_inheritable(true));
    assert.equal(closing(context, construct({ fileno })).get_inheritable(), true);
  });

  test('stays O_NONBLOCK although the socket has no timeout, and then never waits', (context) => {
    const fileno = descriptor(AF_INET, SOCK_DGRAM, (sock) => sock.setblocking(false));
    const sock = closing(context, construct({ fileno }));
    assert.equal(sock.gettimeout(), null);
    assert.equal(sock.getblocking(), true);
    assert.equal(isNonBlocking(sock), true);
    assert.throws(() => sock.recv(1), socket.BlockingIOError);
  });

  test('gets the default timeout, and O_NONBLOCK with it', (context) => {
    context.after(() => socket.setdefaulttimeout(null));
    const fileno = descriptor();
    socket.setdefaulttimeout(3);
    const sock = closing(context, construct({ fileno }));
    assert.equal(sock.gettimeout(), 3);
    assert.equal(isNonBlocking(sock), true);
  });

  test('must be a socket, and stays open when it is none', () => {
    const file = openSync('/dev/null', 'r');
    try {
      const text = 'OSError: [Errno 88] Socket operation on non-socket';
      assert.equal(
        thrownBy(() => construct({ fileno: file })),
        text,
      );
      assert.equal(
        thrownBy(() => construct(2, 1, 0, file)),
        text,
      );
      assert.ok(fstatSync(file));
    } finally {
      closeSync(file);
    }
  });
});

describe('the text of a socket', () => {
  test('names the descriptor, the kind and the local address', (context) => {
    const stream = closing(context, new socket.socket());
    const text = `<socket.socket fd=${stream.fileno()}, family=2, type=1, proto=0, laddr=('0.0.0.0', 0)>`;
    assert.equal(String(stream), text);
    assert.equal(inspect(stream), text);
    const wide = closing(context, new socket.socket(AF_INET6, SOCK_DGRAM, socket.IPPROTO_UDP));
    assert.equal(
      String(wide),
      `<socket.socket fd=${wide.fileno()}, family=10, type=2, proto=17, laddr=('::', 0, 0, 0)>`,
    );
  });

  test('names the peer of a connected socket', (context) => {
    const { client, accepted } = tcpPair(context);
    const near = client.getsockname()[1];
    const far = accepted.getsockname()[1];
    assert.equal(
      String(client),
      `<socket.socket fd=${client.fileno()}, family=2, type=1, proto=0, ` +
        `laddr=('127.0.0.1', ${near}), raddr=('127.0.0.1', ${far})>`,
    );
    assert.equal(
      String(accepted),
      `<socket.socket fd=${accepted.fileno()}, family=2, type=1, proto=0, ` +
        `laddr=('127.0.0.1', ${far}), raddr=('127.0.0.1', ${near})>`,
    );
  });

  test('leaves out the empty addresses of an AF_UNIX socket', (context) => {
    const [first] = pair(context);
    assert.equal(String(first), `<socket.socket fd=${first.fileno()}, family=1, type=1, proto=0>`);
    const sock = closing(context, new socket.socket(AF_UNIX));
    assert.equal(String(sock), `<socket.socket fd=${sock.fileno()}, family=1, type=1, proto=0>`);
  });

  test('shows an abstract address as bytes', (context) => {
    const sock = closing(context, new socket.socket(AF_UNIX));
    sock.bind(`\0berkeley-${process.pid}`);
    assert.match(String(sock), new RegExp(`laddr=b'\\\\x00berkeley-${process.pid}'>$`));
  });

  test('says that a socket is closed', () => {
    for (const end of ['close', 'detach'] as const) {
      const sock = new socket.socket();
      const fd = sock[end]();
      assert.equal(String(sock), '<socket.socket [closed] fd=-1, family=2, type=1, proto=0>');
      if (fd !== undefined) socket.close(fd);
    }
  });

  test('is that of the class of the object, which its copies have, too', (context) => {
    class Special extends socket.socket {}
    const sock = closing(context, new Special());
    assert.match(String(sock), /^<Special fd=\d+, family=2, type=1, proto=0, laddr=/);
    assert.equal(closing(context, sock.dup()).constructor, Special);
  });
});

test('an open socket that is dropped is closed, with a ResourceWarning', async () => {
  const warned = once(process, 'warning', { signal: AbortSignal.timeout(10_000) });
  const fd = new socket.socket(AF_INET, SOCK_DGRAM).fileno();
  let warning: Error | undefined;
  const arrival = warned.then(([error]) => {
    warning = error as Error;
  });
  while (warning === undefined) {
    globalThis.gc?.();
    await Promise.race([arrival, turn()]);
  }
  assert.equal(warning.name, 'ResourceWarning');
  assert.match(
    warning.message,
    new RegExp(`^unclosed <socket\\.socket fd=${fd}, family=2, type=2, proto=0\\b.*>$`),
  );
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});
