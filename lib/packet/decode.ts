// A frame or packet taken apart layer by layer.

import { ValueError } from '../errors.js';
import { toRecord } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import { typeName } from '../types.js';
import * as arp from './arp.js';
import type { Network, ParseOptions } from './checksum.js';
import * as ethernet from './ethernet.js';
import * as icmp from './icmp.js';
import * as icmpv6 from './icmpv6.js';
import * as ipv4 from './ipv4.js';
import * as ipv6 from './ipv6.js';
import { PacketError, shifted } from './malformed.js';
import * as tcp from './tcp.js';
import * as udp from './udp.js';
import { IPV4_BYTES, IPV6_BYTES, ipv6Text, toBuffer } from './values.js';

/**
 * What a packet begins with: a frame, a packet of IPv4 or IPv6, or what an interface of that
 * `ARPHRD_` number has, which is the fourth item of an AF_PACKET address.
 */
export type LinkType = 'ethernet' | 'ip' | number;

/** What {@link decode} found: the layers that there are, in their order. */
export interface Decoded {
  ethernet?: ethernet.Ethernet;
  arp?: arp.Arp;
  ipv4?: ipv4.Ipv4;
  ipv6?: ipv6.Ipv6;
  icmp?: icmp.Icmp;
  icmpv6?: icmpv6.Icmpv6;
  udp?: udp.Udp;
  tcp?: tcp.Tcp;
  /** What the innermost layer carries, or what could not be taken apart. */
  payload: Buffer;
  /** Why the walk ended early: the offset is that in the whole. */
  error?: PacketError;
}

// Ethernet and its loopback; and interfaces without a header: PPP, tunnels, none at all, SIT, GRE.
const ETHERNET_HARDWARE: ReadonlySet<number> = new Set([1, 772]);
const IP_HARDWARE: ReadonlySet<number> = new Set([512, 519, 768, 769, 776, 778, 823, 65534]);

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPES_IP: ReadonlySet<number> = new Set([0x0800, 0x86dd]);

type Found = Omit<Decoded, 'payload' | 'error'>;

/** What is left to do: the layer, its bytes, and where they begin. */
interface Rest {
  layer: 'ethernet' | 'network' | 'arp' | 'transport' | 'none';
  protocol: number;
  bytes: Buffer;
  offset: number;
  isCut: boolean;
  network?: Network;
}

function firstLayer(linkType: unknown): Rest['layer'] {
  if (linkType === 'ethernet') return 'ethernet';
  if (linkType === 'ip') return 'network';
  if (typeof linkType === 'number') {
    if (ETHERNET_HARDWARE.has(linkType)) return 'ethernet';
    return IP_HARDWARE.has(linkType) ? 'network' : 'none';
  }
  if (typeof linkType !== 'string') {
    throw new TypeError(`linkType must be str or int, not ${typeName(linkType)}`);
  }
  throw new ValueError(`linkType: '${linkType}' is neither 'ethernet' nor 'ip'`);
}

function decodeEthernet(found: Found, rest: Rest): Rest {
  const frame = ethernet.parse(rest.bytes);
  found.ethernet = frame;
  const { type, payload } = frame;
  const layer =
    type === ETHERTYPE_ARP ? 'arp' : ETHERTYPES_IP.has(type) ? 'network' : ('none' as const);
  return { ...rest, layer, ...advance(rest, payload) };
}

/** The payload, and where it begins. */
function advance(rest: Rest, payload: Buffer): Pick<Rest, 'bytes' | 'offset'> {
  return { bytes: payload, offset: rest.offset + payload.byteOffset - rest.bytes.byteOffset };
}

function decodeArp(found: Found, rest: Rest): Rest {
  found.arp = arp.parse(rest.bytes);
  return { ...rest, layer: 'none', bytes: rest.bytes.subarray(rest.bytes.length) };
}

function decodeIpv4(found: Found, rest: Rest, options: ParseOptions): Rest {
  const packet = ipv4.parse(rest.bytes, options);
  found.ipv4 = packet;
  const next = { ...rest, ...advance(rest, packet.payload), protocol: packet.protocol };
  if (packet.fragmentOffset > 0) return { ...next, layer: 'none' };
  const length = rest.bytes.length;
  const isCut = packet.totalLength > length || (packet.flags & ipv4.MF) !== 0;
  const network = { source: packet.source, destination: endOfSourceRoute(packet) };
  return { ...next, layer: 'transport', isCut, network };
}

const FIRST_POINTER = 4;

/** Where a packet with a source route goes in the end, which checksums cover (RFC 1122, 4.1.3.5). */
function endOfSourceRoute({ destination, options }: ipv4.Ipv4): string {
  for (const option of options) {
    if (option.name !== 'looseSourceRoute' && option.name !== 'strictSourceRoute') continue;
    const last = option.addresses.at(-1);
    const isUnderway = option.pointer < FIRST_POINTER + option.addresses.length * IPV4_BYTES;
    if (last !== undefined && isUnderway) return last;
  }
  return destination;
}

const HOME_ADDRESS = 2;
const SOURCE_ROUTE = 0;
const SEGMENT_ROUTE = 4;
const ADDRESSES_OFFSET = 4;

/** The last address of the route, which checksums cover (RFC 8200, section 8.1). */
function endOfRoutingHeader({ destination, extensions }: ipv6.Ipv6): string {
  for (const extension of extensions) {
    if (extension.name !== 'routing' || extension.segmentsLeft === 0) continue;
    const { routingType, data } = extension;
    if (data.length < ADDRESSES_OFFSET + IPV6_BYTES) continue;
    // A segment route has its last segment first (RFC 8754), the others have it last.
    if (routingType === SEGMENT_ROUTE) return ipv6Text(data, ADDRESSES_OFFSET);
    if (routingType === SOURCE_ROUTE || routingType === HOME_ADDRESS) {
      return ipv6Text(data, data.length - IPV6_BYTES);
    }
  }
  return destination;
}

function decodeIpv6(found: Found, rest: Rest, options: ParseOptions): Rest {
  const packet = ipv6.parse(rest.bytes, options);
  found.ipv6 = packet;
  const next = { ...rest, ...advance(rest, packet.payload), protocol: packet.protocol };
  const fragment = packet.extensions.find(({ name }) => name === 'fragment');
  const isPiece = fragment?.name === 'fragment' && fragment.offset > 0;
  if (isPiece) return { ...next, layer: 'none' };
  const isFirst = fragment?.name === 'fragment' && fragment.moreFragments;
  const isCut = packet.payloadLength > rest.bytes.length - 40 || isFirst;
  const network = { source: packet.source, destination: endOfRoutingHeader(packet) };
  return { ...next, layer: 'transport', isCut, network };
}

function decodeNetwork(found: Found, rest: Rest, options: ParseOptions): Rest {
  // The version is in the first four bits; no bytes at all are no IPv4 either.
  const version = (rest.bytes[0] ?? 0x40) >> 4;
  return version === 6 ? decodeIpv6(found, rest, options) : decodeIpv4(found, rest, options);
}

function decodeTransport(found: Found, rest: Rest, { verify = false }: ParseOptions): Rest {
  const { protocol, bytes, network, isCut } = rest;
  const options: ParseOptions = { verify, partial: isCut };
  if (network !== undefined) options.network = network;
  let payload = bytes;
  if (protocol === 1 && found.ipv4) {
    found.icmp = icmp.parse(bytes, options);
    payload = found.icmp.payload;
  } else if (protocol === 58 && found.ipv6) {
    found.icmpv6 = icmpv6.parse(bytes, options);
    payload = found.icmpv6.payload;
  } else if (protocol === 17) {
    found.udp = udp.parse(bytes, options);
    payload = found.udp.payload;
  } else if (protocol === 6) {
    found.tcp = tcp.parse(bytes, options);
    payload = found.tcp.payload;
  }
  return { ...rest, layer: 'none', ...advance(rest, payload) };
}

/**
 * Takes a frame or packet apart, layer by layer. It does not throw for malformed bytes: what was
 * found up to there stays, `payload` is what could not be read, and `error` says why.
 *
 * Fragments are not put together: of the first one the transport header is read, the others are
 * payload. Neither are packets within packets read: use `decode(icmp.payload, 'ip', { partial:
 * true })` for what an ICMP error quotes.
 *
 * @param bytes what a packet socket or raw socket gave
 * @param linkType what it begins with; a frame if left out
 * @param options `verify` checks the checksums. Packets of this machine may have none yet, which
 *   the interface fills in: see TP_STATUS_CSUMNOTREADY in packet(7). `partial` takes packets that
 *   were cut
 * @throws TypeError for arguments of the wrong type, ValueError for an unknown text as `linkType`
 */
export function decode(
  bytes: BytesLike,
  linkType: LinkType = 'ethernet',
  options: Pick<ParseOptions, 'verify' | 'partial'> = {},
): Decoded {
  toRecord(options, 'options');
  const found: Found = {};
  let rest: Rest = {
    layer: firstLayer(linkType),
    protocol: 0,
    bytes: toBuffer(bytes, 'frame'),
    offset: 0,
    isCut: false,
  };
  try {
    while (rest.layer !== 'none') {
      if (rest.layer === 'ethernet') rest = decodeEthernet(found, rest);
      else if (rest.layer === 'arp') rest = decodeArp(found, rest);
      else if (rest.layer === 'network') rest = decodeNetwork(found, rest, options);
      else rest = decodeTransport(found, rest, options);
    }
    return { ...found, payload: rest.bytes };
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    return { ...found, payload: rest.bytes, error: shifted(error, rest.offset) };
  }
}
