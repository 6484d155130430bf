// Echo requests of ICMP and ICMPv6, and what comes back: answers and errors.

import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { icmp, icmpv6, ipv4, PacketError } from 'berkeley-sockets/packet';
import { Complaint, NEEDS_NET_RAW } from './command.js';
import {
  type Address,
  arrival,
  type DeliveryError,
  errorOf,
  messages,
  send,
  textOf,
} from './messages.js';

const { AF_INET6, IPPROTO_ICMP, IPPROTO_ICMPV6, SOCK_DGRAM, SOCK_RAW } = socket;
const { IPPROTO_IP, IPPROTO_IPV6, MSG_ERRQUEUE, PermissionError, SOL_SOCKET } = socket;

/** What came back for a request. */
export interface Echo {
  /** Undefined for an error of this machine's own, which quotes nothing. */
  sequence: number | undefined;
  /** Who answers, or reports the error. */
  from: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The bytes of the message with its header of 8. */
  length: number;
  ttl?: number | undefined;
  error?: DeliveryError;
}

/** A socket that may be had without privilege, where a group of ours is in ping_group_range. */
function open(family: number, proto: number): socket.socket<number> {
  for (const type of [SOCK_DGRAM, SOCK_RAW]) {
    try {
      return new socket.socket<number>(family, type, proto);
    } catch (error) {
      if (!(error instanceof PermissionError)) throw error;
    }
  }
  throw new Complaint(
    `${NEEDS_NET_RAW}\nor let everybody ping, which takes no privilege then:\n` +
      "  sudo sysctl -w net.ipv4.ping_group_range='0 2147483647'",
  );
}

/** Sends requests to one address. */
export class EchoSocket implements Disposable {
  readonly sock: socket.socket<number>;
  readonly #identifier: number;
  readonly #isSix: boolean;
  readonly #address: Address;

  constructor(family: number, address: Address) {
    this.#isSix = family === AF_INET6;
    this.#address = address;
    const sock = open(family, this.#isSix ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    this.sock = sock;
    sock.setblocking(false);
    sock.setsockopt(SOL_SOCKET, socket.SO_TIMESTAMPNS, 1);
    const [level, ...options] = this.#isSix
      ? [IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, socket.IPV6_RECVERR]
      : [IPPROTO_IP, socket.IP_RECVTTL, socket.IP_RECVERR];
    for (const option of options) sock.setsockopt(level as number, option, 1);
    // With SOCK_DGRAM the kernel sets the identifier: it is the port.
    if (sock.type === SOCK_DGRAM) sock.bind(['', 0]);
    this.#identifier =
      sock.type === SOCK_DGRAM
        ? ((sock.getsockname() as [string, number])[1] as number)
        : Math.floor(Math.random() * 0x10000);
  }

  /** How many routers the next requests may pass, plus one. */
  set ttl(value: number) {
    if (this.#isSix) this.sock.setsockopt(IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, value);
    else this.sock.setsockopt(IPPROTO_IP, socket.IP_TTL, value);
  }

  /** Sends a request, and says when. */
  send(sequence: number, payload: Uint8Array): number {
    const fields = { identifier: this.#identifier, sequence };
    const message = this.#isSix
      ? // The kernel adds the checksum, which covers addresses that it chooses.
        icmpv6.build({ type: icmpv6.ECHO_REQUEST, ...fields }, payload, { checksum: 0 })
      : icmp.build({ type: icmp.ECHO_REQUEST, ...fields }, payload);
    return send(this.sock, message, this.#address);
  }

  /** What has come back by now. */
  *received(): Generator<Echo> {
    for (const [data, ancdata] of messages(this.sock, MSG_ERRQUEUE)) {
      const error = errorOf(ancdata);
      if (error === undefined) continue;
      const from = error.offender ? textOf(error.offender) : '';
      const length = data.length;
      const sequence = this.#sequence(data, [icmp.ECHO_REQUEST, icmpv6.ECHO_REQUEST]);
      if (sequence !== undefined || length === 0) {
        yield { sequence, from, at: arrival(ancdata), length, error };
      }
    }
    for (const [data, ancdata, , address] of messages(this.sock)) {
      // SOCK_RAW gives the header of IPv4 as well, but not that of IPv6.
      const hasHeader = this.sock.type === SOCK_RAW && !this.#isSix;
      const message = hasHeader ? ipv4.parse(data, { partial: true }).payload : data;
      const sequence = this.#sequence(message, [icmp.ECHO_REPLY, icmpv6.ECHO_REPLY]);
      if (sequence === undefined) continue;
      const ttl = ancillary.get(ancdata, 'IP_TTL') ?? ancillary.get(ancdata, 'IPV6_HOPLIMIT');
      const from = textOf(address as unknown as Address);
      yield { sequence, from, at: arrival(ancdata), length: message.length, ttl };
    }
  }

  /** The number of a message of ours. A raw socket gets everybody's, and malformed ones. */
  #sequence(message: Buffer, [type4, type6]: [number, number]): number | undefined {
    try {
      const parsed = (this.#isSix ? icmpv6 : icmp).parse(message, { partial: true });
      const isOurs = parsed.identifier === this.#identifier;
      return isOurs && parsed.type === (this.#isSix ? type6 : type4) ? parsed.sequence : undefined;
    } catch (error) {
      if (error instanceof PacketError) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.sock.close();
  }
}
