// The kernel as the judge: it takes packets that were built here, and its own are parsed.

import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { decode, icmp, icmpv6, ipv4, summary, tcp, udp } from 'berkeley-sockets/packet';
import { captureLoopback } from '../support/captures.js';
import '../support/leaks.js';
import { cannotMakeNamespaces, layCable } from '../support/namespaces.js';
import { start } from '../support/process.js';
import { closing, udp as udpSocket } from '../support/sockets.js';

const isRoot = process.getuid?.() === 0;
const hello = Buffer.from('hello');

function raw<F extends number>(context: TestContext, family: F, protocol: number) {
  return closing(context, new socket.socket(family, socket.SOCK_RAW, protocol));
}

suite('raw sockets', { skip: !isRoot && 'raw sockets need root' }, () => {
  const network = { source: '127.0.0.1', destination: '127.0.0.1' };
  const network6 = { source: '::1', destination: '::1' };

  test('the kernel delivers a datagram of IPv4 that was built here', (context) => {
    const receiver = udpSocket(context);
    const sender = raw(context, socket.AF_INET, socket.IPPROTO_RAW);
    const [, destinationPort] = receiver.getsockname();
    const datagram = udp.build({ sourcePort: 4711, destinationPort }, hello, { network });
    const wrong = udp.build({ sourcePort: 4711, destinationPort }, hello, { checksum: 1 });
    const header = { ...network, source: '127.0.0.9', protocol: socket.IPPROTO_UDP };
    for (const payload of [wrong, datagram]) {
      sender.sendto(ipv4.build({ ...header, source: '127.0.0.1' }, payload), ['127.0.0.1', 0]);
    }
    // Of the one with the wrong checksum nothing is heard.
    assert.deepEqual(receiver.recvfrom(100), [hello, ['127.0.0.1', 4711]]);
    receiver.setblocking(false);
    assert.throws(() => receiver.recv(100), socket.BlockingIOError);
  });

  test('the kernel delivers a datagram of IPv6 that was built here', (context) => {
    const receiver = closing(context, new socket.socket(socket.AF_INET6, socket.SOCK_DGRAM));
    receiver.bind(['::1', 0]);
    const [, destinationPort] = receiver.getsockname();
    const sender = raw(context, socket.AF_INET6, socket.IPPROTO_UDP);
    const build = { network: network6 };
    const datagram = udp.build({ sourcePort: 4711, destinationPort }, hello, build);
    sender.sendto(datagram, ['::1', 0]);
    assert.deepEqual(receiver.recvfrom(100), [hello, ['::1', 4711, 0, 0]]);
  });

  test('the kernel answers an echo request', (context) => {
    const sock = raw(context, socket.AF_INET, socket.IPPROTO_ICMP);
    const identifier = process.pid & 0xffff;
    const message = { type: icmp.ECHO_REQUEST, identifier, sequence: 3 };
    sock.sendto(icmp.build(message, hello), ['127.0.0.1', 0]);
    for (;;) {
      const { icmp: answer, ipv4: header } = decode(sock.recv(1500), 'ip', { verify: true });
      // A raw socket hears everything, its own question first.
      if (answer?.identifier !== identifier || answer.type !== icmp.ECHO_REPLY) continue;
      assert.deepEqual([answer.sequence, answer.payload, header?.source], [3, hello, '127.0.0.1']);
      return;
    }
  });

  test('the kernel answers an echo request of IPv6', (context) => {
    const sock = raw(context, socket.AF_INET6, socket.IPPROTO_ICMPV6);
    const identifier = process.pid & 0xffff;
    const message = { type: icmpv6.ECHO_REQUEST, identifier, sequence: 3 };
    // The kernel fills the checksum in.
    sock.sendto(icmpv6.build(message, hello, { checksum: 0 }), ['::1', 0]);
    for (;;) {
      const answer = icmpv6.parse(sock.recv(1500), { verify: true, network: network6 });
      if (answer.identifier !== identifier || answer.type !== icmpv6.ECHO_REPLY) continue;
      assert.deepEqual([answer.sequence, answer.payload], [3, hello]);
      return;
    }
  });

  test('the kernel refuses a segment for a port that nobody listens on', (context) => {
    const bound = closing(context, new socket.socket());
    bound.bind(['127.0.0.1', 0]);
    const [, destinationPort] = bound.getsockname();
    const sourcePort = 4711;
    const segment = { sourcePort, destinationPort, sequence: 99, flags: tcp.SYN };
    const own = { source: '127.0.0.66', destination: '127.0.0.1' };
    const sock = raw(context, socket.AF_INET, socket.IPPROTO_TCP);
    // Bound to an address it does not hear what others say on the loopback.
    sock.bind([own.source, 0]);
    sock.sendto(tcp.build(segment, undefined, { network: own }), ['127.0.0.1', 0]);
    for (;;) {
      const { tcp: answer } = decode(sock.recv(1500), 'ip', { verify: true });
      if (answer?.sourcePort !== destinationPort) continue;
      assert.deepEqual(
        [tcp.flagNames(answer.flags), answer.acknowledgment, answer.destinationPort],
        [['RST', 'ACK'], 100, sourcePort],
      );
      return;
    }
  });
});

/** Checks that each pattern fits a line. */
function assertLines(lines: readonly string[], patterns: readonly RegExp[]): void {
  for (const pattern of patterns) {
    assert.ok(
      lines.some((line) => pattern.test(line)),
      `no ${pattern} in\n${lines.join('\n')}`,
    );
  }
}

test('what a packet socket captures on the loopback is decoded without an error', {
  skip: cannotMakeNamespaces(),
}, async (context) => {
  const lines = (await captureLoopback(context)).map(([frame, hardware]) => {
    const decoded = decode(frame, hardware);
    assert.equal(decoded.error, undefined, frame.toString('hex'));
    return summary(decoded);
  });
  assert.ok(lines.length >= 20, `${lines.length} frames`);
  assertLines(lines, [
    /^127\S+ > 127\S+ TCP SYN seq \d+ win \d+ len 0 <mss/,
    /^\[::1\].* SYN,ACK/,
    /^127.0.0.1 > 127.0.0.1 ICMP destination unreachable code 3$/,
    /^::1 > ::1 ICMPv6 destination unreachable code 4$/,
  ]);
});

test('what a packet socket captures on a cable is decoded without an error', {
  skip: cannotMakeNamespaces(),
}, async (context) => {
  const { near, far } = layCable(context);
  const watcher = start(context, 'network', ['captureAll', '5678'], { command: near.command });
  await watcher.says('"ready"');
  const run = (place: typeof near, ...args: string[]) =>
    start(context, 'network', args, { command: place.command });
  const endsWell = async (program: ReturnType<typeof run>) => {
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, '']);
  };
  const server = run(far, 'linkLocalServer');
  await server.line();
  const port = await server.line();
  await endsWell(run(near, 'linkLocalClient', port));
  await endsWell(server);
  await endsWell(run(far, 'sendDatagram', '10.9.8.1', '5678', 'the end'));
  const lines = await watcher.message<string[]>();
  await endsWell(watcher);
  assert.deepEqual(
    lines.filter((line) => line.includes('malformed')),
    [],
  );
  assertLines(lines, [
    /^ARP who has 10\.9\.8\.1\? tell 10\.9\.8\.2$/,
    /^ARP 10\.9\.8\.1 is at /,
    /ICMPv6 neighbor solicitation fe80::2$/,
    /^\[fe80::1\]:\d+ > \[fe80::2\]:\d+ TCP SYN seq/,
    /^10\.9\.8\.2:\d+ > 10\.9\.8\.1:5678 UDP len 7$/,
  ]);
});
