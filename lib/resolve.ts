// Names to addresses and back, services, protocols and numbers, waiting on the calling thread.

import { gethostname } from './host.js';
import { type AddressEntry, answerHere, type HostEntry, lookUpHere } from './lookup.js';
import * as prepare from './lookup-arguments.js';

export { gethostname, if_indextoname, if_nameindex, if_nametoindex, sethostname } from './host.js';
export type { AddressEntry, HostEntry, InternetAddress } from './lookup.js';
export {
  htonl,
  htons,
  inet_aton,
  inet_ntoa,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
} from './numbers.js';

/** A host for `getaddrinfo`: a name or an address; null is this host (or, with AI_PASSIVE, any). */
export type Host = string | Buffer | null;
/** A port for `getaddrinfo`: a number, a service's name, or null for 0. */
export type Port = number | bigint | string | Buffer | null;

/** The keyword arguments of {@link getaddrinfo}. */
export interface AddressHints {
  /** `AF_INET`, `AF_INET6` or 0 for both. */
  family?: number;
  /** `SOCK_STREAM`, `SOCK_DGRAM`, … or 0 for all. */
  type?: number;
  /** `IPPROTO_TCP`, … or 0 for all. */
  proto?: number;
  /** `AI_` constants. */
  flags?: number;
}

/**
 * The addresses of a host, each as `[family, type, proto, canonname, sockaddr]`. Like Python's
 * `socket.getaddrinfo`; getaddrinfo(3). `canonname` is `''` without `AI_CANONNAME`. May wait for
 * a name server.
 *
 * @param host a name (encoded by IDNA rules) or an address
 * @param port a number, which is not checked for its range, or a service's name
 * @throws gaierror if there is no such host or service
 * @throws UnicodeEncodeError if IDNA refuses the host
 */
export function getaddrinfo(
  host: Host,
  port: Port,
  family?: number,
  type?: number,
  proto?: number,
  flags?: number,
): AddressEntry[];
export function getaddrinfo(host: Host, port: Port, hints: AddressHints): AddressEntry[];
export function getaddrinfo(
  host: Host,
  port: Port,
  family: number,
  hints: Omit<AddressHints, 'family'>,
): AddressEntry[];
export function getaddrinfo(
  host: Host,
  port: Port,
  family: number,
  type: number,
  hints: Pick<AddressHints, 'proto' | 'flags'>,
): AddressEntry[];
export function getaddrinfo(
  host: Host,
  port: Port,
  family: number,
  type: number,
  proto: number,
  hints: Pick<AddressHints, 'flags'>,
): AddressEntry[];
export function getaddrinfo(options: AddressHints & { host: Host; port: Port }): AddressEntry[];
export function getaddrinfo(...args: unknown[]): AddressEntry[] {
  return lookUpHere(prepare.prepareGetaddrinfo(args));
}

/**
 * The names of an address and its port, as `[host, service]`. Like Python's `socket.getnameinfo`;
 * getnameinfo(3). May wait for a name server.
 *
 * @param sockaddr `[host, port]` or `[host, port, flowinfo, scope_id]` with a numeric host
 * @param flags `NI_` constants
 * @throws gaierror if the host is not numeric, or has no name and `NI_NAMEREQD` is set
 * @throws OverflowError if the flow info has more than 20 bits
 */
export function getnameinfo(
  sockaddr: readonly [host: string, port: number, flowinfo?: number, scope_id?: number],
  flags: number,
): [host: string, service: string];
export function getnameinfo(...args: unknown[]): [host: string, service: string] {
  return lookUpHere(prepare.prepareGetnameinfo(args));
}

/**
 * The IPv4 address of a host. Like Python's `socket.gethostbyname`; `''` gives `'0.0.0.0'` and
 * `'<broadcast>'` gives `'255.255.255.255'`. May wait for a name server.
 *
 * @throws gaierror if there is no such host
 */
export function gethostbyname(hostname: string | Uint8Array): string;
export function gethostbyname(...args: unknown[]): string {
  return lookUpHere(prepare.prepareGethostbyname(args));
}

/**
 * A host's name, its other names and its IPv4 addresses. Like Python's `socket.gethostbyname_ex`;
 * gethostbyname(3). May wait for a name server.
 *
 * @throws gaierror or herror if there is no such host
 */
export function gethostbyname_ex(hostname: string | Uint8Array): HostEntry;
export function gethostbyname_ex(...args: unknown[]): HostEntry {
  return lookUpHere(prepare.prepareGethostbynameEx(args));
}

/**
 * The names of an address (or of the host with this name), with all its addresses. Like Python's
 * `socket.gethostbyaddr`; gethostbyaddr(3). May wait for a name server.
 *
 * @throws herror if the address has no name, gaierror if a name has no address
 */
export function gethostbyaddr(ip_address: string | Uint8Array): HostEntry;
export function gethostbyaddr(...args: unknown[]): HostEntry {
  return lookUpHere(prepare.prepareGethostbyaddr(args));
}

/**
 * The port of a service. Like Python's `socket.getservbyname`; getservbyname(3).
 *
 * @param protocolname `'tcp'`, `'udp'`, …; any if left out
 * @throws OSError (without a number) if there is no such service
 */
export function getservbyname(servicename: string, protocolname?: string): number;
export function getservbyname(...args: unknown[]): number {
  return lookUpHere(prepare.prepareGetservbyname(args));
}

/**
 * The service of a port. Like Python's `socket.getservbyport`; getservbyport(3).
 *
 * @param protocolname `'tcp'`, `'udp'`, …; any if left out
 * @throws OSError (without a number) if there is no such service
 * @throws OverflowError for a port outside 0-65535
 */
export function getservbyport(port: number, protocolname?: string): string;
export function getservbyport(...args: unknown[]): string {
  return lookUpHere(prepare.prepareGetservbyport(args));
}

/**
 * The number of a protocol. Like Python's `socket.getprotobyname`; getprotobyname(3).
 *
 * @throws OSError (without a number) if there is no such protocol
 */
export function getprotobyname(protocolname: string): number;
export function getprotobyname(...args: unknown[]): number {
  return lookUpHere(prepare.prepareGetprotobyname(args));
}

/**
 * The fully qualified name of a host: the first of its names with a dot, or the given name where
 * nothing is known about it. Like Python's `socket.getfqdn`. May wait for a name server.
 *
 * @param name this host if it is left out, `''`, `'0.0.0.0'` or `'::'`
 */
export function getfqdn(name?: string): string;
export function getfqdn(name: Uint8Array): string | Uint8Array;
export function getfqdn(options: { name?: string }): string;
export function getfqdn(...args: unknown[]): string | Uint8Array {
  const question = prepare.prepareGetfqdn(args, gethostname);
  return prepare.finishGetfqdn(question, answerHere(question.lookup));
}
