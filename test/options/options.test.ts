// Options whose values are structures: the peer, the device, filters, groups.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as options from 'berkeley-sockets/options';
import {
  attach_filter,
  bind_to_device,
  detach_filter,
  type FilterInstruction,
  join_group,
  leave_group,
  original_dst,
  peercred,
} from 'berkeley-sockets/options';
import { loose, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';

const X = Buffer.from('x');
const LOOPBACK = socket.if_nametoindex('lo');

describe('peercred', () => {
  it('is the process at the other end, in both flavours', (context) => {
    const [a] = pair(context);
    const own = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
    assert.deepEqual(peercred(a), own);
    assert.deepEqual(peercred(a.promises), own);
  });

  it('is nobody where there is no peer', (context) => {
    const nobody = { pid: 0, uid: 0xffff_ffff, gid: 0xffff_ffff };
    assert.deepEqual(peercred(closing(context, new socket.socket(socket.AF_UNIX))), nobody);
  });

  it('refuses what is no socket, and closed ones', () => {
    assert.equal(
      thrownBy(() => loose(options).peercred?.(5)),
      'TypeError: sock must be a socket, not int',
    );
    assert.equal(
      thrownBy(() => loose(options).peercred?.(null)),
      'TypeError: sock must be a socket, not NoneType',
    );
    const [a, b] = socket.socketpair();
    a.close();
    b.close();
    assert.equal(
      thrownBy(() => peercred(a)),
      'OSError: [Errno 9] Bad file descriptor',
    );
  });
});

describe('bind_to_device', () => {
  const deviceOf = (sock: socket.socket) =>
    sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).toString().replaceAll('\0', '');

  it('takes names and numbers, and null to undo it', (context) => {
    const sock = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    bind_to_device(sock, 'lo');
    assert.equal(deviceOf(sock), 'lo');
    if (process.getuid?.() !== 0) return;
    bind_to_device(sock, null);
    assert.equal(deviceOf(sock), '');
    bind_to_device(sock, LOOPBACK);
    assert.equal(deviceOf(sock), 'lo');
  });

  it('refuses interfaces that are not there', (context) => {
    const sock = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    const text = (device: unknown) => thrownBy(() => loose(options).bind_to_device?.(sock, device));
    assert.equal(text('no-such'), 'OSError: [Errno 19] No such device');
    assert.equal(text(2 ** 31 - 1), 'OSError: [Errno 6] No such device or address');
    assert.equal(text('x'.repeat(16)), 'ValueError: device: a name has at most 15 bytes, not 16');
    assert.equal(text('lo\0'), 'ValueError: embedded null byte');
    assert.equal(text({}), 'TypeError: device must be int, not Object');
    assert.equal(deviceOf(sock), '');
  });
});

/** Lets datagrams whose first byte is `x` through. At that point a packet begins with its header. */
const UDP_HEADER = 8;
const STARTS_WITH_X: readonly FilterInstruction[] = [
  [0x30, 0, 0, UDP_HEADER], // ldb [8]
  [0x15, 0, 1, X[0] as number], // jeq #'x', then the next, else the one after it
  [0x06, 0, 0, 0xffff_ffff], // ret #-1
  [0x06, 0, 0, 0], // ret #0
];

describe('attach_filter', () => {
  const said = (receiver: socket.socket, texts: string[]): string[] => {
    const sender = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    for (const text of texts) sender.sendto(Buffer.from(text), receiver.getsockname());
    sender.close();
    receiver.setblocking(false);
    const heard: string[] = [];
    try {
      for (;;) heard.push(receiver.recv(100).toString());
    } catch (error) {
      assert.ok(error instanceof socket.BlockingIOError, String(error));
    }
    return heard;
  };

  it('keeps what the program refuses from the socket, until it is detached', (context) => {
    const receiver = udp(context);
    attach_filter(receiver, STARTS_WITH_X);
    assert.deepEqual(said(receiver, ['x1', 'y1', 'x2']), ['x1', 'x2']);
    attach_filter(receiver.promises, [[0x06, 0, 0, 0]]);
    assert.deepEqual(said(receiver, ['x3']), []);
    detach_filter(receiver);
    assert.deepEqual(said(receiver, ['y4']), ['y4']);
    assert.throws(() => detach_filter(receiver), { code: 'ENOENT' });
  });

  it('takes the text that tcpdump -ddd prints', (context) => {
    const receiver = udp(context);
    const lines = STARTS_WITH_X.map((instruction) => instruction.join(' '));
    attach_filter(receiver, `4\n${lines.join('\n')}\n`);
    assert.deepEqual(said(receiver, ['x1', 'y1']), ['x1']);
  });

  const tcpdump = spawnSync('tcpdump', ['-i', 'lo', '-ddd', 'udp port 4242'], { encoding: 'utf8' });
  const cannot =
    tcpdump.status !== 0
      ? 'tcpdump is not installed, or may not look at the loopback'
      : process.getuid?.() !== 0 && 'packet sockets need root';

  it('filters frames by an expression of tcpdump', { skip: cannot }, (context) => {
    const watcher = closing(context, new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0));
    const receiver = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['127.0.0.77', 0]);
    const port = receiver.getsockname()[1];
    const expression = `udp and dst host 127.0.0.77 and dst port ${port} and ip[28] = 0x78`;
    const { stdout } = spawnSync('tcpdump', ['-i', 'lo', '-ddd', expression], { encoding: 'utf8' });
    attach_filter(watcher, stdout);
    watcher.bind(['lo', socket.ETH_P_ALL]);
    const sender = udp(context);
    for (const text of ['y', 'x']) sender.sendto(Buffer.from(text), receiver.getsockname());
    watcher.settimeout(10);
    assert.equal(watcher.recv(2000).toString('latin1').at(-1), 'x');
  });

  it('refuses programs that are none', (context) => {
    const sock = udp(context);
    const text = (program: unknown) =>
      thrownBy(() => loose(options).attach_filter?.(sock, program));
    const cases: readonly [program: unknown, text: string][] = [
      [5, 'TypeError: program must be an array or str, not int'],
      [[], 'ValueError: program must have 1 to 4096 instructions, not 0'],
      [
        new Array(4097).fill([6, 0, 0, 0]),
        'ValueError: program must have 1 to 4096 instructions, not 4097',
      ],
      [[6], 'ValueError: program[0] must be [code, jt, jf, k]'],
      [[[6, 0, 0]], 'ValueError: program[0] must be [code, jt, jf, k]'],
      [[[6, 0, 0, -1]], 'OverflowError: program[0] k must be 0-4294967295, not -1'],
      [[[6, 256, 0, 1]], 'OverflowError: program[0] jt must be 0-255, not 256'],
      [[['6', 0, 0, 1]], 'TypeError: program[0] code must be int, not str'],
      ['', 'ValueError: program: line 1 should be the number of instructions, 0'],
      ['2\n6 0 0 0', 'ValueError: program: line 1 should be the number of instructions, 1'],
      ['1\n6 0 0', "ValueError: program: line 2 is no instruction: '6 0 0'"],
      // No instruction ends it.
      [[[0x30, 0, 0, 0]], 'OSError: [Errno 22] Invalid argument'],
    ];
    for (const [program, expected] of cases) assert.equal(text(program), expected);
    const closed = new socket.socket();
    closed.close();
    assert.throws(() => attach_filter(closed, STARTS_WITH_X), { code: 'EBADF' });
  });
});

describe('join_group', () => {
  const GROUP = '239.7.7.7';

  /** A member's socket, and whether it hears what is sent over the loopback. */
  function member(context: TestContext) {
    const sock = udp(context);
    const receiver = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['', 0]);
    receiver.setblocking(false);
    const device = Buffer.concat([
      socket.inet_aton('0.0.0.0'),
      socket.inet_aton('127.0.0.1'),
      Buffer.from(Int32Array.of(LOOPBACK).buffer),
    ]);
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, device);
    const hears = () => {
      sock.sendto(X, [GROUP, receiver.getsockname()[1]]);
      try {
        return receiver.recv(10).toString();
      } catch (error) {
        return (error as Error).name;
      }
    };
    return { receiver, hears };
  }

  it('by the name of an interface and by its number', (context) => {
    const { receiver, hears } = member(context);
    for (const device of ['lo', LOOPBACK]) {
      join_group(receiver, GROUP, { interface: device });
      assert.equal(hears(), 'x');
      leave_group(receiver, GROUP, device);
      assert.equal(hears(), 'BlockingIOError');
    }
  });

  it('and of one sender only', (context) => {
    const { receiver, hears } = member(context);
    join_group(receiver, GROUP, { interface: 'lo', source: '127.0.0.9' });
    assert.equal(hears(), 'BlockingIOError');
    join_group(receiver, GROUP, 'lo', '127.0.0.1');
    assert.equal(hears(), 'x');
    leave_group(receiver, GROUP, { interface: 'lo', source: '127.0.0.1' });
    assert.equal(hears(), 'BlockingIOError');
  });

  it('works on the promise view', (context) => {
    const { receiver, hears } = member(context);
    join_group(receiver.promises, GROUP, 'lo');
    assert.equal(hears(), 'x');
  });

  it('refuses what is no group, no interface, no membership', (context) => {
    const sock = udp(context);
    const sock6 = closing(context, new socket.socket(socket.AF_INET6, socket.SOCK_DGRAM));
    const text = (name: string, ...args: unknown[]) =>
      thrownBy(() => loose(options)[name]?.(...args));
    const cases: readonly [text: string, ...args: unknown[]][] = [
      ["ValueError: group: '::1' is no IPv4 address", 'join_group', sock, '::1'],
      ["ValueError: group: '239.1.1.1' is no IPv6 address", 'join_group', sock6, '239.1.1.1'],
      ["ValueError: source: 'x' is no IPv4 address", 'join_group', sock, GROUP, 'lo', 'x'],
      ['OSError: no interface with this name', 'join_group', sock, GROUP, 'no-such'],
      ['OSError: [Errno 19] No such device', 'join_group', sock, GROUP, 2 ** 31 - 1],
      ['OverflowError: interface must be 0-2147483647, not -1', 'join_group', sock, GROUP, -1],
      ['TypeError: interface must be int, not float', 'join_group', sock, GROUP, 1.5],
      ['OSError: [Errno 22] Invalid argument', 'join_group', sock, '127.0.0.1', 'lo'],
      ['OSError: [Errno 99] Cannot assign requested address', 'leave_group', sock, GROUP, 'lo'],
      [
        "TypeError: join_group() missing 1 required positional argument: 'group'",
        'join_group',
        sock,
      ],
      [
        "TypeError: leave_group() got an unexpected keyword argument 'device'",
        'leave_group',
        sock,
        GROUP,
        { device: 'lo' },
      ],
      ['TypeError: sock must be a socket, not str', 'join_group', 'sock', GROUP],
    ];
    for (const [expected, name, ...args] of cases) {
      assert.equal(text(name as string, ...args), expected);
    }
  });
});

describe('original_dst', () => {
  it('is an error where nothing was redirected', (context) => {
    const { accepted } = tcpPair(context);
    assert.throws(
      () => original_dst(accepted),
      (error) =>
        error instanceof socket.OSError && ['ENOENT', 'ENOPROTOOPT'].includes(error.code ?? ''),
    );
  });
});
