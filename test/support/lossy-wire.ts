// A program that is a bad cable: `lossy-wire LEFT RIGHT LOST DOUBLED` copies frames between two
// interfaces, but for every LOSTth probe (an echo request, or UDP) that comes in on the left; one
// of DOUBLED echo replies from the right, the first, arrives twice. 0 is never. It says "ready", and
// ends with SIGTERM.

import * as socket from 'berkeley-sockets';
import { decode, icmp, icmpv6 } from 'berkeley-sockets/packet';
import * as promises from 'berkeley-sockets/promises';

const [left = '', right = '', ...numbers] = process.argv.slice(2);
const [lost = 0, doubled = 0] = numbers.map(Number);
const LARGEST = 65536;

type PacketSocket = promises.socket<typeof socket.AF_PACKET>;

/** One end of the cable: it hears what comes in, whomever it is for. */
async function plug(name: string): Promise<PacketSocket> {
  const sock = new promises.socket(socket.AF_PACKET, socket.SOCK_RAW, 0);
  sock.setsockopt(socket.SOL_PACKET, socket.PACKET_IGNORE_OUTGOING, 1);
  await sock.bind([name, socket.ETH_P_ALL]);
  return sock;
}

const counts = { probes: 0, replies: 0 };

/** How often a frame arrives at the other end. */
function copiesOf(frame: Buffer, isFromLeft: boolean): number {
  const { icmp: four, icmpv6: six, udp } = decode(frame);
  if (isFromLeft) {
    const isEcho = four?.type === icmp.ECHO_REQUEST || six?.type === icmpv6.ECHO_REQUEST;
    if (!isEcho && udp === undefined) return 1;
    counts.probes += 1;
    return counts.probes % lost === 0 ? 0 : 1;
  }
  if (four?.type !== icmp.ECHO_REPLY && six?.type !== icmpv6.ECHO_REPLY) return 1;
  counts.replies += 1;
  return counts.replies % doubled === 1 ? 2 : 1;
}

/** Between two namespaces the sum of UDP is left to a network card: there is none. 0 is no sum. */
function withoutSum(frame: Buffer): Buffer {
  const { ethernet, ipv4, udp } = decode(frame);
  if (ethernet && ipv4 && udp) frame.writeUInt16BE(0, frame.length - udp.payload.length - 2);
  return frame;
}

async function carry(from: PacketSocket, to: PacketSocket, isFromLeft: boolean): Promise<void> {
  for (;;) {
    const frame = await from.recv(LARGEST);
    for (let copies = copiesOf(frame, isFromLeft); copies > 0; copies--) {
      await to.send(withoutSum(frame));
    }
  }
}

const one = await plug(left);
const other = await plug(right);
console.log('ready');
await Promise.all([carry(one, other, true), carry(other, one, false)]);
