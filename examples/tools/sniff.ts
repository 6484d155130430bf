// Shows the frames on an interface, a line each, or writes them to a file for Wireshark.

import { spawnSync } from 'node:child_process';
import { styleText } from 'node:util';
import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { attach_filter } from 'berkeley-sockets/options';
import { type Decoded, decode, summary } from 'berkeley-sockets/packet';
import { Command } from 'commander';
import { Complaint, number, run } from './support/command.js';
import { somethingCame } from './support/messages.js';
import { CaptureFile } from './support/pcap.js';

const command = new Command('sniff')
  .description('Shows the frames on an interface, a line each.')
  .argument('[filter...]', "which ones, as tcpdump(8) has it, for instance 'udp port 53'")
  .option('-i, --interface <name>', 'the interface (default: the first one but the loopback)')
  .option('-c, --count <frames>', 'how many; without it until Ctrl-C', number(1, 2 ** 31))
  .option('-p, --promiscuous', 'also what is for other machines')
  .option('-q, --quiet', 'print no frames, only the summary')
  .option('-s, --snap <bytes>', 'of each frame', number(64, 65536), 65536)
  .option('-w, --write <file>', 'write the frames to a file in pcap format')
  .option('--bpf <program>', "a filter as 'tcpdump -ddd' prints it, where there is no tcpdump")
  .option('--color', 'colours also where the output is no terminal');

interface Options {
  interface?: string;
  count?: number;
  promiscuous?: boolean;
  quiet?: boolean;
  snap: number;
  write?: string;
  bpf?: string;
  color?: boolean;
}

const BATCH = 64;
const BATCH_MEMORY = 4 << 20;
const RECEIVE_BUFFER = 32 << 20;
/** tcpdump.org's numbers of link types: frames of Ethernet, and packets of IP without a header. */
const LINK_ETHERNET = 1;
const LINK_RAW = 101;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** Of packet(7): receive all frames, `struct packet_mreq`, `struct tpacket_stats`. */
const PACKET_MR_PROMISC = 1;
const MEMBERSHIP_BYTES = 16;
const STATISTICS_BYTES = 8;

type PacketSocket = socket.socket<typeof socket.AF_PACKET>;

/** The instructions of a filter, by tcpdump's compiler; undefined without a filter. */
function compile(expression: string, device: string): string | undefined {
  if (expression === '') return undefined;
  // tcpdump asks the interface what its frames begin with.
  const args = ['-i', device, '-ddd', expression];
  const { error, status, stdout, stderr } = spawnSync('tcpdump', args, { encoding: 'utf8' });
  if (error) throw new Complaint(`a filter takes tcpdump(8), or --bpf: ${error.message}`);
  if (status !== 0) throw new Complaint(stderr.trim());
  return stdout;
}

function firstInterface(): string {
  const names = socket.if_nameindex().map(([, name]) => name);
  return names.find((name) => name !== 'lo') ?? 'lo';
}

/** A socket that gets only what passes the filter, from its first frame on. */
function open(device: string, { bpf, promiscuous }: Options): PacketSocket {
  // With protocol 0 nothing comes before bind() says what and from where.
  const sock = new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0);
  const program = bpf ?? compile(command.args.join(' '), device);
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
  if (promiscuous) {
    const request = Buffer.alloc(MEMBERSHIP_BYTES);
    new Int32Array(request.buffer, request.byteOffset, 1)[0] = socket.if_nametoindex(device);
    new Uint16Array(request.buffer, request.byteOffset + 4, 1)[0] = PACKET_MR_PROMISC;
    sock.setsockopt(socket.SOL_PACKET, socket.PACKET_ADD_MEMBERSHIP, request);
  }
  try {
    sock.bind([device, socket.ETH_P_ALL]);
  } catch (error) {
    throw new Complaint(`interface ${device}: ${(error as Error).message}`);
  }
  return sock;
}

const COLORS = [
  ['arp', 'magenta'],
  ['icmp', 'yellow'],
  ['icmpv6', 'yellow'],
  ['udp', 'cyan'],
  ['tcp', 'green'],
] as const;

function line(frame: Decoded, time: bigint, direction: string, hasColor: boolean): string {
  const at = new Date(Number(time / 1_000_000n)).toISOString().slice(11, 19);
  const fraction = String(time % 1_000_000_000n)
    .padStart(9, '0')
    .slice(0, 6);
  const text = summary(frame);
  const color = frame.error ? 'red' : COLORS.find(([layer]) => frame[layer])?.[1];
  return `${at}.${fraction} ${direction} ${hasColor && color ? styleText(color, text, { validateStream: false }) : text}`;
}

/** What was received but not counted here, and what found no room in the socket. */
function lossesOf(sock: PacketSocket, frames: number): string {
  const statistics = sock.getsockopt(socket.SOL_PACKET, socket.PACKET_STATISTICS, STATISTICS_BYTES);
  const [passed = 0, dropped = 0] = new Uint32Array(new Uint8Array(statistics).buffer);
  return `${passed - dropped - frames} not looked at, ${dropped} dropped by the kernel`;
}

async function sniff(stop: AbortSignal): Promise<number> {
  const options = command.opts<Options>();
  const { interface: device = firstInterface(), count = Infinity, snap, quiet = false } = options;
  using sock = open(device, options);
  const hatype = sock.getsockname()[3];
  const linkType = [ARPHRD_ETHER, ARPHRD_LOOPBACK].includes(hatype) ? LINK_ETHERNET : LINK_RAW;
  using file = options.write ? new CaptureFile(options.write, linkType, snap) : undefined;
  const hasColor =
    options.color ?? (process.stdout.hasColors?.() && !process.env.NO_COLOR) ?? false;
  console.error(`listening on ${device}${file ? `, writing to ${options.write}` : ''}`);

  const size = Math.min(BATCH, Math.floor(BATCH_MEMORY / snap));
  const ancbufsize = ancillary.space('SO_TIMESTAMPNS', 'PACKET_AUXDATA');
  const batch = new socket.MessageBatch<typeof socket.AF_PACKET>(size, snap, { ancbufsize });
  let frames = 0;
  let bytes = 0;
  while (frames < count && (await somethingCame(sock, null, stop))) {
    const came = Math.min(sock.recvmmsg_into(batch), count - frames);
    frames += came;
    const records = Array.from({ length: came }, (_, index) => {
      const ancdata = batch.ancdata(index);
      const time = ancillary.get(ancdata, 'SO_TIMESTAMPNS') ?? 0n;
      const { len = 0 } = ancillary.get(ancdata, 'PACKET_AUXDATA') ?? {};
      bytes += len;
      if (!quiet) {
        const isOut = batch.address(index)?.[2] === socket.PACKET_OUTGOING;
        const frame = decode(batch.data(index), hatype, { partial: true });
        console.log(line(frame, time, isOut ? 'out' : 'in ', hasColor));
      }
      return [batch.data(index), time, len] as const;
    });
    file?.append(records);
  }
  console.error(`\n${frames} frames, ${bytes} bytes; ${lossesOf(sock, frames)}`);
  return 0;
}

await run(command, sniff);
