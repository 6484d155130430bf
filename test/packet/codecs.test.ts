// The codecs byte for byte: known packets, what is malformed, what cannot be built.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as packet from 'berkeley-sockets/packet';
import { arp, ethernet, icmp, icmpv6, ipv4, ipv6, tcp, udp } from 'berkeley-sockets/packet';
import { loose, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const network4 = { source: '192.0.2.1', destination: '192.0.2.2' };
const network6 = { source: '2001:db8::1', destination: '2001:db8::2' };

describe('known packets', () => {
  it('a header of IPv4 gets its checksum', () => {
    const bytes = hex('4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7');
    const parsed = ipv4.parse(bytes, { partial: true, verify: true });
    assert.deepEqual(parsed, {
      dscp: 0,
      ecn: 0,
      totalLength: 0x73,
      identification: 0,
      flags: ipv4.DF,
      fragmentOffset: 0,
      ttl: 64,
      protocol: socket.IPPROTO_UDP,
      checksum: 0xb861,
      source: '192.168.0.1',
      destination: '192.168.0.199',
      options: [],
      payload: Buffer.alloc(0),
    });
    assert.deepEqual(ipv4.build(parsed, undefined, { length: 0x73 }), bytes);
  });

  it('a question of ARP in an Ethernet frame', () => {
    const bytes = arp.build({
      operation: arp.REQUEST,
      senderHardware: '02:00:00:00:00:01',
      senderProtocol: '192.0.2.1',
      targetProtocol: '192.0.2.2',
    });
    assert.deepEqual(
      bytes,
      hex('0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202'),
    );
    const frame = ethernet.build(
      { destination: Buffer.alloc(6, 0xff), source: '02-00-00-00-00-01', type: 0x0806 },
      bytes,
    );
    assert.deepEqual(frame.subarray(0, 14), hex('ffffffffffff 020000000001 0806'));
  });

  it('a tagged frame', () => {
    const frame = ethernet.build({
      destination: '02:00:00:00:00:02',
      source: '02:00:00:00:00:01',
      vlans: [
        { tpid: 0x88a8, id: 7 },
        { priority: 5, dropEligible: true, id: 100 },
      ],
      type: 0x86dd,
      payload: Buffer.of(1, 2),
    });
    assert.deepEqual(frame, hex('020000000002 020000000001 88a8 0007 8100 b064 86dd 0102'));
  });

  it('a segment that opens a connection', () => {
    const segment = tcp.build(
      {
        sourcePort: 0x1234,
        destinationPort: 80,
        sequence: 0xfffffffe,
        flags: tcp.SYN | tcp.ECE,
        window: 64240,
        options: [
          { name: 'mss', value: 1460 },
          { name: 'sackPermitted' },
          { name: 'timestamps', value: 1, echo: 0 },
          { name: 'nop' },
          { name: 'windowScale', shift: 7 },
        ],
      },
      undefined,
      { checksum: 0xabcd },
    );
    assert.deepEqual(
      segment,
      hex(
        '1234 0050 fffffffe 00000000 a042 faf0 abcd 0000 ' +
          '0204 05b4 0402 080a 00000001 00000000 01 030307',
      ),
    );
    assert.deepEqual(tcp.flagNames(tcp.SYN | tcp.ECE), ['SYN', 'ECE']);
  });

  it('a datagram whose checksum would be 0 gets the other zero', () => {
    const header = { sourcePort: 1, destinationPort: 2 };
    const plain = udp.build(header, Buffer.alloc(2), { network: network4 });
    const payload = plain.subarray(6, 8);
    const datagram = udp.build(header, payload, { network: network4 });
    assert.deepEqual(datagram.subarray(6), Buffer.concat([hex('ffff'), payload]));
    udp.parse(datagram, { verify: true, network: network4 });
  });

  it('a datagram without a checksum is right over IPv4 only', () => {
    const datagram = udp.build({ sourcePort: 1, destinationPort: 2 }, undefined, { checksum: 0 });
    assert.deepEqual(datagram, hex('0001 0002 0008 0000'));
    assert.equal(udp.parse(datagram, { verify: true, network: network4 }).checksum, 0);
    assert.throws(() => udp.parse(datagram, { verify: true, network: network6 }), {
      name: 'PacketError',
      field: 'checksum',
    });
  });

  it('a packet of IPv6 with extension headers', () => {
    const bytes = ipv6.build(
      {
        ...network6,
        dscp: 46,
        ecn: 1,
        flowLabel: 0xabcde,
        hopLimit: 255,
        protocol: 17,
        extensions: [
          { name: 'hopByHop', options: [{ type: 5, data: Buffer.alloc(2) }] },
          { name: 'fragment', offset: 16, moreFragments: true, identification: 7 },
        ],
      },
      Buffer.of(1),
    );
    assert.deepEqual(
      bytes,
      hex(
        '6b9abcde 0011 00 ff 20010db8000000000000000000000001 20010db8000000000000000000000002' +
          '2c00 0502 0000 0100 1100 0011 00000007 01',
      ),
    );
  });

  it('what a neighbor is asked', () => {
    const message = icmpv6.build(
      {
        type: icmpv6.NEIGHBOR_SOLICITATION,
        target: 'fe80::2',
        options: [{ name: 'sourceLinkLayer', address: '02:00:00:00:00:01' }],
      },
      undefined,
      { checksum: 0 },
    );
    assert.deepEqual(
      message,
      hex('8700 0000 00000000 fe800000000000000000000000000002 0101 020000000001'),
    );
  });

  it('payloads are views of the bytes that were parsed', () => {
    const bytes = udp.build({ sourcePort: 1, destinationPort: 2 }, Buffer.of(7), { checksum: 0 });
    const { payload } = udp.parse(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    bytes[8] = 8;
    assert.deepEqual([payload[0], Buffer.isBuffer(payload)], [8, true]);
  });

  it('the pseudo-headers of both kinds of addresses', () => {
    assert.deepEqual(
      packet.pseudo_header('192.0.2.1', Buffer.of(192, 0, 2, 2), 17, 8),
      hex('c0000201 c0000202 00 11 0008'),
    );
    assert.deepEqual(
      packet.pseudo_header('::1', '::2', 58, 70000),
      hex(`${'00'.repeat(15)}01 ${'00'.repeat(15)}02 00011170 000000 3a`),
    );
  });
});

const ip4 = ipv4.build({ ...network4, protocol: 17 }, Buffer.alloc(4));
const ip6 = ipv6.build({ ...network6, protocol: 59 });
const segment = tcp.build({ sourcePort: 1, destinationPort: 2 }, undefined, { checksum: 0 });

/** The bytes with some of them replaced. */
function changed(bytes: Buffer, offset: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, offset);
  return copy;
}

describe('malformed packets are refused with the place of the fault', () => {
  const cases: readonly [what: string, parse: () => unknown, text: string][] = [
    [
      'a frame that is too short',
      () => ethernet.parse(Buffer.alloc(13)),
      'ethernet.header at offset 13: 14 bytes are needed, there are 13',
    ],
    [
      'a frame that ends in a tag',
      () => ethernet.parse(hex('ffffffffffff 020000000001 8100 0001')),
      'ethernet.vlans at offset 16: 18 bytes are needed, there are 16',
    ],
    [
      'ARP that ends in an address',
      () => arp.parse(hex('0001 0800 06 04 0001 020000000001 c000')),
      'arp.senderProtocol at offset 16: 18 bytes are needed, there are 16',
    ],
    [
      'no IPv4 at all',
      () => ipv4.parse(Buffer.alloc(0)),
      'ipv4.header at offset 0: 20 bytes are needed, there are 0',
    ],
    ['IPv6 for IPv4', () => ipv4.parse(ip6), 'ipv4.version at offset 0: 6 is not 4'],
    [
      'a header of three words',
      () => ipv4.parse(changed(ip4, 0, 0x43)),
      'ipv4.headerLength at offset 0: 12 is less than 20',
    ],
    [
      'options beyond the packet',
      () => ipv4.parse(changed(ip4, 0, 0x4f)),
      'ipv4.options at offset 24: 60 bytes are needed, there are 24',
    ],
    [
      'a length that is less than the header',
      () => ipv4.parse(changed(ip4, 2, 0, 19)),
      'ipv4.totalLength at offset 2: 19 is less than a header of 20',
    ],
    [
      'a length beyond the packet',
      () => ipv4.parse(ip4.subarray(0, 22)),
      'ipv4.totalLength at offset 2: 24 is more than the 22 bytes',
    ],
    [
      'a wrong checksum',
      () => ipv4.parse(changed(ip4, 8, 1), { verify: true }),
      'ipv4.checksum at offset 10: 0xf6d1 should be 0x35d2',
    ],
    [
      'an option of IPv4 with a length of 1',
      () => ipv4.parse(changed(ip4, 0, 0x46, ...ip4.subarray(1, 20), 1, 7, 1, 0)),
      'ipv4.options at offset 21: an option of type 7 has no length that fits',
    ],
    [
      'IPv4 for IPv6',
      () => ipv6.parse(Buffer.alloc(40, 0x45)),
      'ipv6.version at offset 0: 4 is not 6',
    ],
    [
      'a payload beyond the packet',
      () => ipv6.parse(changed(ip6, 5, 1)),
      'ipv6.payloadLength at offset 4: 1 is more than the 0 bytes',
    ],
    [
      'an extension header that is not there',
      () => ipv6.parse(changed(ip6, 6, 0)),
      'ipv6.extensions at offset 40: 48 bytes are needed, there are 40',
    ],
    [
      'an extension header that is too long',
      () => ipv6.parse(ipv6.build({ ...network6, protocol: 60 }, hex('3b02 000000000000'))),
      'ipv6.extensions at offset 40: a header of 24 bytes goes beyond the packet',
    ],
    [
      'an option of IPv6 that is too long',
      () => ipv6.parse(ipv6.build({ ...network6, protocol: 60 }, hex('3b00 1e0500000000'))),
      'ipv6.extensions at offset 42: an option of type 30 has no length that fits',
    ],
    [
      'a message of ICMP that is too short',
      () => icmp.parse(Buffer.alloc(7)),
      'icmp.header at offset 7: 8 bytes are needed, there are 7',
    ],
    [
      'a wrong checksum of ICMP',
      () => icmp.parse(icmp.build({ type: 8 }, undefined, { checksum: 1 }), { verify: true }),
      'icmp.checksum at offset 2: 0x0001 should be 0xf7ff',
    ],
    [
      'a solicitation without a target',
      () => icmpv6.parse(changed(Buffer.alloc(12), 0, 135)),
      'icmpv6.target at offset 12: 24 bytes are needed, there are 12',
    ],
    [
      'an option of neighbor discovery without a length',
      () => icmpv6.parse(changed(Buffer.alloc(16), 0, 133, 0, 0, 0, 0, 0, 0, 0, 1, 0)),
      'icmpv6.options at offset 8: an option of type 1 has no length that fits',
    ],
    [
      'a datagram that is shorter than its header',
      () => udp.parse(hex('0001 0002 0007 0000')),
      'udp.length at offset 4: 7 is less than a header of 8',
    ],
    [
      'a datagram that is longer than the bytes',
      () => udp.parse(hex('0001 0002 0009 0000')),
      'udp.length at offset 4: 9 is more than the 8 bytes',
    ],
    [
      'a segment with a header of no words',
      () => tcp.parse(changed(segment, 12, 0)),
      'tcp.headerLength at offset 12: 0 is less than 20',
    ],
    [
      'a segment with options beyond it',
      () => tcp.parse(changed(segment, 12, 0xf0)),
      'tcp.options at offset 20: 60 bytes are needed, there are 20',
    ],
    [
      'an option of TCP that is too long',
      () => tcp.parse(changed(Buffer.concat([segment, hex('01010204')]), 12, 0x60)),
      'tcp.options at offset 22: an option of type 2 has no length that fits',
    ],
  ];

  for (const [what, parse, text] of cases) {
    it(what, () => assert.equal(thrownBy(parse), `PacketError: ${text}`));
  }

  it('the exception is a ValueError that has the place in its attributes', () => {
    assert.throws(
      () => udp.parse(Buffer.alloc(3)),
      (error) => {
        assert.ok(error instanceof packet.PacketError && error instanceof socket.ValueError);
        const { protocol, field, offset, reason } = error;
        assert.deepEqual(
          [protocol, field, offset, reason],
          ['udp', 'header', 3, '8 bytes are needed, there are 3'],
        );
        return true;
      },
    );
  });

  it('unless they may be cut', () => {
    const cut = { partial: true, verify: true, network: network4 };
    assert.equal(ipv4.parse(ip4.subarray(0, 22), cut).payload.length, 2);
    assert.equal(udp.parse(hex('0001 0002 0009 0000'), cut).length, 9);
    assert.equal(ipv6.parse(changed(ip6, 5, 1), cut).payloadLength, 1);
  });

  it('options of a known type with another length are kept as bytes', () => {
    const bytes = changed(Buffer.concat([segment, hex('0203aa 0202 010100')]), 12, 0x70);
    assert.deepEqual(tcp.parse(bytes).options, [
      { name: 'other', type: 2, data: Buffer.of(0xaa) },
      { name: 'other', type: 2, data: Buffer.alloc(0) },
      { name: 'nop' },
      { name: 'nop' },
    ]);
  });
});

describe('what cannot be built is refused with the name of the field', () => {
  const mac = '02:00:00:00:00:01';
  const ports = { sourcePort: 1, destinationPort: 2 };
  const header4 = { ...network4, protocol: 1 };
  const header6 = { ...network6, protocol: 59 };
  const cases: readonly [what: string, build: () => unknown, text: string][] = [
    [
      'a frame without a source',
      () => loose(ethernet).build?.({ destination: mac, type: 1 }),
      'TypeError: ethernet.source must be bytes-like, not None',
    ],
    [
      'a hardware address that is none',
      () => ethernet.build({ destination: 'x', source: mac, type: 1 }),
      "ValueError: ethernet.destination: 'x' is no hardware address",
    ],
    [
      'a hardware address of 5 bytes',
      () => ethernet.build({ destination: Buffer.alloc(5), source: mac, type: 1 }),
      'ValueError: ethernet.destination must be 6 bytes, not 5',
    ],
    [
      'a tag of another kind',
      () => ethernet.build({ destination: mac, source: mac, vlans: [{ tpid: 1 }], type: 1 }),
      'ValueError: ethernet.vlans[].tpid: 0x1 is no kind of tag',
    ],
    [
      'a large VLAN',
      () => ethernet.build({ destination: mac, source: mac, vlans: [{ id: 4096 }], type: 1 }),
      'OverflowError: ethernet.vlans[].id must be 0-4095, not 4096',
    ],
    [
      'addresses of two lengths',
      () =>
        arp.build({
          operation: 1,
          senderHardware: mac,
          senderProtocol: '192.0.2.1',
          targetHardware: Buffer.alloc(8),
          targetProtocol: '192.0.2.2',
        }),
      'ValueError: arp.targetHardware has 8 bytes, arp.senderHardware 6',
    ],
    [
      'a name for an address',
      () => ipv4.build({ ...header4, source: 'localhost' }),
      "ValueError: ipv4.source: 'localhost' is no IPv4 address",
    ],
    [
      'a large time to live',
      () => ipv4.build({ ...header4, ttl: 256 }),
      'OverflowError: ipv4.ttl must be 0-255, not 256',
    ],
    [
      'text for a number',
      () => loose(ipv4).build?.({ ...header4, ttl: '64' }),
      'TypeError: ipv4.ttl must be int, not str',
    ],
    [
      'a fragment that does not begin at a unit',
      () => ipv4.build({ ...header4, fragmentOffset: 4 }),
      'ValueError: ipv4.fragmentOffset must be a multiple of 8, not 4',
    ],
    [
      'more options than there is room for',
      () =>
        ipv4.build({ ...header4, options: [{ name: 'other', type: 9, data: Buffer.alloc(39) }] }),
      'ValueError: ipv4.options: 41 bytes are more than 40',
    ],
    [
      'an unknown option',
      () => loose(ipv4).build?.({ ...header4, options: [{ name: 'mss', value: 1 }] }),
      "ValueError: ipv4.options[]: no option is called 'mss'",
    ],
    [
      'options that are no list',
      () => loose(tcp).build?.({ ...ports, options: 5 }),
      'TypeError: tcp.options must be an array, not int',
    ],
    [
      'a packet that is too long',
      () => ipv4.build(header4, Buffer.alloc(65516)),
      'OverflowError: ipv4.totalLength must be 0-65535, not 65536',
    ],
    [
      'text for a payload',
      () => loose(ipv4).build?.(header4, 'text'),
      'TypeError: ipv4.payload must be bytes-like, not str',
    ],
    ['nothing', () => loose(ipv4).build?.(), 'TypeError: ipv4 must be an object, not NoneType'],
    ...Object.entries({ icmp, icmpv6, ipv4, ipv6, tcp, udp }).flatMap(([name, codec]) =>
      [
        { method: 'parse', given: [segment] },
        { method: 'build', given: [{}, undefined] },
      ].map(({ method, given }): [string, () => unknown, string] => [
        `${name}.${method} without its options`,
        () => loose(codec)[method]?.(...given, null),
        'TypeError: options must be an object, not NoneType',
      ]),
    ),
    [
      'an extension header of no whole units',
      () =>
        ipv6.build({
          ...header6,
          extensions: [{ name: 'other', type: 135, data: Buffer.alloc(5) }],
        }),
      'ValueError: ipv6.extensions[].data: a header of type 135 with 7 bytes is no multiple of 8',
    ],
    [
      'a protocol as an extension header',
      () =>
        ipv6.build({ ...header6, extensions: [{ name: 'other', type: 6, data: Buffer.alloc(6) }] }),
      'ValueError: ipv6.extensions[].type: 6 is no extension header',
    ],
    [
      'a checksum without addresses',
      () => udp.build(ports),
      'ValueError: udp.checksum covers addresses: pass { network: { source, destination } }',
    ],
    [
      'the check of one',
      () => tcp.parse(segment, { verify: true }),
      'ValueError: tcp.checksum covers addresses: pass { network: { source, destination } }',
    ],
    [
      'addresses of two kinds',
      () => udp.build(ports, undefined, { network: { source: '::1', destination: '192.0.2.1' } }),
      'ValueError: one address is of IPv4, one of IPv6',
    ],
    [
      'text for bytes',
      () => loose(packet).inet_checksum?.('text'),
      "TypeError: a bytes-like object is required, not 'str'",
    ],
    [
      'a frame of text',
      () => loose(packet).decode?.('text'),
      'TypeError: frame must be bytes-like, not str',
    ],
    [
      'an unknown link',
      () => loose(packet).decode?.(Buffer.alloc(1), 'token ring'),
      "ValueError: linkType: 'token ring' is neither 'ethernet' nor 'ip'",
    ],
    [
      'no link',
      () => loose(packet).decode?.(Buffer.alloc(1), null),
      'TypeError: linkType must be str or int, not NoneType',
    ],
    [
      'a frame without options',
      () => loose(packet).decode?.(Buffer.alloc(1), 'ip', null),
      'TypeError: options must be an object, not NoneType',
    ],
  ];

  for (const [what, build, text] of cases) {
    it(what, () => assert.equal(thrownBy(build), text));
  }
});
