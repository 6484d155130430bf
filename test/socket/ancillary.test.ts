// Control messages: descriptors, credentials and packet information, and their lengths.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { assertRefusals, loose, notBytes, notInteger, thrownBy } from '../support/exceptions.js';
import { hearOnlyPort } from '../support/filters.js';
import { openDescriptors } from '../support/leaks.js';
import { closing, pair, udp, unixPath } from '../support/sockets.js';

const X = Buffer.from('x');
const { SOL_SOCKET, SCM_RIGHTS, SCM_CREDENTIALS, MSG_CTRUNC, MSG_CMSG_CLOEXEC } = socket;
const ROOM = socket.CMSG_SPACE(64);

/** The numbers in the data of a control message. */
function ints(data: Buffer): number[] {
  return Array.from({ length: data.length / 4 }, (_, index) => data.readInt32LE(index * 4));
}

/** A file that is closed when the test ends. */
function openFile(context: TestContext): number {
  const fd = fs.openSync('/dev/null', 'r');
  context.after(() => fs.closeSync(fd));
  return fd;
}

/** Whether a descriptor is close-on-exec. */
function isCloseOnExec(fd: number): boolean {
  const O_CLOEXEC = 0o2000000;
  const flags = /^flags:\s+([0-7]+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  return (Number.parseInt(flags?.[1] ?? '0', 8) & O_CLOEXEC) !== 0;
}

/** What a descriptor is: the path of a file. */
function fileOf(fd: number): string {
  return fs.readlinkSync(`/proc/self/fd/${fd}`);
}

function closeAll(fds: readonly number[]): void {
  for (const fd of fds) socket.close(fd);
}

describe('CMSG_LEN and CMSG_SPACE', () => {
  it('count the header and the padding as cmsg(3) does', () => {
    const table: [length: number, len: number, space: number][] = [
      [0, 16, 16],
      [1, 17, 24],
      [4, 20, 24],
      [8, 24, 24],
      [9, 25, 32],
      [12, 28, 32],
      [100, 116, 120],
      [4096, 4112, 4112],
    ];
    assert.deepEqual(
      table.map(([length]) => [length, socket.CMSG_LEN(length), socket.CMSG_SPACE(length)]),
      table,
    );
    assert.equal(socket.CMSG_LEN(2 ** 31 - 17), 2 ** 31 - 1);
  });

  it('refuse lengths that no message has', () => {
    for (const name of ['CMSG_LEN', 'CMSG_SPACE']) {
      const range = `OverflowError: ${name}() argument out of range`;
      const ssize = 'OverflowError: Python int too large to convert to C ssize_t';
      assertRefusals(
        (...values: unknown[]) => loose(socket)[name]?.(...values),
        [
          [
            'no length',
            (call) => call(),
            `TypeError: ${name}() takes exactly 1 argument (0 given)`,
          ],
          ['two', (call) => call(1, 2), `TypeError: ${name}() takes exactly 1 argument (2 given)`],
          ['-1', (call) => call(-1), range],
          ['an int of 31 bits', (call) => call(2 ** 31 - 1), range],
          ['an int of 32 bits', (call) => call(2 ** 31), range],
          ['an int of 70 bits', (call) => call(2n ** 70n), ssize],
          ['text', (call) => call('4'), notInteger('str')],
          ['null', (call) => call(null), notInteger('NoneType')],
          ['a fraction', (call) => call(1.5), notInteger('float')],
        ],
      );
    }
  });
});

describe('SCM_RIGHTS', () => {
  it('passes descriptors, which arrive close-on-exec', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    a.sendmsg([X], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd, fd)]]);
    const [data, ancdata, flags, address] = b.recvmsg(1, ROOM);
    assert.deepEqual([data, flags, address], [X, 0, null]);
    const [[level, type, rights] = []] = ancdata;
    assert.deepEqual([ancdata.length, level, type], [1, SOL_SOCKET, SCM_RIGHTS]);
    const received = ints(rights as Buffer);
    assert.equal(received.length, 2);
    assert.ok(received.every((number) => number > 2 && isCloseOnExec(number)));
    assert.ok(received.every((number) => fileOf(number) === fileOf(fd)));
    closeAll(received);
  });

  it('arrives as one message where several were sent', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    const bytes = new DataView(new ArrayBuffer(4));
    bytes.setInt32(0, fd, true);
    a.sendmsg(
      [X],
      [
        [SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd)],
        [SOL_SOCKET, SCM_RIGHTS, bytes],
      ],
    );
    const [, ancdata] = b.recvmsg(1, ROOM);
    assert.equal(ancdata.length, 1);
    const received = ints(ancdata[0]?.[2] as Buffer);
    assert.equal(received.length, 2);
    closeAll(received);
  });

  it('tells of close-on-exec in the flags only if it was asked for', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    for (const asked of [0, MSG_CMSG_CLOEXEC]) {
      a.sendmsg([X], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd)]]);
      const [, ancdata, flags] = b.recvmsg(1, ROOM, asked);
      assert.equal(flags, asked);
      const received = ints(ancdata[0]?.[2] as Buffer);
      assert.ok(received.every(isCloseOnExec));
      closeAll(received);
      a.send(X);
      assert.deepEqual(b.recvmsg(1, ROOM, asked), [X, [], asked, null]);
    }
  });

  it('leaks nothing where the room is too small, or there is none', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    const before = openDescriptors();
    for (const [room, count] of [
      [0, 0],
      [1, 0],
      [socket.CMSG_LEN(0), 0],
      [socket.CMSG_LEN(4), 1],
      [socket.CMSG_LEN(7), 1],
      [socket.CMSG_LEN(8), 2],
    ] as const) {
      a.sendmsg([X], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd, fd, fd)]]);
      const [, ancdata, flags] = b.recvmsg(1, room);
      assert.equal(flags & MSG_CTRUNC, MSG_CTRUNC);
      const received = ancdata.flatMap(([, , data]) => ints(data));
      assert.equal(received.length, count, `room of ${room} bytes`);
      closeAll(received);
      assert.deepEqual(openDescriptors(), before);
    }
  });

  it('leaks nothing when the data is received without its control messages', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    const before = openDescriptors();
    const room = Buffer.alloc(1);
    for (const receive of [
      () => b.recv(1),
      () => b.recv_into(room),
      () => b.recvfrom(1),
      () => b.recvfrom_into(room),
      () => b.recvmsg(1),
      () => b.recvmsg_into([room]),
    ]) {
      a.sendmsg([X], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd)]]);
      receive();
      assert.deepEqual(openDescriptors(), before);
    }
  });

  it('refuses a number that is no descriptor, and sends nothing', (context) => {
    const [a, b] = pair(context);
    assert.equal(
      thrownBy(() => a.sendmsg([X], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(99_999)]])),
      'OSError: [Errno 9] Bad file descriptor',
    );
    assert.throws(() => b.recv(1, socket.MSG_DONTWAIT), socket.BlockingIOError);
  });

  it('comes with recvmsg_into, too', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    a.sendmsg([Buffer.from('abc')], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd)]]);
    const [first, second] = [Buffer.alloc(2), Buffer.alloc(2)];
    const [length, ancdata] = b.recvmsg_into([first, second], ROOM);
    assert.deepEqual([length, first.toString(), second.toString()], [3, 'ab', 'c\0']);
    closeAll(ints(ancdata[0]?.[2] as Buffer));
  });
});

describe('send_fds and recv_fds', () => {
  it('pass descriptors with data', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    assert.equal(socket.send_fds(a, [Buffer.from('msg'), Buffer.from('2')], [fd, fd]), 4);
    const [data, fds, flags, address] = socket.recv_fds(b, 100, 5);
    assert.deepEqual([data.toString(), fds.length, flags, address], ['msg2', 2, 0, null]);
    assert.ok(fds.every(isCloseOnExec));
    closeAll(fds);
    assert.equal(socket.send_fds(a, [X], []), 1);
    assert.deepEqual(socket.recv_fds(b, 10, 5), [X, [], 0, null]);
  });

  it('receive no more than asked for', (context) => {
    const [a, b] = pair(context);
    const fd = openFile(context);
    const before = openDescriptors();
    socket.send_fds(a, [X], [fd, fd, fd]);
    const [, fds, flags] = socket.recv_fds(b, 10, 1);
    assert.deepEqual([fds.length, flags], [1, MSG_CTRUNC]);
    closeAll(fds);
    assert.deepEqual(openDescriptors(), before);
  });

  it('pass flags and the address on', (context) => {
    const path = unixPath(context);
    const { AF_UNIX, SOCK_DGRAM, MSG_DONTWAIT, MSG_PEEK } = socket;
    const receiver = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
    receiver.bind(path);
    const sender = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
    const fd = openFile(context);
    assert.equal(socket.send_fds(sender, [X], [fd], MSG_DONTWAIT, path), 1);
    for (const flags of [MSG_PEEK, 0]) {
      const [data, fds] = socket.recv_fds(receiver, 10, 2, flags);
      assert.deepEqual([data, fds.length], [X, 1]);
      closeAll(fds);
    }
    assert.equal(
      thrownBy(() => socket.recv_fds(receiver, 10, 2, MSG_DONTWAIT)),
      'BlockingIOError: [Errno 11] Resource temporarily unavailable',
    );
  });

  it('refuse wrong arguments with the texts of Python, and send nothing', (context) => {
    const [a, b] = pair(context);
    assertRefusals(loose(socket), [
      [
        'no descriptor',
        (s) => s.send_fds(a, [X], [99_999]),
        'OSError: [Errno 9] Bad file descriptor',
      ],
      ['text as descriptor', (s) => s.send_fds(a, [X], ['a']), notInteger('str')],
      ['bytes, which are numbers', (s) => s.send_fds(a, X, [0]), notBytes('int')],
      [
        'a negative count',
        (s) => s.recv_fds(b, 1, -10),
        'OverflowError: CMSG_LEN() argument out of range',
      ],
      [
        'a count of more than 31 bits',
        (s) => s.recv_fds(b, 1, 2 ** 31),
        'OverflowError: CMSG_LEN() argument out of range',
      ],
      ['text as count', (s) => s.recv_fds(b, 1, 'a'), notInteger('str')],
    ]);
    assert.match(
      thrownBy(() => socket.send_fds(a, [X], [2 ** 32])),
      /^OverflowError: /,
      'not cut to the descriptor 0',
    );
    // A datagram or stream without data carries no control message (unix(7)).
    assert.equal(socket.send_fds(a, [Buffer.alloc(0)], [0]), 0);
    assert.throws(() => b.recv(1, socket.MSG_DONTWAIT), socket.BlockingIOError);
  });
});

describe('SCM_CREDENTIALS', () => {
  const credentials = () =>
    Int32Array.of(process.pid, process.getuid?.() ?? -1, process.getgid?.() ?? -1);

  it('are received by who sets SO_PASSCRED', (context) => {
    const [a, b] = pair(context);
    const expected = Buffer.from(credentials().buffer);
    b.setsockopt(SOL_SOCKET, socket.SO_PASSCRED, 1);
    a.sendmsg([X], [[SOL_SOCKET, SCM_CREDENTIALS, credentials()]]);
    a.send(X);
    for (let count = 0; count < 2; count += 1) {
      const [, ancdata] = b.recvmsg(1, ROOM);
      assert.deepEqual(ancdata, [[SOL_SOCKET, SCM_CREDENTIALS, expected]]);
    }
  });

  it('come together with descriptors', (context) => {
    const [a, b] = pair(context);
    b.setsockopt(SOL_SOCKET, socket.SO_PASSCRED, 1);
    const fd = openFile(context);
    a.sendmsg(
      [X],
      [
        [SOL_SOCKET, SCM_CREDENTIALS, credentials()],
        [SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd)],
      ],
    );
    const [, ancdata, flags] = b.recvmsg(1, ROOM);
    assert.equal(flags, 0);
    const types = ancdata.map(([, type]) => type).sort();
    assert.deepEqual(types, [SCM_RIGHTS, SCM_CREDENTIALS]);
    for (const [, type, data] of ancdata) if (type === SCM_RIGHTS) closeAll(ints(data));
  });

  it('of somebody else need privileges that nobody has for a process that is none', (context) => {
    const [a] = pair(context);
    const nobody = Int32Array.of(0x7fff_ffff, 0, 0);
    assert.throws(() => a.sendmsg([X], [[SOL_SOCKET, SCM_CREDENTIALS, nobody]]), socket.OSError);
  });
});

describe('packet information', () => {
  it('of IPv4 has the interface and the addresses', (context) => {
    const { IPPROTO_IP, IP_PKTINFO, IP_RECVTTL, IP_TTL } = socket;
    const receiver = udp(context);
    const sender = udp(context);
    receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
    receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
    sender.setsockopt(IPPROTO_IP, IP_TTL, 33);
    const local = socket.inet_aton('127.0.0.3');
    const info = Buffer.concat([Buffer.alloc(4), local, Buffer.alloc(4)]);
    sender.sendmsg([X], [[IPPROTO_IP, IP_PKTINFO, info]], 0, receiver.getsockname());
    const [, ancdata, , address] = receiver.recvmsg(9, ROOM);
    assert.deepEqual(address, ['127.0.0.3', sender.getsockname()[1]], 'the source that was chosen');
    const lo = Buffer.from(Int32Array.of(socket.if_nametoindex('lo')).buffer);
    const here = socket.inet_aton('127.0.0.1');
    const ttl = Buffer.from(Int32Array.of(33).buffer);
    assert.deepEqual(ancdata, [
      [IPPROTO_IP, IP_PKTINFO, Buffer.concat([lo, here, here])],
      [IPPROTO_IP, IP_TTL, ttl],
    ]);
  });

  it('of IPv6 has the address and the interface', (context) => {
    const { AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_RECVPKTINFO, IPV6_PKTINFO } = socket;
    const receiver = closing(context, new socket.socket(AF_INET6, SOCK_DGRAM));
    receiver.bind(['::1', 0]);
    receiver.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    const sender = closing(context, new socket.socket(AF_INET6, SOCK_DGRAM));
    const index = Buffer.from(Int32Array.of(socket.if_nametoindex('lo')).buffer);
    const info = Buffer.concat([socket.inet_pton(AF_INET6, '::1'), index]);
    sender.sendmsg([X], [[IPPROTO_IPV6, IPV6_PKTINFO, info]], 0, receiver.getsockname());
    const [, ancdata] = receiver.recvmsg(9, ROOM);
    assert.deepEqual(ancdata, [[IPPROTO_IPV6, IPV6_PKTINFO, info]]);
  });

  it('that does not fit is cut, and a flag says so', (context) => {
    const { IPPROTO_IP, IP_PKTINFO } = socket;
    const receiver = udp(context);
    receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
    receiver.sendto(X, receiver.getsockname());
    const [data, ancdata, flags] = receiver.recvmsg(9, socket.CMSG_LEN(4));
    assert.deepEqual([data, flags & MSG_CTRUNC], [X, MSG_CTRUNC]);
    assert.deepEqual(
      ancdata.map(([level, type, bytes]) => [level, type, bytes.length]),
      [[IPPROTO_IP, IP_PKTINFO, 4]],
    );
  });
});

describe('sendmsg refuses', () => {
  it('control messages of the wrong form, with the texts of Python', (context) => {
    const [a, b] = pair(context);
    const item = 'TypeError: [sendmsg() ancillary data items]() argument must be';
    const iterable = 'TypeError: sendmsg() argument 2 must be an iterable';
    const range = 'OverflowError: signed integer is greater than maximum';
    const send = (ancdata: unknown) => loose(a).sendmsg([X], ancdata);
    assertRefusals(send, [
      ['a number', (call) => call(5), iterable],
      ['null', (call) => call(null), iterable],
      ['a number in a list', (call) => call([5]), `${item} 3-item sequence, not int`],
      ['a pair', (call) => call([[1, 2]]), `${item} sequence of length 3, not 2`],
      ['four items', (call) => call([[1, 2, X, X]]), `${item} sequence of length 3, not 4`],
      ['a number as data', (call) => call([[1, 2, 3]]), notBytes('int')],
      ['text as data', (call) => call([[1, 2, 'x']]), notBytes('str')],
      ['text as level', (call) => call([['a', 2, X]]), notInteger('str')],
      ['a fraction as type', (call) => call([[1, 2.5, X]]), notInteger('float')],
      ['a level beyond an int', (call) => call([[2 ** 31, 2, X]]), range],
      ['a type beyond an int', (call) => call([[1, 2 ** 31, X]]), range],
      ['a type unknown here', (call) => call([[1, 99, X]]), 'OSError: [Errno 22] Invalid argument'],
    ]);
    assert.throws(() => b.recv(1, socket.MSG_DONTWAIT), socket.BlockingIOError);
  });

  it('more room for control messages than there can be', (context) => {
    const [, b] = pair(context);
    const invalid = 'ValueError: invalid ancillary data buffer length';
    assertRefusals(loose(b), [
      ['negative', (s) => s.recvmsg(1, -1), invalid],
      ['too large', (s) => s.recvmsg(1, 2 ** 31), invalid],
      ['text', (s) => s.recvmsg(1, 'a'), notInteger('str')],
    ]);
  });
});

const isRoot = process.getuid?.() === 0;

describe('packet sockets', { skip: !isRoot && 'packet sockets need root' }, () => {
  it('receive messages, although the kernel takes no MSG_CMSG_CLOEXEC there', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    const watcher = closing(context, new socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0));
    hearOnlyPort(watcher, receiver.getsockname()[1], 0);
    watcher.bind(['lo', socket.ETH_P_IP]);
    const text = Buffer.from('a packet');
    sender.sendto(text, receiver.getsockname());
    const [packet, ancdata, flags, address] = watcher.recvmsg(2000, ROOM);
    assert.deepEqual(packet.subarray(20 + 8), text);
    assert.deepEqual([ancdata, flags, address?.[0]], [[], 0, 'lo']);
  });
});
