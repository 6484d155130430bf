// The TypeScript type of an address, which follows from the socket's family.

import type { Named } from '../constants.js';
import type { BytesLike } from './bytes.js';

/** What may stand where Python takes a host: a name, a numeric address, or the bytes of either. */
export type Host = string | Uint8Array;

/** What each family takes as an address. */
interface AddressInputs {
  AF_INET: readonly [host: Host, port: number];
  AF_INET6: readonly [host: Host, port: number, flowinfo?: number, scope_id?: number];
  AF_UNIX: string | BytesLike;
  AF_PACKET: readonly [
    ifname: string,
    proto: number,
    pkttype?: number,
    hatype?: number,
    addr?: BytesLike,
  ];
  AF_NETLINK: readonly [pid: number, groups: number];
  /** Another name of AF_NETLINK. */
  AF_ROUTE: readonly [pid: number, groups: number];
  AF_VSOCK: readonly [cid: number, port: number];
  AF_CAN:
    | readonly [ifname: Host]
    | readonly [ifname: Host, rx_addr: number, tx_addr: number]
    | readonly [ifname: Host, name: number | bigint, pgn: number, addr: number];
  AF_TIPC: readonly [addr_type: number, v1: number, v2: number, v3: number, scope?: number];
  AF_ALG: readonly [type: string, name: string, feat?: number, mask?: number];
  AF_QIPCRTR: readonly [node: number, port: number];
  AF_RDS: readonly [host: Host, port: number];
  AF_BLUETOOTH:
    | readonly [bdaddr: string, psm: number, cid?: number, bdaddr_type?: number]
    | readonly [device: number, channel?: number]
    | number
    | Host;
}

/** What each family gives as an address. */
interface AddressOutputs {
  AF_INET: [host: string, port: number];
  AF_INET6: [host: string, port: number, flowinfo: number, scope_id: number];
  AF_UNIX: string | Buffer;
  AF_PACKET: [ifname: string, proto: number, pkttype: number, hatype: number, addr: Buffer];
  AF_NETLINK: [pid: number, groups: number];
  AF_ROUTE: [pid: number, groups: number];
  AF_VSOCK: [cid: number, port: number];
  AF_CAN:
    | [ifname: string]
    | [ifname: string, rx_addr: number, tx_addr: number]
    | [ifname: string, name: number | bigint, pgn: number, addr: number];
  AF_TIPC: [addr_type: number, v1: number, v2: number, v3: number, scope: number];
  AF_ALG: [type: string, name: string, feat: number, mask: number];
  AF_QIPCRTR: [node: number, port: number];
  AF_RDS: [host: string, port: number];
  AF_BLUETOOTH:
    | [bdaddr: string, psm: number]
    | [bdaddr: string, psm: number, cid: number, bdaddr_type: number]
    | [device: number, channel: number]
    | number
    | string;
}

/** An address of a family that has no form of its own. */
export type UnknownAddress = [family: number, data: Buffer];

/** What a socket of family `F` takes as an address. */
export type AddressInput<F extends number> =
  F extends Named<infer Name>
    ? Name extends keyof AddressInputs
      ? AddressInputs[Name]
      : unknown
    : // A family that is only known at run time.
      AddressInputs[keyof AddressInputs];

/** What a socket of family `F` gives as an address. */
export type Address<F extends number> =
  F extends Named<infer Name>
    ? Name extends keyof AddressOutputs
      ? AddressOutputs[Name]
      : UnknownAddress
    : // A family that is only known at run time: say which by a cast.
      // biome-ignore lint/suspicious/noExplicitAny: no form is wrong here
      any;

/** The same where the kernel may name nobody: an unnamed sender, a connected stream. */
export type MaybeAddress<F extends number> = Address<F> | null;

/** Who has connected; null for AF_ALG, whose operations come from nobody. */
export type CallerAddress<F extends number> =
  F extends Named<'AF_ALG'> ? MaybeAddress<F> : Address<F>;
