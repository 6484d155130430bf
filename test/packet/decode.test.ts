// Frames layer by layer, and each in one line.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ARPHRD_ETHER, ARPHRD_LOOPBACK, ARPHRD_NETLINK, ARPHRD_NONE } from 'berkeley-sockets';
import {
  arp,
  decode,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  summary,
  tcp,
  udp,
} from 'berkeley-sockets/packet';
import '../support/leaks.js';

const network = { source: '192.0.2.1', destination: '192.0.2.2' };
const network6 = { source: '2001:db8::1', destination: '2001:db8::2' };
const link = { source: '02:00:00:00:00:01', destination: '02:00:00:00:00:02' };
const hello = Buffer.from('hello');
const datagram = udp.build({ sourcePort: 1000, destinationPort: 53 }, hello, { network });
const packet = ipv4.build({ ...network, protocol: 17 }, datagram);
const frame = ethernet.build({ ...link, type: 0x0800 }, packet);

describe('decode', () => {
  it('finds the layers of a frame, in their order', () => {
    const decoded = decode(frame, 'ethernet', { verify: true });
    assert.deepEqual(Object.keys(decoded), ['ethernet', 'ipv4', 'udp', 'payload']);
    assert.deepEqual(decoded.payload, hello);
    assert.equal(decoded.udp?.destinationPort, 53);
  });

  it('goes by the number that an AF_PACKET address has', () => {
    const layers = (bytes: Buffer, type: number) => Object.keys(decode(bytes, type));
    assert.deepEqual(layers(frame, ARPHRD_ETHER), ['ethernet', 'ipv4', 'udp', 'payload']);
    assert.deepEqual(layers(frame, ARPHRD_LOOPBACK), ['ethernet', 'ipv4', 'udp', 'payload']);
    assert.deepEqual(layers(packet, ARPHRD_NONE), ['ipv4', 'udp', 'payload']);
    assert.deepEqual(layers(packet, ARPHRD_NETLINK), ['payload']);
    assert.deepEqual(Object.keys(decode(packet, 'ip')), ['ipv4', 'udp', 'payload']);
  });

  it('keeps what it has found before a fault, whose offset is that in the frame', () => {
    const bytes = Buffer.from(frame);
    bytes[14 + 20 + 5] = 3;
    const { error, udp: none, ipv4: found, payload } = decode(bytes);
    assert.deepEqual([none, found?.protocol, payload.length], [undefined, 17, datagram.length]);
    assert.deepEqual(
      [error?.protocol, error?.field, error?.offset],
      ['udp', 'length', 14 + 20 + 4],
    );
  });

  it('leaves the padding of a frame out of the payload', () => {
    assert.deepEqual(decode(Buffer.concat([frame, Buffer.alloc(9)])).payload, hello);
  });

  it('reads the packet that an ICMP error quotes, if it is told that it may be cut', () => {
    const quoted = packet.subarray(0, 28);
    const message = icmp.build({ type: icmp.TIME_EXCEEDED }, quoted);
    const error = ipv4.build({ ...network, protocol: 1 }, message);
    const outer = decode(error, 'ip', { verify: true });
    assert.equal(outer.icmp?.type, icmp.TIME_EXCEEDED);
    const inner = decode(outer.payload, 'ip', { partial: true });
    assert.deepEqual(
      [inner.udp?.sourcePort, inner.ipv4?.destination, inner.error],
      [1000, '192.0.2.2', undefined],
    );
    assert.equal(decode(outer.payload, 'ip').error?.field, 'totalLength');
  });

  it('reads the transport header of the first fragment only', () => {
    const first = ipv4.build({ ...network, protocol: 17, flags: ipv4.MF }, datagram.subarray(0, 8));
    const second = ipv4.build({ ...network, protocol: 17, fragmentOffset: 8 }, hello);
    const [one, two] = [first, second].map((bytes) => decode(bytes, 'ip', { verify: true }));
    assert.deepEqual([one?.udp?.length, one?.error], [13, undefined]);
    assert.deepEqual([two?.udp, two?.payload, two?.error], [undefined, hello, undefined]);
    const extensions = (offset: number) =>
      [{ name: 'fragment', offset, moreFragments: offset === 0, identification: 1 }] as const;
    const first6 = ipv6.build(
      { ...network6, protocol: 17, extensions: extensions(0) },
      datagram.subarray(0, 8),
    );
    const second6 = ipv6.build({ ...network6, protocol: 17, extensions: extensions(8) }, hello);
    assert.equal(decode(first6, 'ip', { verify: true }).udp?.length, 13);
    assert.deepEqual(
      [decode(second6, 'ip').udp, decode(second6, 'ip').payload],
      [undefined, hello],
    );
  });

  it('checks checksums with the end of a source route', () => {
    const options = (pointer: number) =>
      [{ name: 'looseSourceRoute', pointer, addresses: ['192.0.2.9', '192.0.2.2'] }] as const;
    const header = { source: network.source, destination: '192.0.2.8', protocol: 17 };
    const underway = ipv4.build({ ...header, options: options(4) }, datagram);
    const finished = ipv4.build({ ...header, options: options(12) }, datagram);
    assert.equal(decode(underway, 'ip', { verify: true }).error, undefined);
    assert.equal(decode(finished, 'ip', { verify: true }).error?.field, 'checksum');
  });

  it('checks checksums with the end of a routing header', () => {
    const six = udp.build({ sourcePort: 1, destinationPort: 2 }, hello, { network: network6 });
    const route = (routingType: number, addresses: Buffer[], segmentsLeft: number) => {
      const data = Buffer.concat([Buffer.alloc(4), ...addresses]);
      return ipv6.build(
        {
          source: network6.source,
          destination: '2001:db8::9',
          protocol: 17,
          extensions: [{ name: 'routing', routingType, segmentsLeft, data }],
        },
        six,
      );
    };
    const end = Buffer.from('20010db8000000000000000000000002', 'hex');
    const between = Buffer.from('20010db8000000000000000000000007', 'hex');
    const fault = (bytes: Buffer) => decode(bytes, 'ip', { verify: true }).error?.field;
    assert.equal(fault(route(2, [end], 1)), undefined);
    assert.equal(fault(route(0, [between, end], 2)), undefined);
    assert.equal(fault(route(4, [end, between], 1)), undefined);
    assert.equal(fault(route(4, [end, between], 0)), 'checksum');
  });

  it('takes protocols that it does not know for payload', () => {
    const bytes = ipv4.build({ ...network, protocol: 47 }, hello);
    assert.deepEqual(decode(bytes, 'ip').payload, hello);
    const other = ethernet.build({ ...link, type: 0x88b5 }, hello);
    assert.deepEqual(decode(other).payload, hello);
  });
});

describe('summary', () => {
  const line = (bytes: Buffer, type: 'ethernet' | 'ip' = 'ip') => summary(decode(bytes, type));
  const ip4 = (protocol: number, payload: Buffer) => ipv4.build({ ...network, protocol }, payload);
  const six = (payload: Buffer) => ipv6.build({ ...network6, protocol: 58 }, payload);
  const address = { senderHardware: link.source, senderProtocol: '192.0.2.1' };
  const neighbor = (type: number, mtu = 0) =>
    icmpv6.build({ type, target: 'fe80::2', mtu }, undefined, { network: network6 });
  const segment = tcp.build(
    {
      sourcePort: 5000,
      destinationPort: 80,
      sequence: 7,
      acknowledgment: 9,
      flags: tcp.SYN | tcp.ACK,
      window: 512,
      options: [{ name: 'mss', value: 1460 }, { name: 'nop' }, { name: 'sackPermitted' }],
    },
    undefined,
    { network },
  );

  const cases: readonly [text: string, line: () => string][] = [
    ['192.0.2.1:1000 > 192.0.2.2:53 UDP len 5', () => line(frame, 'ethernet')],
    [
      '192.0.2.1:5000 > 192.0.2.2:80 TCP SYN,ACK seq 7 ack 9 win 512 len 0 <mss 1460, sackOK>',
      () => line(ip4(6, segment)),
    ],
    [
      '192.0.2.1 > 192.0.2.2 ICMP echo request id 3 seq 4 len 5',
      () => line(ip4(1, icmp.build({ type: 8, identifier: 3, sequence: 4 }, hello))),
    ],
    [
      '192.0.2.1 > 192.0.2.2 ICMP destination unreachable code 4 mtu 1400',
      () => line(ip4(1, icmp.build({ type: 3, code: 4, mtu: 1400 }))),
    ],
    [
      '192.0.2.1 > 192.0.2.2 ICMP redirect code 1 to 192.0.2.9',
      () => line(ip4(1, icmp.build({ type: 5, code: 1, gateway: '192.0.2.9' }))),
    ],
    ['192.0.2.1 > 192.0.2.2 ICMP type 42', () => line(ip4(1, icmp.build({ type: 42 })))],
    [
      '2001:db8::1 > 2001:db8::2 ICMPv6 neighbor solicitation fe80::2',
      () => line(six(neighbor(icmpv6.NEIGHBOR_SOLICITATION))),
    ],
    [
      '2001:db8::1 > 2001:db8::2 ICMPv6 packet too big mtu 1280',
      () => line(six(neighbor(icmpv6.PACKET_TOO_BIG, 1280))),
    ],
    [
      '[2001:db8::1]:1000 > [2001:db8::2]:53 UDP len 5',
      () => line(ipv6.build({ ...network6, protocol: 17 }, datagram)),
    ],
    [
      '192.0.2.1 > 192.0.2.2 UDP fragment at 1480 len 5',
      () => line(ipv4.build({ ...network, protocol: 17, fragmentOffset: 1480 }, hello)),
    ],
    ['192.0.2.1 > 192.0.2.2 protocol 200 len 5', () => line(ip4(200, hello))],
    [
      'vlan 7 ARP who has 192.0.2.2? tell 192.0.2.1',
      () => {
        const question = arp.build({ ...address, operation: 1, targetProtocol: '192.0.2.2' });
        return line(
          ethernet.build({ ...link, vlans: [{ id: 7 }], type: 0x806 }, question),
          'ethernet',
        );
      },
    ],
    [
      'ARP 192.0.2.1 is at 02:00:00:00:00:01',
      () => {
        const answer = arp.build({ ...address, operation: 2, targetProtocol: '192.0.2.2' });
        return line(ethernet.build({ ...link, type: 0x806 }, answer), 'ethernet');
      },
    ],
    [
      '02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88b5 len 5',
      () => line(ethernet.build({ ...link, type: 0x88b5 }, hello), 'ethernet'),
    ],
    [
      '192.0.2.1 > 192.0.2.2 UDP len 5 (malformed: udp.header at offset 25: 8 bytes are needed, ' +
        'there are 5)',
      () => line(ip4(17, hello)),
    ],
    [
      '3 bytes (malformed: ethernet.header at offset 3: 14 bytes are needed, there are 3)',
      () => line(Buffer.alloc(3), 'ethernet'),
    ],
  ];

  for (const [text, make] of cases) it(text, () => assert.equal(make(), text));
});
