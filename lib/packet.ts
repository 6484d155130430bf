// `berkeley-sockets/packet`: what raw and packet sockets carry, taken apart and put together.

export * as arp from './packet/arp.js';
export type { BuildOptions, Network, ParseOptions } from './packet/checksum.js';
export { inet_checksum, pseudo_header } from './packet/checksum.js';
export type { Decoded, LinkType } from './packet/decode.js';
export { decode } from './packet/decode.js';
export * as ethernet from './packet/ethernet.js';
export * as icmp from './packet/icmp.js';
export * as icmpv6 from './packet/icmpv6.js';
export * as ipv4 from './packet/ipv4.js';
export * as ipv6 from './packet/ipv6.js';
export { PacketError } from './packet/malformed.js';
export { summary } from './packet/summary.js';
export * as tcp from './packet/tcp.js';
export * as udp from './packet/udp.js';
export type { AddressLike } from './packet/values.js';
