// Multicast groups, of any source or of one (RFC 3678).

import {
  AF_INET6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  MCAST_LEAVE_GROUP,
  MCAST_LEAVE_SOURCE_GROUP,
} from '../constants.js';
import { osError } from '../errors.js';
import { toField } from '../fields.js';
import { if_nametoindex } from '../host.js';
import { native } from '../native.js';
import { toIpv4, toIpv6 } from '../packet/values.js';
import { withOptions } from '../types.js';
import { type OptionSocket, requireOption, toSocket } from './socket.js';

/** The keyword arguments of {@link join_group} and {@link leave_group}. */
export interface GroupOptions {
  /** A network interface by name or number; left out, the one that the routes say. */
  interface?: string | number | null;
  /** The only sender that is heard; left out, every one is. */
  source?: string | null;
}

const NONE = new Uint8Array(0);
const INT_MAX = 0x7fff_ffff;
const NAMES = ['sock', 'group', 'interface', 'source'];

function interfaceIndex(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'string') return if_nametoindex(value);
  return toField(value, 'interface', INT_MAX);
}

/** The option of a membership: of any source, and of one. */
interface Change {
  readonly name: string;
  readonly any: number | undefined;
  readonly one: number | undefined;
}

function change({ name, any, one }: Change, given: readonly unknown[]): void {
  const [sock, group, device, source] = withOptions({ name, names: NAMES, required: 2 }, given);
  const member = toSocket(sock);
  const isSix = member.family === AF_INET6;
  const toAddress = isSix ? toIpv6 : toIpv4;
  const level = isSix ? IPPROTO_IPV6 : IPPROTO_IP;
  const groupBytes = toAddress(group, 'group');
  const hasSource = source !== undefined && source !== null;
  const sourceBytes = hasSource ? toAddress(source, 'source') : NONE;
  const index = interfaceIndex(device);
  const option = requireOption(hasSource ? one : any, 'multicast groups by interface');
  const fd = member.fileno();
  const result = native.changeMembership(fd, level, option, index, groupBytes, sourceBytes);
  if (result < 0) throw osError(result, 'setsockopt');
}

/**
 * Joins a multicast group: what is sent to it comes to the socket's port. ip(7), ipv6(7),
 * RFC 3678.
 *
 * A socket that is bound to `''` or the group hears it, one that is bound to another address does
 * not. With a `source` the call may be repeated for others.
 *
 * @param sock an AF_INET or AF_INET6 socket
 * @param group the group's address, of the socket's family
 * @param options `interface` by name or number; `source`, the only sender that is heard
 * @throws ValueError if an address is none of the family
 * @throws OSError EADDRINUSE or EADDRNOTAVAIL if the socket is a member already, ENODEV for an
 *   interface that is not there, EINVAL for an address of no group
 */
export function join_group(sock: OptionSocket, group: string, options?: GroupOptions): void;
export function join_group(
  sock: OptionSocket,
  group: string,
  device?: string | number | null,
  source?: string | null,
): void;
export function join_group(...given: unknown[]): void {
  change({ name: 'join_group', any: MCAST_JOIN_GROUP, one: MCAST_JOIN_SOURCE_GROUP }, given);
}

/**
 * Leaves a multicast group; closing the socket leaves all. The arguments are those of the call that
 * joined it.
 *
 * @throws ValueError if an address is none of the family
 * @throws OSError EADDRNOTAVAIL or EINVAL if the socket is no member
 */
export function leave_group(sock: OptionSocket, group: string, options?: GroupOptions): void;
export function leave_group(
  sock: OptionSocket,
  group: string,
  device?: string | number | null,
  source?: string | null,
): void;
export function leave_group(...given: unknown[]): void {
  change({ name: 'leave_group', any: MCAST_LEAVE_GROUP, one: MCAST_LEAVE_SOURCE_GROUP }, given);
}
