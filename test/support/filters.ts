// A filter for packet sockets, so that what others say on the loopback does not fill their queues.

import type * as socket from 'berkeley-sockets';
import { attach_filter } from 'berkeley-sockets/options';

// Where a datagram of IPv4 without options has its protocol and port, from the IP header on.
const PROTOCOL = 9;
const PORT = 22;
const UDP = 17;

/**
 * Leaves only the datagrams to a port; to be called before `bind`.
 *
 * @param linkBytes how long the header before that of IPv4 is, 0 for a socket of SOCK_DGRAM
 */
export function hearOnlyPort(sock: socket.socket<number>, port: number, linkBytes: number): void {
  attach_filter(sock, [
    [0x30, 0, 0, linkBytes + PROTOCOL], // ldb [protocol]
    [0x15, 0, 3, UDP], // jeq #17, else 3 further
    [0x28, 0, 0, linkBytes + PORT], // ldh [port]
    [0x15, 0, 1, port], // jeq #port, else 1 further
    [0x06, 0, 0, 0xffff_ffff], // ret #-1
    [0x06, 0, 0, 0], // ret #0
  ]);
}
