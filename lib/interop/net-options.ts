// Addresses and options of TCP in the form that `net.Socket` has them.

import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from '../constants.js';
import { native } from '../native.js';
import type { Descriptor } from '../socket/descriptor.js';
import type { Endpoint } from '../socket/endpoint.js';

/** One end of a connection as Node has it; empty where it has no IP address. */
export interface EndpointInfo {
  address?: string;
  port?: number;
  /** `'IPv4'` or `'IPv6'`. */
  family?: string;
}

const FAMILIES: Readonly<Record<number, string>> = { [AF_INET]: 'IPv4', [AF_INET6]: 'IPv6' };

/** Undefined where there is none, or none any more. */
function infoOf(sock: Endpoint<number>, read: () => unknown): EndpointInfo | undefined {
  const family = FAMILIES[sock.family];
  if (family === undefined) return undefined;
  try {
    const [address, port] = read() as [string, number];
    return { address, port, family };
  } catch {
    return undefined;
  }
}

/** The local end. */
export function localInfo(sock: Endpoint<number>): EndpointInfo | undefined {
  return infoOf(sock, () => sock.getsockname());
}

/** The peer's end. */
export function peerInfo(sock: Endpoint<number>): EndpointInfo | undefined {
  return infoOf(sock, () => sock.getpeername());
}

// Like Node, the two below overlook that a connection is gone: reading and writing tell.

/** TCP_NODELAY. */
export function noDelay({ fd, family }: Descriptor, isOn: boolean): void {
  if (FAMILIES[family] === undefined) return;
  native.setsockoptInt(fd, IPPROTO_TCP, TCP_NODELAY, isOn ? 1 : 0);
}

/** SO_KEEPALIVE, with the milliseconds before the first probe; the kernel counts seconds. */
export function keepAlive({ fd, family }: Descriptor, isOn: boolean, delay: number): void {
  if (FAMILIES[family] === undefined) return;
  native.setsockoptInt(fd, SOL_SOCKET, SO_KEEPALIVE, isOn ? 1 : 0);
  const seconds = Math.trunc(delay / 1000);
  if (isOn && seconds > 0) native.setsockoptInt(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
}
