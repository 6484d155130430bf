// Why a packet was not delivered, in the words of iputils' ping and the marks of traceroute.

import { constants } from 'node:os';
import * as socket from 'berkeley-sockets';
import { icmp, icmpv6 } from 'berkeley-sockets/packet';
import type { DeliveryError } from './messages.js';

/** SO_EE_ORIGIN_ICMP6 of linux/errqueue.h; IPv4's is 2. */
const ICMPV6 = 3;
const LOCAL = 1;

const UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'Destination Net Unreachable',
  1: 'Destination Host Unreachable',
  2: 'Destination Protocol Unreachable',
  3: 'Destination Port Unreachable',
  5: 'Source Route Failed',
  6: 'Destination Net Unknown',
  7: 'Destination Host Unknown',
  9: 'Destination Net Prohibited',
  10: 'Destination Host Prohibited',
  13: 'Packet filtered',
};
const UNREACHABLE6: Readonly<Record<number, string>> = {
  0: 'Destination unreachable: No route',
  1: 'Destination unreachable: Administratively prohibited',
  2: 'Destination unreachable: Beyond scope of source address',
  3: 'Destination unreachable: Address unreachable',
  4: 'Destination unreachable: Port unreachable',
};

/** Whether a router says that the packet had passed as many as it might. */
export function isExceeded({ origin, type }: DeliveryError): boolean {
  return type === (origin === ICMPV6 ? icmpv6.TIME_EXCEEDED : icmp.TIME_EXCEEDED);
}

/** The reason in words. */
export function whyNot(error: DeliveryError): string {
  const { errno, origin, type, code, info } = error;
  if (origin === LOCAL) {
    if (errno === constants.errno.EMSGSIZE) return `message too long, mtu=${info}`;
    return new socket.OSError(errno, `error ${errno}`).strerror ?? '';
  }
  const isSix = origin === ICMPV6;
  if (isExceeded(error)) return isSix ? 'Time exceeded: Hop limit' : 'Time to live exceeded';
  if (isSix && type === icmpv6.PACKET_TOO_BIG) return `Packet too big: mtu=${info}`;
  if (isSix && type === icmpv6.DESTINATION_UNREACHABLE) {
    return UNREACHABLE6[code] ?? `Destination unreachable, code ${code}`;
  }
  if (!isSix && type === icmp.DESTINATION_UNREACHABLE) {
    if (code === 4) return `Frag needed and DF set (mtu = ${info})`;
    return UNREACHABLE[code] ?? `Destination unreachable, code ${code}`;
  }
  return `ICMP type ${type} code ${code}`;
}

const MARKS: Readonly<Record<number, string>> = {
  0: '!N',
  1: '!H',
  2: '!P',
  4: '!F',
  5: '!S',
  13: '!X',
};
const MARKS6: Readonly<Record<number, string>> = { 0: '!N', 1: '!X', 3: '!H' };

/** The mark behind a time; none for the expected answers: time exceeded, port unreachable. */
export function mark(error: DeliveryError): string {
  const isSix = error.origin === ICMPV6;
  const isPort = error.code === (isSix ? 4 : 3);
  if (isExceeded(error) || isPort) return '';
  return (isSix ? MARKS6 : MARKS)[error.code] ?? `!<${error.code}>`;
}
