// Names to addresses and back, services and protocols, as promises that leave the loop running.

import { gethostname } from './host.js';
import type { AddressEntry, HostEntry, Lookup } from './lookup.js';
import * as prepare from './lookup-arguments.js';
import { answerAway, lookUpAway, splitOptions } from './lookup-promises.js';
import type { WaitOptions } from './reactor.js';
import type { AddressHints, Host, Port } from './resolve.js';

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
export type { AddressHints, Host, Port } from './resolve.js';

/** Asks what the arguments say; whatever is thrown becomes a rejection. */
async function lookUp<T>(
  given: readonly unknown[],
  prepareLookup: (args: readonly unknown[]) => Lookup<T>,
): Promise<T> {
  const [args, options] = splitOptions(given);
  return lookUpAway(prepareLookup(args), options);
}

/**
 * The addresses of a host, each as `[family, type, proto, canonname, sockaddr]`. Like Python's
 * `socket.getaddrinfo`; getaddrinfo(3). `canonname` is `''` without `AI_CANONNAME`. A numeric host
 * with a numeric port is answered without a look-up.
 *
 * @param host a name (encoded by IDNA rules) or an address
 * @param port a number, which is not checked for its range, or a service's name
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws gaierror if there is no such host or service
 * @throws UnicodeEncodeError if IDNA refuses the host
 * @throws TimeoutError, or the signal's reason; the look-up's result is dropped then
 */
export function getaddrinfo(
  host: Host,
  port: Port,
  family?: number,
  type?: number,
  proto?: number,
  flags?: number,
  options?: WaitOptions,
): Promise<AddressEntry[]>;
export function getaddrinfo(
  host: Host,
  port: Port,
  options: AddressHints & WaitOptions,
): Promise<AddressEntry[]>;
export function getaddrinfo(
  host: Host,
  port: Port,
  family: number,
  options: Omit<AddressHints, 'family'> & WaitOptions,
): Promise<AddressEntry[]>;
export function getaddrinfo(
  host: Host,
  port: Port,
  family: number,
  type: number,
  options: Pick<AddressHints, 'proto' | 'flags'> & WaitOptions,
): Promise<AddressEntry[]>;
export function getaddrinfo(
  host: Host,
  port: Port,
  family: number,
  type: number,
  proto: number,
  options: Pick<AddressHints, 'flags'> & WaitOptions,
): Promise<AddressEntry[]>;
export function getaddrinfo(
  options: AddressHints & { host: Host; port: Port } & WaitOptions,
): Promise<AddressEntry[]>;
export function getaddrinfo(...args: unknown[]): Promise<AddressEntry[]> {
  return lookUp(args, prepare.prepareGetaddrinfo);
}

/**
 * The names of an address and its port, as `[host, service]`. Like Python's `socket.getnameinfo`;
 * getnameinfo(3). With `NI_NUMERICHOST` and `NI_NUMERICSERV` it is answered without a look-up.
 *
 * @param sockaddr `[host, port]` or `[host, port, flowinfo, scope_id]` with a numeric host
 * @param flags `NI_` constants
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws gaierror if the host is not numeric, or has no name and `NI_NAMEREQD` is set
 * @throws OverflowError if the flow info has more than 20 bits
 * @throws TimeoutError, or the signal's reason
 */
export function getnameinfo(
  sockaddr: readonly [host: string, port: number, flowinfo?: number, scope_id?: number],
  flags: number,
  options?: WaitOptions,
): Promise<[host: string, service: string]>;
export function getnameinfo(...args: unknown[]): Promise<[host: string, service: string]> {
  return lookUp(args, prepare.prepareGetnameinfo);
}

/**
 * The IPv4 address of a host. Like Python's `socket.gethostbyname`; `''` gives `'0.0.0.0'` and
 * `'<broadcast>'` gives `'255.255.255.255'`.
 *
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws gaierror if there is no such host; TimeoutError, or the signal's reason
 */
export function gethostbyname(
  hostname: string | Uint8Array,
  options?: WaitOptions,
): Promise<string>;
export function gethostbyname(...args: unknown[]): Promise<string> {
  return lookUp(args, prepare.prepareGethostbyname);
}

/**
 * A host's name, its other names and its IPv4 addresses. Like Python's `socket.gethostbyname_ex`;
 * gethostbyname(3).
 *
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws gaierror or herror if there is no such host; TimeoutError, or the signal's reason
 */
export function gethostbyname_ex(
  hostname: string | Uint8Array,
  options?: WaitOptions,
): Promise<HostEntry>;
export function gethostbyname_ex(...args: unknown[]): Promise<HostEntry> {
  return lookUp(args, prepare.prepareGethostbynameEx);
}

/**
 * The names of an address (or of the host with this name), with all its addresses. Like Python's
 * `socket.gethostbyaddr`; gethostbyaddr(3).
 *
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws herror if the address has no name, gaierror if a name has no address
 * @throws TimeoutError, or the signal's reason
 */
export function gethostbyaddr(
  ip_address: string | Uint8Array,
  options?: WaitOptions,
): Promise<HostEntry>;
export function gethostbyaddr(...args: unknown[]): Promise<HostEntry> {
  return lookUp(args, prepare.prepareGethostbyaddr);
}

/**
 * The port of a service. Like Python's `socket.getservbyname`; getservbyname(3).
 *
 * @param protocolname `'tcp'`, `'udp'`, …; any if left out
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws OSError (without a number) if there is no such service
 * @throws TimeoutError, or the signal's reason
 */
export function getservbyname(
  servicename: string,
  protocolname?: string,
  options?: WaitOptions,
): Promise<number>;
export function getservbyname(servicename: string, options: WaitOptions): Promise<number>;
export function getservbyname(...args: unknown[]): Promise<number> {
  return lookUp(args, prepare.prepareGetservbyname);
}

/**
 * The service of a port. Like Python's `socket.getservbyport`; getservbyport(3).
 *
 * @param protocolname `'tcp'`, `'udp'`, …; any if left out
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws OSError (without a number) if there is no such service
 * @throws OverflowError for a port outside 0-65535
 * @throws TimeoutError, or the signal's reason
 */
export function getservbyport(
  port: number,
  protocolname?: string,
  options?: WaitOptions,
): Promise<string>;
export function getservbyport(port: number, options: WaitOptions): Promise<string>;
export function getservbyport(...args: unknown[]): Promise<string> {
  return lookUp(args, prepare.prepareGetservbyport);
}

/**
 * The number of a protocol. Like Python's `socket.getprotobyname`; getprotobyname(3).
 *
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws OSError (without a number) if there is no such protocol
 * @throws TimeoutError, or the signal's reason
 */
export function getprotobyname(protocolname: string, options?: WaitOptions): Promise<number>;
export function getprotobyname(...args: unknown[]): Promise<number> {
  return lookUp(args, prepare.prepareGetprotobyname);
}

/**
 * The fully qualified name of a host: the first of its names with a dot, or the given name where
 * nothing is known about it. Like Python's `socket.getfqdn`.
 *
 * @param name this host if it is left out, `''`, `'0.0.0.0'` or `'::'`
 * @param options a signal that ends the call, and a timeout in seconds
 * @throws TimeoutError, or the signal's reason
 */
export function getfqdn(name?: string, options?: WaitOptions): Promise<string>;
export function getfqdn(name: Uint8Array, options?: WaitOptions): Promise<string | Uint8Array>;
export function getfqdn(options: { name?: string } & WaitOptions): Promise<string>;
export async function getfqdn(...given: unknown[]): Promise<string | Uint8Array> {
  const [args, options] = splitOptions(given);
  const question = prepare.prepareGetfqdn(args, gethostname);
  return prepare.finishGetfqdn(question, await answerAway(question.lookup, options));
}
