// A decoded packet in one line, for sniffers.

import { REPLY, REQUEST } from './arp.js';
import type { Decoded } from './decode.js';
import * as icmp from './icmp.js';
import * as icmpv6 from './icmpv6.js';
import { ACK, flagNames, type Tcp, type TcpOption } from './tcp.js';

const ICMP_NAMES: Readonly<Record<number, string>> = {
  [icmp.ECHO_REPLY]: 'echo reply',
  [icmp.DESTINATION_UNREACHABLE]: 'destination unreachable',
  [icmp.REDIRECT]: 'redirect',
  [icmp.ECHO_REQUEST]: 'echo request',
  [icmp.TIME_EXCEEDED]: 'time exceeded',
  [icmp.PARAMETER_PROBLEM]: 'parameter problem',
  [icmp.TIMESTAMP]: 'timestamp request',
  [icmp.TIMESTAMP_REPLY]: 'timestamp reply',
};

const ICMPV6_NAMES: Readonly<Record<number, string>> = {
  [icmpv6.DESTINATION_UNREACHABLE]: 'destination unreachable',
  [icmpv6.PACKET_TOO_BIG]: 'packet too big',
  [icmpv6.TIME_EXCEEDED]: 'time exceeded',
  [icmpv6.PARAMETER_PROBLEM]: 'parameter problem',
  [icmpv6.ECHO_REQUEST]: 'echo request',
  [icmpv6.ECHO_REPLY]: 'echo reply',
  [icmpv6.ROUTER_SOLICITATION]: 'router solicitation',
  [icmpv6.ROUTER_ADVERTISEMENT]: 'router advertisement',
  [icmpv6.NEIGHBOR_SOLICITATION]: 'neighbor solicitation',
  [icmpv6.NEIGHBOR_ADVERTISEMENT]: 'neighbor advertisement',
  [icmpv6.REDIRECT]: 'redirect',
  143: 'multicast listener report',
};

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  58: 'ICMPv6',
  59: 'nothing',
  89: 'OSPF',
  132: 'SCTP',
};

function host(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('hex');
}

/** `[::1]:53` or `127.0.0.1:53`. */
function endpoint(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function arpText({ operation, ...packet }: NonNullable<Decoded['arp']>): string {
  const target = host(packet.targetProtocol);
  const sender = host(packet.senderProtocol);
  if (operation === REQUEST) return `ARP who has ${target}? tell ${sender}`;
  if (operation === REPLY) return `ARP ${sender} is at ${host(packet.senderHardware)}`;
  return `ARP operation ${operation}, ${sender} > ${target}`;
}

function optionText(option: TcpOption): string {
  switch (option.name) {
    case 'mss':
      return `mss ${option.value}`;
    case 'windowScale':
      return `wscale ${option.shift}`;
    case 'sackPermitted':
      return 'sackOK';
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}-${right}`).join(' ')}`;
    case 'timestamps':
      return `TS ${option.value} ${option.echo}`;
    case 'nop':
      return 'nop';
    default:
      return `option ${option.type}`;
  }
}

function tcpText(segment: Tcp): string {
  const parts = [`TCP ${flagNames(segment.flags).join(',') || 'none'}`];
  parts.push(`seq ${segment.sequence}`);
  if ((segment.flags & ACK) !== 0) parts.push(`ack ${segment.acknowledgment}`);
  parts.push(`win ${segment.window}`, `len ${segment.payload.length}`);
  const options = segment.options.filter(({ name }) => name !== 'nop').map(optionText);
  if (options.length > 0) parts.push(`<${options.join(', ')}>`);
  return parts.join(' ');
}

function messageText(
  title: string,
  name: string | undefined,
  message: icmp.Icmp | icmpv6.Icmpv6,
): string {
  const { type, code, identifier, sequence, payload } = message;
  const parts = [`${title} ${name ?? `type ${type}`}`];
  if (identifier !== undefined) {
    parts.push(`id ${identifier} seq ${sequence} len ${payload.length}`);
    return parts.join(' ');
  }
  if (code !== 0) parts.push(`code ${code}`);
  if ('gateway' in message) parts.push(`to ${message.gateway}`);
  if ('target' in message) parts.push(`${message.target}`);
  if (message.mtu) parts.push(`mtu ${message.mtu}`);
  return parts.join(' ');
}

/** What the network layer carries, where nothing more is known: a fragment, or a protocol. */
function carriedText({ ipv4, ipv6, payload }: Decoded): string {
  const protocol = ipv4?.protocol ?? ipv6?.protocol ?? -1;
  const name = PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`;
  const fragment = ipv6?.extensions.find((extension) => extension.name === 'fragment');
  const offset = fragment?.name === 'fragment' ? fragment.offset : (ipv4?.fragmentOffset ?? 0);
  const place = offset > 0 ? ` fragment at ${offset}` : '';
  return `${name}${place} len ${payload.length}`;
}

function transportText(decoded: Decoded): string {
  const { icmp: message, icmpv6: message6, udp } = decoded;
  if (message) return messageText('ICMP', ICMP_NAMES[message.type], message);
  if (message6) return messageText('ICMPv6', ICMPV6_NAMES[message6.type], message6);
  if (udp) return `UDP len ${udp.length - 8}`;
  return tcpText(decoded.tcp as Tcp);
}

function text(decoded: Decoded): string {
  const { ethernet, arp, ipv4, ipv6, udp, tcp } = decoded;
  if (arp) return arpText(arp);
  const network = ipv4 ?? ipv6;
  if (network) {
    const ports = udp ?? tcp;
    const from = endpoint(network.source, ports?.sourcePort);
    const to = endpoint(network.destination, ports?.destinationPort);
    const hasTransport = decoded.icmp ?? decoded.icmpv6 ?? ports;
    return `${from} > ${to} ${hasTransport ? transportText(decoded) : carriedText(decoded)}`;
  }
  const length = decoded.payload.length;
  if (!ethernet) return `${length} bytes`;
  const type = `0x${ethernet.type.toString(16).padStart(4, '0')}`;
  return `${ethernet.source} > ${ethernet.destination} type ${type} len ${length}`;
}

function line(decoded: Decoded): string {
  const vlans = decoded.ethernet?.vlans.map(({ id }) => `vlan ${id} `).join('') ?? '';
  const error = decoded.error ? ` (malformed: ${decoded.error.message})` : '';
  return `${vlans}${text(decoded)}${error}`;
}

/**
 * What {@link decode} found, in one line without colours: addresses, protocol, and what matters of
 * it.
 *
 * @throws TypeError for anything else than what {@link decode} gives
 */
export function summary(decoded: Decoded): string {
  try {
    return line(decoded);
  } catch (cause) {
    throw new TypeError('summary() argument 1 must be what decode() gave', { cause });
  }
}
