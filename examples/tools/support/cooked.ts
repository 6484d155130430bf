// Frames of all interfaces at once: without their own headers, which differ, but with one of Linux's.

import * as socket from 'berkeley-sockets';
import { attach_filter, type FilterInstruction } from 'berkeley-sockets/options';
import { Complaint } from './command.js';
import { messages } from './messages.js';

/** tcpdump.org's LINUX_SLL2, whose header says what the address of a packet socket says. */
export const LINK_COOKED = 276;
export const COOKED_BYTES = 20;

export type PacketSocket = socket.socket<typeof socket.AF_PACKET>;
type PacketAddress = ReturnType<PacketSocket['getsockname']>;

/** A program of BPF that takes nothing. */
const NOTHING: FilterInstruction[] = [[0x06, 0, 0, 0]];

/** What the kernel has instead of a header's fields, by their place in it; linux/filter.h. */
const ANCILLARY: Readonly<Record<number, number>> = {
  0: 0xfffff000, // SKF_AD_PROTOCOL
  4: 0xfffff008, // SKF_AD_IFINDEX
  10: 0xfffff004, // SKF_AD_PKTTYPE
};
const MODES_OF_PACKET = new Set([0x20, 0x40, 0xa0]);

/**
 * A filter that tcpdump compiled for LINUX_SLL2, for frames as the kernel filters them: it has not
 * written that header yet.
 */
export function withoutHeader(program: string): FilterInstruction[] {
  const [, ...lines] = program.trim().split('\n');
  return lines.map((line) => {
    const [code = 0, jt = 0, jf = 0, k = 0] = line.trim().split(' ').map(Number);
    // Loads from the packet: at a place, at an index, and the length of the header of IPv4.
    const isOfPacket = (code & 0x06) === 0 && MODES_OF_PACKET.has(code & 0xe0);
    if (!isOfPacket) return [code, jt, jf, k];
    const place = k >= COOKED_BYTES ? k - COOKED_BYTES : ANCILLARY[k];
    if (place === undefined) throw new Complaint('this filter needs a single interface');
    return [code, jt, jf, place];
  });
}

/** A socket that gets what all interfaces get and send, from when `prepare` has set its filter. */
export function openAny(prepare: (sock: PacketSocket) => void): PacketSocket {
  // It cannot be bound to all interfaces, only made so.
  const all = socket.htons(socket.ETH_P_ALL);
  const sock: PacketSocket = new socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, all);
  try {
    attach_filter(sock, NOTHING);
    // What came before that is in the socket already.
    Array.from(messages(sock));
    prepare(sock);
  } catch (error) {
    sock.close();
    throw error;
  }
  return sock;
}

const indexes = new Map<string, number>();

/** The number of an interface; 0 for one that has gone since its frame came. */
function indexOf(name: string): number {
  let index = indexes.get(name);
  if (index !== undefined) return index;
  try {
    index = socket.if_nametoindex(name);
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    return 0;
  }
  indexes.set(name, index);
  return index;
}

/** The header of LINUX_SLL2 of a frame that came with that address. */
export function headerOf([name, protocol, kind, hardware, address]: PacketAddress): Buffer {
  const header = Buffer.alloc(COOKED_BYTES);
  header.writeUInt16BE(protocol, 0);
  header.writeUInt32BE(indexOf(name), 4);
  header.writeUInt16BE(hardware, 8);
  header.writeUInt8(kind, 10);
  header.writeUInt8(address.length, 11);
  address.copy(header, 12, 0, 8);
  return header;
}

/** The frame with a header of Ethernet that says its protocol, so that it can be decoded. */
export function asEthernet([, protocol]: PacketAddress, packet: Buffer): Buffer {
  const frame = Buffer.alloc(14 + packet.length);
  frame.writeUInt16BE(protocol, 12);
  packet.copy(frame, 14);
  return frame;
}
