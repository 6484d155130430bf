// Control messages with types, as real sockets of this machine send and receive them.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { hearOnlyPort } from '../support/filters.js';
import '../support/leaks.js';
import { closing, pair, udp } from '../support/sockets.js';

const X = Buffer.from('x');
const LOOPBACK = socket.if_nametoindex('lo');
const ROOM = 1024;
const { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, SOL_UDP } = socket;

/** A UDP socket bound to ::1. */
function udp6(context: TestContext) {
  const sock = closing(context, new socket.socket(socket.AF_INET6, socket.SOCK_DGRAM));
  sock.bind(['::1', 0]);
  return sock;
}

type Item = ancillary.AncillaryItem;

/** Sends a datagram with control messages; gives what the receiver is told, and the data. */
function pass<F extends number>(
  sender: socket.socket<F>,
  receiver: socket.socket<F>,
  ancdata: Item[] = [],
): [ancdata: [number, number, Buffer][], data: Buffer] {
  sender.sendmsg([X], ancdata, 0, receiver.getsockname() as socket.AddressInput<F>);
  const [data, received] = receiver.recvmsg(ROOM, ROOM);
  return [received, data];
}

/** A time of the last minute, in nanoseconds. */
function assertRecent(time: bigint): void {
  const age = BigInt(Date.now()) * 1_000_000n - time;
  assert.ok(age > -1_000_000_000n && age < 60_000_000_000n, `${age} ns old`);
}

describe('between AF_UNIX sockets', () => {
  it('SCM_RIGHTS passes descriptors', (context) => {
    const [a, b] = pair(context);
    const file = fs.openSync('/dev/null', 'r');
    context.after(() => fs.closeSync(file));
    a.sendmsg([X], [ancillary.encode('SCM_RIGHTS', [file, file])]);
    const [, ancdata, flags] = b.recvmsg(1, ancillary.space('SCM_RIGHTS'));
    assert.equal(flags, 0);
    const [message] = ancillary.decode(ancdata);
    assert.equal(message?.name, 'SCM_RIGHTS');
    assert.ok(message?.name === 'SCM_RIGHTS');
    assert.equal(message.value.length, 2);
    for (const fd of message.value) {
      assert.equal(fs.readlinkSync(`/proc/self/fd/${fd}`), '/dev/null');
      socket.close(fd);
    }
  });

  it('a set of descriptors that fills a message fits into the room for it', (context) => {
    const [a, b] = pair(context);
    a.sendmsg([X], [ancillary.encode('SCM_RIGHTS', new Array(253).fill(a.fileno()))]);
    const [, ancdata, flags] = b.recvmsg(1, ancillary.space('SCM_RIGHTS'));
    const fds = ancillary.get(ancdata, 'SCM_RIGHTS') ?? [];
    for (const fd of fds) socket.close(fd);
    assert.deepEqual([fds.length, flags], [253, 0]);
  });

  it('SCM_CREDENTIALS tells who sent', (context) => {
    const [a, b] = pair(context);
    b.setsockopt(SOL_SOCKET, socket.SO_PASSCRED, 1);
    const own = { pid: process.pid, uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
    a.send(X);
    a.sendmsg([X], [ancillary.encode('SCM_CREDENTIALS', own)]);
    for (const how of ['from the kernel', 'from the sender']) {
      const [, ancdata] = b.recvmsg(1, ancillary.space('SCM_CREDENTIALS'));
      assert.deepEqual(ancillary.get(ancdata, 'SCM_CREDENTIALS'), own, how);
    }
  });
});

describe('over IPv4', () => {
  it('IP_PKTINFO, IP_TTL and IP_TOS are received', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    for (const option of [socket.IP_PKTINFO, socket.IP_RECVTTL, socket.IP_RECVTOS]) {
      receiver.setsockopt(IPPROTO_IP, option, 1);
    }
    sender.setsockopt(IPPROTO_IP, socket.IP_TTL, 7);
    sender.setsockopt(IPPROTO_IP, socket.IP_TOS, 0x28 | socket.IPTOS_ECN_ECT0);
    const [ancdata] = pass(sender, receiver);
    assert.deepEqual(ancillary.get(ancdata, 'IP_PKTINFO'), {
      ifindex: LOOPBACK,
      spec_dst: '127.0.0.1',
      addr: '127.0.0.1',
    });
    assert.equal(ancillary.get(ancdata, 'IP_TTL'), 7);
    const tos = ancillary.get(ancdata, 'IP_TOS') as number;
    assert.deepEqual([tos, ancillary.dscp(tos), ancillary.ecn(tos)], [0x2a, 10, 2]);
    assert.equal(ancdata.length, 3);
  });

  it('IP_PKTINFO, IP_TTL and IP_TOS are sent with one message', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    const anywhere = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    for (const option of [socket.IP_RECVTTL, socket.IP_RECVTOS]) {
      receiver.setsockopt(IPPROTO_IP, option, 1);
    }
    const [ancdata] = pass(sender, receiver, [
      ancillary.encode('IP_TTL', 9),
      ancillary.encode('IP_TOS', 3),
    ]);
    assert.equal(ancillary.get(ancdata, 'IP_TTL'), 9);
    assert.equal(ancillary.ecn(ancillary.get(ancdata, 'IP_TOS') as number), 3);
    const from = ancillary.encode('IP_PKTINFO', { ifindex: LOOPBACK, spec_dst: '127.0.0.2' });
    anywhere.sendmsg([X], [from], 0, receiver.getsockname());
    assert.equal(receiver.recvfrom(1)[1]?.[0], '127.0.0.2');
  });

  it('IP_RECVERR tells which machine refused what was sent', (context) => {
    const sender = udp(context);
    sender.setsockopt(IPPROTO_IP, socket.IP_RECVERR, 1);
    const nobody = udp(context);
    const address = nobody.getsockname();
    nobody.close();
    sender.sendto(X, address);
    const [data, ancdata, flags, destination] = sender.recvmsg(10, ROOM, socket.MSG_ERRQUEUE);
    assert.deepEqual([data, flags, destination], [X, socket.MSG_ERRQUEUE, address]);
    assert.deepEqual(ancillary.get(ancdata, 'IP_RECVERR'), {
      errno: 111,
      origin: socket.SO_EE_ORIGIN_ICMP,
      type: 3,
      code: 3,
      info: 0,
      data: 0,
      offender: ['127.0.0.1', 0],
    });
  });
});

describe('over IPv6', () => {
  it('IPV6_PKTINFO, IPV6_HOPLIMIT and IPV6_TCLASS are received and sent', (context) => {
    const [sender, receiver] = [udp6(context), udp6(context)];
    for (const option of [
      socket.IPV6_RECVPKTINFO,
      socket.IPV6_RECVHOPLIMIT,
      socket.IPV6_RECVTCLASS,
    ]) {
      receiver.setsockopt(IPPROTO_IPV6, option, 1);
    }
    const [ancdata] = pass(sender, receiver, [
      ancillary.encode('IPV6_HOPLIMIT', 12),
      ancillary.encode('IPV6_TCLASS', 0xb9),
      ancillary.encode('IPV6_PKTINFO', { addr: '::1', ifindex: LOOPBACK }),
    ]);
    assert.deepEqual(
      ancillary.decode(ancdata).map(({ name, value }) => [name, value]),
      [
        ['IPV6_PKTINFO', { addr: '::1', ifindex: LOOPBACK }],
        ['IPV6_HOPLIMIT', 12],
        ['IPV6_TCLASS', 0xb9],
      ],
    );
    const [defaults] = pass(sender, receiver, [ancillary.encode('IPV6_HOPLIMIT', -1)]);
    const hops = sender.getsockopt(IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS);
    assert.equal(ancillary.get(defaults, 'IPV6_HOPLIMIT'), hops);
  });

  it('IPV6_RECVERR tells which machine refused what was sent', (context) => {
    const sender = udp6(context);
    sender.setsockopt(IPPROTO_IPV6, socket.IPV6_RECVERR, 1);
    const nobody = udp6(context);
    const address = nobody.getsockname();
    nobody.close();
    sender.sendto(X, address);
    const [, ancdata] = sender.recvmsg(10, ROOM, socket.MSG_ERRQUEUE);
    assert.deepEqual(ancillary.get(ancdata, 'IPV6_RECVERR'), {
      errno: 111,
      origin: socket.SO_EE_ORIGIN_ICMP6,
      type: 1,
      code: 4,
      info: 0,
      data: 0,
      offender: ['::1', 0, 0, 0],
    });
  });
});

describe('times of arrival', () => {
  for (const [name, option] of [
    ['SO_TIMESTAMP', socket.SO_TIMESTAMP],
    ['SO_TIMESTAMPNS', socket.SO_TIMESTAMPNS],
    ['SO_TIMESTAMP_NEW', socket.SO_TIMESTAMP_NEW],
    ['SO_TIMESTAMPNS_NEW', socket.SO_TIMESTAMPNS_NEW],
  ] as const) {
    it(`${name} is when the packet came`, (context) => {
      const [sender, receiver] = [udp(context), udp(context)];
      receiver.setsockopt(SOL_SOCKET, option, 1);
      const [ancdata] = pass(sender, receiver);
      const time = ancillary.get(ancdata, name);
      assert.ok(time !== undefined);
      assertRecent(time);
      if (!name.includes('NS')) assert.equal(time % 1000n, 0n);
    });
  }

  for (const [name, option, filled] of [
    ['SCM_TIMESTAMPING', socket.SO_TIMESTAMPING, socket.SO_TIMESTAMPNS],
    ['SO_TIMESTAMPING_NEW', socket.SO_TIMESTAMPING_NEW, socket.SO_TIMESTAMPNS_NEW],
  ] as const) {
    it(`${name} has the time of the system's clock, and none of the interface's`, (context) => {
      const [sender, receiver] = [udp(context), udp(context)];
      const wanted = socket.SOF_TIMESTAMPING_RX_SOFTWARE | socket.SOF_TIMESTAMPING_SOFTWARE;
      receiver.setsockopt(SOL_SOCKET, option, wanted);
      // The kernel begins to take times a moment after it was asked to; for the other option it
      // fills in those that it missed.
      receiver.setsockopt(SOL_SOCKET, filled, 1);
      const [ancdata] = pass(sender, receiver);
      const times = ancillary.get(ancdata, name);
      assert.ok(times !== undefined, JSON.stringify(ancdata));
      assertRecent(times.software);
      assert.deepEqual([times.legacy, times.hardware], [0n, 0n]);
    });
  }

  it('the time of sending comes from the queue of errors', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    const wanted = socket.SOF_TIMESTAMPING_TX_SOFTWARE | socket.SOF_TIMESTAMPING_SOFTWARE;
    sender.setsockopt(SOL_SOCKET, socket.SO_TIMESTAMPING, wanted);
    sender.sendto(X, receiver.getsockname());
    const [, ancdata] = sender.recvmsg(ROOM, ROOM, socket.MSG_ERRQUEUE);
    assertRecent(ancillary.get(ancdata, 'SCM_TIMESTAMPING')?.software ?? 0n);
    const error = ancillary.get(ancdata, 'IP_RECVERR');
    assert.deepEqual(
      [error?.origin, error?.info, error?.offender],
      [socket.SO_EE_ORIGIN_TIMESTAMPING, socket.SCM_TSTAMP_SND, null],
    );
  });
});

describe('datagrams in bulk', () => {
  it('UDP_SEGMENT cuts what is sent', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    const segment = ancillary.encode('UDP_SEGMENT', 500);
    sender.sendmsg([Buffer.alloc(1200)], [segment], 0, receiver.getsockname());
    const lengths = [1, 2, 3].map(() => receiver.recv(ROOM).length);
    assert.deepEqual(lengths, [500, 500, 200]);
  });

  it('UDP_GRO tells the size of datagrams that came as one', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    receiver.setsockopt(SOL_UDP, socket.UDP_GRO, 1);
    const segment = ancillary.encode('UDP_SEGMENT', 500);
    sender.sendmsg([Buffer.alloc(1200)], [segment], 0, receiver.getsockname());
    const [data, ancdata] = receiver.recvmsg(2000, ancillary.space('UDP_GRO'));
    assert.deepEqual([data.length, ancillary.get(ancdata, 'UDP_GRO')], [1200, 500]);
  });
});

const skip = process.getuid?.() === 0 ? false : 'packet sockets need root';

describe('packet sockets', { skip }, () => {
  it('PACKET_AUXDATA tells how long a frame was before it was cut', (context) => {
    const [sender, receiver] = [udp(context), udp(context)];
    const watcher = closing(context, new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0));
    watcher.setsockopt(socket.SOL_PACKET, socket.PACKET_AUXDATA, 1);
    hearOnlyPort(watcher, receiver.getsockname()[1], 14);
    watcher.bind(['lo', socket.ETH_P_IP]);
    sender.sendto(Buffer.alloc(100), receiver.getsockname());
    const [, ancdata, flags] = watcher.recvmsg(60, ancillary.space('PACKET_AUXDATA'));
    const auxiliary = ancillary.get(ancdata, 'PACKET_AUXDATA');
    assert.ok(auxiliary !== undefined && (flags & socket.MSG_TRUNC) !== 0);
    const { status, ...rest } = auxiliary;
    assert.notEqual(status & socket.TP_STATUS_USER, 0);
    const length = 14 + 20 + 8 + 100;
    assert.deepEqual(rest, {
      len: length,
      snaplen: length,
      mac: 0,
      net: 14,
      vlan_tci: 0,
      vlan_tpid: 0,
    });
  });
});
