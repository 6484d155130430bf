// getsockopt() and setsockopt(): options of every level that change and are read back.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { assertRefusals, loose, notBytes, notInteger, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';

const KINDS = {
  tcp: () => new socket.socket<number>(),
  udp: () => new socket.socket<number>(socket.AF_INET, socket.SOCK_DGRAM),
  tcp6: () => new socket.socket<number>(socket.AF_INET6),
  udp6: () => new socket.socket<number>(socket.AF_INET6, socket.SOCK_DGRAM),
  udplite: () => new socket.socket<number>(socket.AF_INET, socket.SOCK_DGRAM, 136),
  unix: () => new socket.socket<number>(socket.AF_UNIX),
  packet: () => new socket.socket<number>(socket.AF_PACKET, socket.SOCK_RAW),
  netlink: () => new socket.socket<number>(socket.AF_NETLINK, socket.SOCK_RAW),
  vsock: () => new socket.socket<number>(socket.AF_VSOCK),
} as const;

type Kind = keyof typeof KINDS;

/** Why a kind of socket cannot be had here, or false. */
function missing(kind: Kind): string | false {
  try {
    KINDS[kind]().close();
    return false;
  } catch (error) {
    return `no ${kind} sockets here: ${(error as Error).message}`;
  }
}

const ON = 1;
const OFF = 0;

// The level, the option, the kind of socket, the value to set, and what is read where the kernel
// makes something else of it. The value before is never the one that is read after.
const OPTIONS: [level: string, name: string, kind: Kind, value: number, read?: number][] = [
  ['SOL_SOCKET', 'SO_REUSEADDR', 'tcp', ON],
  ['SOL_SOCKET', 'SO_REUSEPORT', 'udp', ON],
  ['SOL_SOCKET', 'SO_KEEPALIVE', 'tcp', ON],
  ['SOL_SOCKET', 'SO_BROADCAST', 'udp', ON],
  ['SOL_SOCKET', 'SO_DONTROUTE', 'udp', ON],
  ['SOL_SOCKET', 'SO_OOBINLINE', 'tcp', ON],
  // Linux doubles what it is asked for, to make room for its own book-keeping (socket(7)).
  ['SOL_SOCKET', 'SO_RCVBUF', 'tcp', 20_000, 40_000],
  ['SOL_SOCKET', 'SO_SNDBUF', 'udp', 20_000, 40_000],
  ['SOL_SOCKET', 'SO_SNDBUF', 'unix', 10_000, 20_000],
  ['SOL_SOCKET', 'SO_RCVLOWAT', 'tcp', 10],
  ['SOL_SOCKET', 'SO_PRIORITY', 'udp', 4],
  ['SOL_SOCKET', 'SO_TIMESTAMP', 'udp', ON],
  ['SOL_SOCKET', 'SO_TIMESTAMPNS', 'udp', ON],
  ['SOL_SOCKET', 'SO_TIMESTAMPING', 'udp', 16],
  ['SOL_SOCKET', 'SO_RXQ_OVFL', 'udp', ON],
  ['SOL_SOCKET', 'SO_PEEK_OFF', 'unix', 5],
  ['SOL_SOCKET', 'SO_NO_CHECK', 'udp', ON],
  ['SOL_SOCKET', 'SO_ZEROCOPY', 'tcp', ON],
  ['SOL_SOCKET', 'SO_INCOMING_CPU', 'tcp', 0],
  ['SOL_SOCKET', 'SO_MAX_PACING_RATE', 'tcp', 100_000],
  ['SOL_SOCKET', 'SO_PASSCRED', 'unix', ON],
  ['IPPROTO_IP', 'IP_TOS', 'udp', 16],
  ['IPPROTO_IP', 'IP_TTL', 'tcp', 33],
  ['IPPROTO_IP', 'IP_MULTICAST_TTL', 'udp', 7],
  ['IPPROTO_IP', 'IP_MULTICAST_LOOP', 'udp', OFF],
  ['IPPROTO_IP', 'IP_MULTICAST_ALL', 'udp', OFF],
  ['IPPROTO_IP', 'IP_PKTINFO', 'udp', ON],
  ['IPPROTO_IP', 'IP_RECVTTL', 'udp', ON],
  ['IPPROTO_IP', 'IP_RECVTOS', 'udp', ON],
  ['IPPROTO_IP', 'IP_RECVERR', 'udp', ON],
  ['IPPROTO_IP', 'IP_RECVOPTS', 'udp', ON],
  ['IPPROTO_IP', 'IP_RECVORIGDSTADDR', 'udp', ON],
  ['IPPROTO_IP', 'IP_FREEBIND', 'udp', ON],
  ['IPPROTO_IP', 'IP_BIND_ADDRESS_NO_PORT', 'tcp', ON],
  ['IPPROTO_IP', 'IP_MTU_DISCOVER', 'udp', 3],
  ['IPPROTO_IP', 'IP_MINTTL', 'tcp', 5],
  ['IPPROTO_IPV6', 'IPV6_V6ONLY', 'tcp6', ON],
  ['IPPROTO_IPV6', 'IPV6_UNICAST_HOPS', 'udp6', 33],
  ['IPPROTO_IPV6', 'IPV6_MULTICAST_HOPS', 'udp6', 7],
  ['IPPROTO_IPV6', 'IPV6_MULTICAST_LOOP', 'udp6', OFF],
  ['IPPROTO_IPV6', 'IPV6_MULTICAST_IF', 'udp6', 1],
  ['IPPROTO_IPV6', 'IPV6_RECVPKTINFO', 'udp6', ON],
  ['IPPROTO_IPV6', 'IPV6_RECVHOPLIMIT', 'udp6', ON],
  ['IPPROTO_IPV6', 'IPV6_RECVTCLASS', 'udp6', ON],
  ['IPPROTO_IPV6', 'IPV6_RECVERR', 'udp6', ON],
  ['IPPROTO_IPV6', 'IPV6_TCLASS', 'udp6', 32],
  ['IPPROTO_IPV6', 'IPV6_DONTFRAG', 'udp6', ON],
  ['IPPROTO_IPV6', 'IPV6_MTU_DISCOVER', 'udp6', 3],
  ['IPPROTO_TCP', 'TCP_NODELAY', 'tcp', ON],
  ['IPPROTO_TCP', 'TCP_NODELAY', 'tcp6', ON],
  ['IPPROTO_TCP', 'TCP_CORK', 'tcp', ON],
  ['IPPROTO_TCP', 'TCP_KEEPIDLE', 'tcp', 100],
  ['IPPROTO_TCP', 'TCP_KEEPINTVL', 'tcp', 10],
  ['IPPROTO_TCP', 'TCP_KEEPCNT', 'tcp', 4],
  ['IPPROTO_TCP', 'TCP_SYNCNT', 'tcp', 3],
  ['IPPROTO_TCP', 'TCP_LINGER2', 'tcp', 30],
  ['IPPROTO_TCP', 'TCP_MAXSEG', 'tcp', 1000],
  // Kept as a number of retransmissions, after 1, 2 and 4 seconds.
  ['IPPROTO_TCP', 'TCP_DEFER_ACCEPT', 'tcp', 5, 7],
  ['IPPROTO_TCP', 'TCP_USER_TIMEOUT', 'tcp', 5000],
  ['IPPROTO_TCP', 'TCP_QUICKACK', 'tcp', OFF],
  ['IPPROTO_TCP', 'TCP_NOTSENT_LOWAT', 'tcp', 4096],
  ['IPPROTO_TCP', 'TCP_SAVE_SYN', 'tcp', ON],
  ['IPPROTO_TCP', 'TCP_FASTOPEN_CONNECT', 'tcp', ON],
  ['IPPROTO_UDP', 'UDP_CORK', 'udp', ON],
  ['IPPROTO_UDP', 'UDP_SEGMENT', 'udp', 100],
  ['IPPROTO_UDP', 'UDP_NO_CHECK6_TX', 'udp6', ON],
  ['IPPROTO_UDPLITE', 'UDPLITE_SEND_CSCOV', 'udplite', 20],
  ['SOL_PACKET', 'PACKET_AUXDATA', 'packet', ON],
  ['SOL_PACKET', 'PACKET_ORIGDEV', 'packet', ON],
  ['SOL_PACKET', 'PACKET_RESERVE', 'packet', 64],
  ['SOL_PACKET', 'PACKET_VERSION', 'packet', 1],
  ['SOL_PACKET', 'PACKET_QDISC_BYPASS', 'packet', ON],
  ['SOL_PACKET', 'PACKET_IGNORE_OUTGOING', 'packet', ON],
  ['SOL_NETLINK', 'NETLINK_EXT_ACK', 'netlink', ON],
  ['SOL_NETLINK', 'NETLINK_CAP_ACK', 'netlink', ON],
  ['SOL_NETLINK', 'NETLINK_PKTINFO', 'netlink', ON],
  ['SOL_NETLINK', 'NETLINK_NO_ENOBUFS', 'netlink', ON],
  ['AF_VSOCK', 'SO_VM_SOCKETS_BUFFER_SIZE', 'vsock', 65_536],
  ['AF_VSOCK', 'SO_VM_SOCKETS_BUFFER_MIN_SIZE', 'vsock', 256],
  ['AF_VSOCK', 'SO_VM_SOCKETS_BUFFER_MAX_SIZE', 'vsock', 524_288],
];

const numbers = socket as unknown as Readonly<Record<string, number>>;

function option(context: TestContext, level: string, name: string, kind: Kind) {
  const sock = closing(context, KINDS[kind]());
  const at = [numbers[level] as number, numbers[name] as number] as const;
  return {
    sock,
    read: () => sock.getsockopt(...at),
    write: (n: number) => sock.setsockopt(...at, n),
  };
}

describe('an option that is set is read back', () => {
  for (const [level, name, kind, value, read = value] of OPTIONS) {
    it(`${name} of ${kind} sockets`, { skip: missing(kind) }, (context) => {
      const { read: get, write } = option(context, level, name, kind);
      assert.notEqual(get(), read, 'the value before');
      assert.equal(write(value), undefined);
      assert.equal(get(), read);
    });
  }
});

describe('getsockopt', () => {
  it('gives a number, or the bytes that the kernel wrote', (context) => {
    const sock = closing(context, new socket.socket());
    const at = [socket.SOL_SOCKET, socket.SO_TYPE] as const;
    const bytes = Buffer.from(Int32Array.of(1).buffer);
    assert.equal(sock.getsockopt(...at), 1);
    assert.equal(sock.getsockopt(...at, 0), 1);
    assert.deepEqual(sock.getsockopt(...at, 4), bytes);
    assert.deepEqual(sock.getsockopt(...at, 100), bytes);
    assert.deepEqual(sock.getsockopt(...at, 1024), bytes);
  });

  it('refuses wrong arguments with the texts of Python', (context) => {
    const range = 'OSError: getsockopt buflen out of range';
    assertRefusals(loose(closing(context, new socket.socket())), [
      ['a negative length', (s) => s.getsockopt(1, 3, -1), range],
      ['a large length', (s) => s.getsockopt(1, 3, 1025), range],
      ['a length as text', (s) => s.getsockopt(1, 3, '4'), notInteger('str')],
      [
        'a huge length',
        (s) => s.getsockopt(1, 3, 2 ** 31),
        'OverflowError: signed integer is greater than maximum',
      ],
      [
        'one argument',
        (s) => s.getsockopt(1),
        'TypeError: getsockopt() takes at least 2 arguments (1 given)',
      ],
      ['a level as text', (s) => s.getsockopt('a', 2), notInteger('str')],
      [
        'four arguments',
        (s) => s.getsockopt(1, 2, 3, 4),
        'TypeError: getsockopt() takes at most 3 arguments (4 given)',
      ],
      [
        'a keyword',
        (s) => s.getsockopt(1, 2, { buflen: 4 }),
        'TypeError: socket.getsockopt() takes no keyword arguments',
      ],
      ['no such level', (s) => s.getsockopt(999, 2), 'OSError: [Errno 95] Operation not supported'],
      [
        'no such option',
        (s) => s.getsockopt(1, 9999),
        'OSError: [Errno 92] Protocol not available',
      ],
    ]);
  });
});

describe('setsockopt', () => {
  it('takes numbers, booleans, bigints and bytes', (context) => {
    const sock = closing(context, new socket.socket());
    const one = Int32Array.of(1);
    const zero = new ArrayBuffer(4);
    const at = [socket.SOL_SOCKET, socket.SO_REUSEADDR] as const;
    for (const [value, read] of [
      [1, 1],
      [Buffer.alloc(4), 0],
      [true, 1],
      [false, 0],
      [one, 1],
      [zero, 0],
      [new DataView(one.buffer), 1],
      [new SharedArrayBuffer(4), 0],
      [1n, 1],
      [-(2 ** 31), 1],
    ] as const) {
      loose(sock).setsockopt(...at, value);
      assert.equal(sock.getsockopt(...at), read);
    }
  });

  it('refuses wrong arguments with the texts of Python', (context) => {
    const three = (count: number) =>
      `TypeError: setsockopt() takes exactly 3 arguments (${count} given)`;
    const invalid = 'OSError: [Errno 22] Invalid argument';
    const { SOL_SOCKET, SO_REUSEADDR: REUSE, IPPROTO_TCP, TCP_NODELAY } = socket;
    const sock = closing(context, new socket.socket());
    assertRefusals(loose(sock), [
      ['no bytes', (s) => s.setsockopt(SOL_SOCKET, REUSE, Buffer.alloc(0)), invalid],
      ['two arguments', (s) => s.setsockopt(SOL_SOCKET, REUSE), three(2)],
      ['text', (s) => s.setsockopt(SOL_SOCKET, REUSE, 'str'), notBytes('str')],
      ['a fraction', (s) => s.setsockopt(SOL_SOCKET, REUSE, 1.5), notBytes('float')],
      ['null', (s) => s.setsockopt(SOL_SOCKET, REUSE, null), notBytes('NoneType')],
      ['a number with a length', (s) => s.setsockopt(SOL_SOCKET, REUSE, 1, 4), three(4)],
      ['bytes with a length', (s) => s.setsockopt(SOL_SOCKET, REUSE, Buffer.of(1), 4), three(4)],
      ['more than an int', (s) => s.setsockopt(SOL_SOCKET, REUSE, 2 ** 31), notBytes('int')],
      ['a level as text', (s) => s.setsockopt('a', REUSE, 1), notInteger('str')],
      [
        'a huge level',
        (s) => s.setsockopt(2 ** 31, REUSE, 1),
        'OverflowError: signed integer is greater than maximum',
      ],
      ['null of a length as text', (s) => s.setsockopt(SOL_SOCKET, REUSE, null, 'x'), three(4)],
      ['null of length -1', (s) => s.setsockopt(SOL_SOCKET, REUSE, null, -1), invalid],
      ['null of length 0', (s) => s.setsockopt(SOL_SOCKET, REUSE, null, 0), invalid],
      [
        'null of length 4',
        (s) => s.setsockopt(IPPROTO_TCP, TCP_NODELAY, null, 4),
        'OSError: [Errno 14] Bad address',
      ],
    ]);
    assert.equal(sock.getsockopt(SOL_SOCKET, REUSE), 0, 'a refused call sets nothing');
  });

  it('refuses an option of TCP on a socket that is none', (context) => {
    const { write } = option(context, 'IPPROTO_TCP', 'TCP_NODELAY', 'unix');
    assert.equal(
      thrownBy(() => write(1)),
      'OSError: [Errno 95] Operation not supported',
    );
  });
});

describe('options of AF_VSOCK', { skip: missing('vsock') }, () => {
  it('are 64 bits wide and numbers only', (context) => {
    const sock = closing(context, KINDS.vsock());
    const at = [socket.AF_VSOCK, socket.SO_VM_SOCKETS_BUFFER_MAX_SIZE] as const;
    sock.setsockopt(...at, 2 ** 33);
    assert.equal(sock.getsockopt(...at), 2 ** 33);
    assert.equal(
      thrownBy(() => sock.getsockopt(...at, 8)),
      'OSError: getsockopt string buffer not allowed',
    );
    assert.equal(
      thrownBy(() => sock.setsockopt(...at, Buffer.alloc(8))),
      'TypeError: setsockopt() argument 3 must be int, not bytes',
    );
    assert.match(
      thrownBy(() => loose(sock).setsockopt(...at, 2n ** 64n)),
      /^OverflowError: /,
    );
    assert.equal(sock.getsockopt(...at), 2 ** 33);
  });
});

describe('options that are bytes', () => {
  it('SO_LINGER is a pair of ints, of which a number is the first', (context) => {
    const sock = closing(context, new socket.socket());
    const linger = Int32Array.of(1, 5);
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger);
    const read = sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8);
    assert.deepEqual(read, Buffer.from(linger.buffer));
    assert.equal(sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER), 1);
  });

  it('SO_BINDTODEVICE is a name', (context) => {
    const sock = closing(context, new socket.socket());
    const at = [socket.SOL_SOCKET, socket.SO_BINDTODEVICE] as const;
    assert.equal(sock.getsockopt(...at, 16).length, 0);
    sock.setsockopt(...at, Buffer.from('lo\0'));
    assert.deepEqual(sock.getsockopt(...at, 16), Buffer.from('lo\0'));
  });

  it('SO_ATTACH_FILTER needs a program, and there is none to detach', (context) => {
    const sock = udp(context);
    const [level, attach] = [socket.SOL_SOCKET, socket.SO_ATTACH_FILTER];
    assert.equal(
      thrownBy(() => sock.setsockopt(level, attach, Buffer.alloc(4))),
      'OSError: [Errno 22] Invalid argument',
    );
    // One instruction, at an address where no memory is.
    const program = Buffer.alloc(16);
    program.writeUInt16LE(1);
    program.writeUInt8(1, 8);
    assert.equal(
      thrownBy(() => sock.setsockopt(level, attach, program)),
      'OSError: [Errno 14] Bad address',
    );
    assert.equal(
      thrownBy(() => sock.setsockopt(level, socket.SO_DETACH_FILTER, 0)),
      'FileNotFoundError: [Errno 2] No such file or directory',
    );
  });

  it('TCP_CONGESTION is a name', (context) => {
    const sock = closing(context, new socket.socket());
    const at = [socket.IPPROTO_TCP, socket.TCP_CONGESTION] as const;
    const name = () =>
      sock
        .getsockopt(...at, 16)
        .toString()
        .replace(/\0+$/, '');
    const before = name();
    const path = '/proc/sys/net/ipv4/tcp_allowed_congestion_control';
    const other = readFileSync(path, 'utf8')
      .trim()
      .split(' ')
      .find((word) => word !== before);
    assert.ok(before.length > 0);
    if (other === undefined) return;
    sock.setsockopt(...at, Buffer.from(other));
    assert.equal(name(), other);
  });

  it('TCP_INFO begins with the state', (context) => {
    const { server, client } = tcpPair(context);
    const state = (sock: typeof client) =>
      sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512);
    assert.ok(state(client).length > 100);
    assert.equal(state(client)[0], socket.TCP_ESTABLISHED);
    assert.equal(state(server)[0], socket.TCP_LISTEN);
  });

  it('SO_PEERCRED tells who made the pair', (context) => {
    const [a] = pair(context);
    const read = a.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12);
    const expected = Int32Array.of(process.pid, process.getuid?.() ?? -1, process.getgid?.() ?? -1);
    assert.deepEqual(read, Buffer.from(expected.buffer));
  });

  it('a membership of a group is taken once and dropped once', (context) => {
    const v4 = udp(context);
    const group = Buffer.concat([socket.inet_aton('224.0.0.251'), socket.inet_aton('127.0.0.1')]);
    const v6 = closing(context, KINDS.udp6());
    const index = Int32Array.of(socket.if_nametoindex('lo'));
    const group6 = Buffer.concat([
      socket.inet_pton(socket.AF_INET6, 'ff02::1234'),
      Buffer.from(index.buffer),
    ]);
    const { IPPROTO_IP, IPPROTO_IPV6 } = socket;
    for (const [join, leave] of [
      [
        () => v4.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group),
        () => v4.setsockopt(IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, group),
      ],
      [
        () => v6.setsockopt(IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group6),
        () => v6.setsockopt(IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, group6),
      ],
    ] as const) {
      join();
      assert.equal(thrownBy(join), 'OSError: [Errno 98] Address already in use');
      leave();
      assert.equal(thrownBy(leave), 'OSError: [Errno 99] Cannot assign requested address');
    }
  });
});
