// Packet sockets (packet(7)) that get what a filter of tcpdump's lets pass.

import { spawnSync } from 'node:child_process';
import * as socket from 'berkeley-sockets';
import { attach_filter, detach_filter } from 'berkeley-sockets/options';
import { Complaint } from './command.js';
import { openAny, type PacketSocket, withoutHeader } from './cooked.js';

export const ANY = 'any';

const RECEIVE_BUFFER = 32 << 20;
/** `struct packet_mreq` of packet(7). */
const MEMBERSHIP_BYTES = 16;

/** What a socket shall get. */
interface Wanted {
  /** As tcpdump has it; empty for everything. */
  filter: string;
  /** The same as `tcpdump -ddd` prints it. */
  bpf?: string | undefined;
  /** Whether also what is for other machines. */
  promiscuous?: boolean | undefined;
}

/** The instructions of a filter, by tcpdump's compiler; undefined without a filter. */
function compile(expression: string, device: string): string | undefined {
  if (expression === '') return undefined;
  // tcpdump asks the interface what its frames begin with.
  const kind = device === ANY ? ['-y', 'LINUX_SLL2'] : [];
  const args = ['-i', device, ...kind, '-ddd', expression];
  const { error, status, stdout, stderr } = spawnSync('tcpdump', args, { encoding: 'utf8' });
  if (error) throw new Complaint(`a filter takes tcpdump(8), or --bpf: ${error.message}`);
  if (status !== 0) throw new Complaint(stderr.trim());
  return stdout;
}

/** Sets what each packet socket of ours has set. */
function prepare(sock: PacketSocket, program: Parameters<typeof attach_filter>[1] | undefined) {
  if (program !== undefined) attach_filter(sock, program);
  try {
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE, RECEIVE_BUFFER);
  } catch (error) {
    // It takes CAP_NET_ADMIN; without it there is as much as the system allows everybody.
    if (!(error instanceof socket.PermissionError)) throw error;
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER);
  }
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, 1);
  // It tells how long a frame was before it was cut.
  sock.setsockopt(socket.SOL_PACKET, socket.PACKET_AUXDATA, 1);
}

/** Has the interface take what is for others, too. */
function hearEverything(sock: PacketSocket, device: string): void {
  const request = Buffer.alloc(MEMBERSHIP_BYTES);
  new Int32Array(request.buffer, request.byteOffset, 1)[0] = socket.if_nametoindex(device);
  new Uint16Array(request.buffer, request.byteOffset + 4, 1)[0] = socket.PACKET_MR_PROMISC;
  sock.setsockopt(socket.SOL_PACKET, socket.PACKET_ADD_MEMBERSHIP, request);
}

function attach(sock: PacketSocket, device: string): void {
  try {
    sock.bind([device, socket.ETH_P_ALL]);
  } catch (error) {
    throw new Complaint(`interface ${device}: ${(error as Error).message}`);
  }
}

/** A socket that gets only what passes the filter, from its first frame on. `ANY` is all interfaces. */
export function openCapture(device: string, wanted: Wanted): PacketSocket {
  const program = wanted.bpf ?? compile(wanted.filter, device);
  if (device === ANY) {
    if (wanted.promiscuous) throw new Complaint('--promiscuous takes a single interface');
    return openAny((sock) => {
      if (program === undefined) detach_filter(sock);
      prepare(sock, program && withoutHeader(program));
    });
  }
  // With protocol 0 nothing comes before bind() says what and from where.
  const sock = new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0);
  try {
    prepare(sock, program);
    if (wanted.promiscuous) hearEverything(sock, device);
    attach(sock, device);
  } catch (error) {
    sock.close();
    throw error;
  }
  return sock;
}
