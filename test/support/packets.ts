// Packets of all kinds at random, in the form in which parsing gives them.

import * as socket from 'berkeley-sockets';
import { arp, ethernet, icmp, icmpv6, ipv4, ipv6, tcp, udp } from 'berkeley-sockets/packet';
import * as fc from 'fast-check';

const UINT8 = 0xff;
const UINT16 = 0xffff;
const UINT32 = 0xffff_ffff;

/** A plain object, as parsing makes them. */
const record = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

/** Checks a property with the same random values each time, so that a failure stays. */
export function holds<T>(property: fc.IProperty<T>, numRuns = 200): void {
  const details = fc.check(property, { seed: 826, numRuns });
  if (details.failed) throw new Error(fc.defaultReportMessage(details) ?? '');
}

const uint = (max: number) => fc.integer({ min: 0, max });
const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

/** What a packet carries. */
export const payloads = bytes(0, 64);
export const macs = bytes(6).map((address) => address.toString('hex').replace(/..\B/g, '$&:'));
export const ipv4Addresses = bytes(4).map((address) => address.join('.'));
export const ipv6Addresses = bytes(16).map((address) => socket.inet_ntop(socket.AF_INET6, address));

/** Two addresses of IPv4, or two of IPv6. */
export const networks = fc.oneof(
  record({ source: ipv4Addresses, destination: ipv4Addresses }),
  record({ source: ipv6Addresses, destination: ipv6Addresses }),
);

const TAGS = [0x8100, 0x88a8, 0x9100];

export const ethernetHeaders = record({
  destination: macs,
  source: macs,
  vlans: fc.array(
    record({
      tpid: fc.constantFrom(...TAGS),
      priority: uint(7),
      dropEligible: fc.boolean(),
      id: uint(4095),
    }),
    { maxLength: 2 },
  ),
  type: uint(UINT16).filter((type) => !TAGS.includes(type)),
});

export const arpPackets: fc.Arbitrary<arp.Arp> = fc.oneof(
  record({
    hardwareType: fc.constant(1),
    protocolType: fc.constant(0x0800),
    operation: fc.oneof(fc.constantFrom(1, 2), uint(UINT16)),
    senderHardware: macs,
    senderProtocol: ipv4Addresses,
    targetHardware: macs,
    targetProtocol: ipv4Addresses,
  }),
  record({
    hardwareType: uint(UINT16),
    protocolType: uint(UINT16),
    operation: uint(UINT16),
    senderHardware: bytes(8),
    senderProtocol: bytes(5),
    targetHardware: bytes(8),
    targetProtocol: bytes(5),
  }),
);

const nop = fc.constant({ name: 'nop' } as const);
const other = (types: number[], least = 0, most = 6) =>
  record({
    name: fc.constant('other' as const),
    type: fc.constantFrom(...types),
    data: bytes(least, most),
  });

const ipv4Options: fc.Arbitrary<ipv4.Ipv4Option[]> = fc.array(
  fc.oneof(
    nop,
    record({
      name: fc.constantFrom('recordRoute', 'looseSourceRoute', 'strictSourceRoute'),
      pointer: fc.constantFrom(4, 8),
      addresses: fc.array(ipv4Addresses, { minLength: 1, maxLength: 2 }),
    }),
    record({ name: fc.constant('routerAlert' as const), value: uint(UINT16) }),
    other([30, 94, 158, 222]),
  ),
  { maxLength: 3 },
);

export const ipv4Headers = record({
  dscp: uint(63),
  ecn: uint(3),
  identification: uint(UINT16),
  flags: uint(7),
  fragmentOffset: uint(0x1fff).map((units) => units * 8),
  ttl: uint(UINT8),
  protocol: uint(UINT8),
  source: ipv4Addresses,
  destination: ipv4Addresses,
  options: ipv4Options,
});

const ipv6Options = fc.array(
  record({ type: fc.constantFrom(0x1e, 0x3e, 0x5e), data: bytes(0, 12) }),
  { maxLength: 3 },
);

const MOBILITY = 135;

const firstExtensions: fc.Arbitrary<ipv6.Ipv6Extension> = fc.oneof(
  record({ name: fc.constantFrom('hopByHop', 'destination'), options: ipv6Options }),
  record({
    name: fc.constant('routing' as const),
    routingType: fc.constantFrom(2, 253, 254),
    segmentsLeft: uint(UINT8),
    data: bytes(20),
  }),
  record({ name: fc.constant('other' as const), type: fc.constant(51), data: bytes(22) }),
  record({ name: fc.constant('other' as const), type: fc.constant(MOBILITY), data: bytes(14) }),
);
const fragments: fc.Arbitrary<ipv6.Ipv6Extension> = record({
  name: fc.constant('fragment' as const),
  offset: uint(0x1fff).map((units) => units * 8),
  moreFragments: fc.boolean(),
  identification: uint(UINT32),
});
/** Protocols that are no extension headers. */
const upperProtocols = uint(UINT8).filter(
  (protocol) => ![0, 43, 44, 51, 60, 135, 139, 140].includes(protocol),
);

export const ipv6Headers = record({
  dscp: uint(63),
  ecn: uint(3),
  flowLabel: uint(0xfffff),
  hopLimit: uint(UINT8),
  source: ipv6Addresses,
  destination: ipv6Addresses,
  extensions: fc
    .tuple(fc.array(firstExtensions, { maxLength: 3 }), fc.array(fragments, { maxLength: 1 }))
    .map(([first, last]) => [...first, ...last]),
  protocol: upperProtocols,
});

const QUESTIONS = [0, 8, 13, 14, 15, 16, 17, 18];

export const icmpHeaders: fc.Arbitrary<Omit<icmp.Icmp, 'checksum' | 'payload'>> = fc.oneof(
  record({
    type: fc.constantFrom(...QUESTIONS),
    code: uint(UINT8),
    identifier: uint(UINT16),
    sequence: uint(UINT16),
  }),
  record({
    type: fc.constant(icmp.DESTINATION_UNREACHABLE),
    code: uint(15),
    length: uint(UINT8),
    mtu: uint(UINT16),
  }),
  record({ type: fc.constant(icmp.REDIRECT), code: uint(3), gateway: ipv4Addresses }),
  record({ type: fc.constant(icmp.TIME_EXCEEDED), code: uint(1), length: uint(UINT8) }),
  record({
    type: fc.constant(icmp.PARAMETER_PROBLEM),
    code: uint(2),
    pointer: uint(UINT8),
    length: uint(UINT8),
  }),
  record({ type: fc.constantFrom(4, 9, 42, 255), code: uint(UINT8), rest: uint(UINT32) }),
);

const neighborOptions: fc.Arbitrary<icmpv6.NeighborOption[]> = fc.array(
  fc.oneof(
    record({ name: fc.constantFrom('sourceLinkLayer', 'targetLinkLayer'), address: macs }),
    record({
      name: fc.constant('prefix' as const),
      length: uint(128),
      flags: fc.constantFrom(0, 0x40, 0x80, 0xc0),
      validLifetime: uint(UINT32),
      preferredLifetime: uint(UINT32),
      prefix: ipv6Addresses,
    }),
    record({ name: fc.constant('mtu' as const), mtu: uint(UINT32) }),
    record({
      name: fc.constant('other' as const),
      type: fc.constantFrom(14, 253),
      data: bytes(14),
    }),
  ),
  { maxLength: 3 },
);

type Message6 = Omit<icmpv6.Icmpv6, 'checksum' | 'payload'>;

export const icmpv6Headers: fc.Arbitrary<Message6> = fc.oneof(
  record({
    type: fc.constantFrom(icmpv6.ECHO_REQUEST, icmpv6.ECHO_REPLY),
    code: uint(UINT8),
    identifier: uint(UINT16),
    sequence: uint(UINT16),
  }),
  record({ type: fc.constantFrom(1, 3), code: uint(5), length: uint(UINT8) }),
  record({ type: fc.constant(icmpv6.PACKET_TOO_BIG), code: uint(1), mtu: uint(UINT32) }),
  record({ type: fc.constant(icmpv6.PARAMETER_PROBLEM), code: uint(2), pointer: uint(UINT32) }),
  record({ type: fc.constantFrom(100, 143, 200), code: uint(UINT8), rest: uint(UINT32) }),
);

/** Messages of neighbor discovery, which have no payload. */
export const neighborMessages: fc.Arbitrary<Message6> = fc.oneof(
  record({
    type: fc.constant(icmpv6.ROUTER_SOLICITATION),
    code: fc.constant(0),
    options: neighborOptions,
  }),
  record({
    type: fc.constant(icmpv6.ROUTER_ADVERTISEMENT),
    code: fc.constant(0),
    hopLimit: uint(UINT8),
    flags: uint(UINT8),
    lifetime: uint(UINT16),
    reachableTime: uint(UINT32),
    retransmitTime: uint(UINT32),
    options: neighborOptions,
  }),
  record({
    type: fc.constant(icmpv6.NEIGHBOR_SOLICITATION),
    code: fc.constant(0),
    target: ipv6Addresses,
    options: neighborOptions,
  }),
  record({
    type: fc.constant(icmpv6.NEIGHBOR_ADVERTISEMENT),
    code: fc.constant(0),
    flags: uint(UINT8),
    target: ipv6Addresses,
    options: neighborOptions,
  }),
  record({
    type: fc.constant(icmpv6.REDIRECT),
    code: fc.constant(0),
    target: ipv6Addresses,
    destination: ipv6Addresses,
    options: neighborOptions,
  }),
);

export const udpHeaders = record({ sourcePort: uint(UINT16), destinationPort: uint(UINT16) });

const LENGTHS = { nop: 1, mss: 4, windowScale: 3, sackPermitted: 2, timestamps: 10 };

/** How many bytes of TCP's header an option takes. */
function lengthOf(option: tcp.TcpOption): number {
  if (option.name === 'sack') return 2 + 8 * option.blocks.length;
  return option.name === 'other' ? 2 + option.data.length : LENGTHS[option.name];
}

const tcpOptions: fc.Arbitrary<tcp.TcpOption[]> = fc
  .array(
    fc.oneof(
      nop,
      record({ name: fc.constant('mss' as const), value: uint(UINT16) }),
      record({ name: fc.constant('windowScale' as const), shift: uint(14) }),
      fc.constant({ name: 'sackPermitted' } as const),
      record({
        name: fc.constant('sack' as const),
        blocks: fc.array(
          fc.tuple(uint(UINT32), uint(UINT32)).map((block): tcp.SackBlock => block),
          { minLength: 1, maxLength: 2 },
        ),
      }),
      record({
        name: fc.constant('timestamps' as const),
        value: uint(UINT32),
        echo: uint(UINT32),
      }),
      other([253, 254], 2, 4),
    ),
    { maxLength: 4 },
  )
  .filter((options) => options.reduce((sum, option) => sum + lengthOf(option), 0) <= 40);

export const tcpHeaders = record({
  sourcePort: uint(UINT16),
  destinationPort: uint(UINT16),
  sequence: uint(UINT32),
  acknowledgment: uint(UINT32),
  flags: uint(0xfff),
  window: uint(UINT16),
  urgentPointer: uint(UINT16),
  options: tcpOptions,
});

/** A whole segment, datagram or message, for a pair of addresses. */
function transports(network: { source: string; destination: string }) {
  const isSix = network.source.includes(':');
  const common = [
    fc
      .tuple(udpHeaders, payloads)
      .map(([header, payload]): [number, Buffer] => [
        socket.IPPROTO_UDP,
        udp.build(header, payload, { network }),
      ]),
    fc
      .tuple(tcpHeaders, payloads)
      .map(([header, payload]): [number, Buffer] => [
        socket.IPPROTO_TCP,
        tcp.build(header, payload, { network }),
      ]),
  ];
  const messages = isSix
    ? fc
        .oneof(fc.tuple(icmpv6Headers, payloads), fc.tuple(neighborMessages, bytes(0)))
        .map(([header, payload]): [number, Buffer] => [
          socket.IPPROTO_ICMPV6,
          icmpv6.build(header, payload, { network }),
        ])
    : fc
        .tuple(icmpHeaders, payloads)
        .map(([header, payload]): [number, Buffer] => [
          socket.IPPROTO_ICMP,
          icmp.build(header, payload),
        ]);
  return fc.oneof(...common, messages);
}

/** A source route that is at its end: on the way, checksums cover its last address. */
function finished(option: ipv4.Ipv4Option): ipv4.Ipv4Option {
  if (!('addresses' in option)) return option;
  return { ...option, pointer: 4 + 4 * option.addresses.length };
}

/** Packets of IPv4 and IPv6, whole ones and not fragments, with what the network carries in them. */
const ipPackets = networks.chain((network) =>
  fc
    .tuple(ipv4Headers, ipv6Headers, transports(network))
    .map(([header4, header6, [protocol, payload]]): [number, Buffer] => {
      if (!network.source.includes(':')) {
        const flags = header4.flags & ~ipv4.MF;
        const options = header4.options.map(finished);
        const header = { ...header4, ...network, protocol, flags, fragmentOffset: 0, options };
        return [socket.ETH_P_IP, ipv4.build(header, payload)];
      }
      // A routing header that is not at its end would change what the checksum covers.
      const extensions = header6.extensions
        // Nothing may follow a mobility header (RFC 6275).
        .filter(
          (each) => each.name !== 'fragment' && (each.name !== 'other' || each.type !== MOBILITY),
        )
        .map((extension) =>
          extension.name === 'routing' ? { ...extension, segmentsLeft: 0 } : extension,
        );
      const header = { ...header6, ...network, protocol, extensions };
      return [socket.ETH_P_IPV6, ipv6.build(header, payload)];
    }),
);

/** Ethernet frames with any of the protocols in them. */
export const frames = fc
  .tuple(
    ethernetHeaders,
    fc.oneof(
      { weight: 8, arbitrary: ipPackets },
      {
        weight: 1,
        arbitrary: arpPackets.map((packet): [number, Buffer] => [
          socket.ETH_P_ARP,
          arp.build(packet),
        ]),
      },
    ),
  )
  .map(([header, [type, payload]]) => ethernet.build({ ...header, type }, payload));
