// Shows the frames on an interface, a line each, or writes them to a file for Wireshark.

import { styleText } from 'node:util';
import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { type Decoded, decode, summary } from 'berkeley-sockets/packet';
import { Command } from 'commander';
import { ANY, openCapture } from './support/capture.js';
import { Complaint, number, run } from './support/command.js';
import {
  asEthernet,
  COOKED_BYTES,
  headerOf,
  LINK_COOKED,
  type PacketSocket,
} from './support/cooked.js';
import { somethingCame } from './support/messages.js';
import { CaptureFile } from './support/pcap.js';

const command = new Command('sniff')
  .description('Shows the frames on an interface, a line each.')
  .argument('[filter...]', "which ones, as tcpdump(8) has it, for instance 'udp port 53'")
  .option('-i, --interface <name>', 'the interface, or any (default: the first one but lo)')
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
/** tcpdump.org's numbers of link types: frames of Ethernet, and packets of IP without a header. */
const LINK_ETHERNET = 1;
const LINK_RAW = 101;
/** What interfaces have frames of Ethernet, and what interfaces have packets without a header. */
const ETHERNET_HARDWARE: number[] = [socket.ARPHRD_ETHER, socket.ARPHRD_LOOPBACK];
const RAW_HARDWARE: number[] = [
  socket.ARPHRD_NONE,
  socket.ARPHRD_RAWIP,
  socket.ARPHRD_PPP,
  socket.ARPHRD_TUNNEL,
  socket.ARPHRD_TUNNEL6,
  socket.ARPHRD_SIT,
  socket.ARPHRD_IPGRE,
];
const STATISTICS_BYTES = 8;

function firstInterface(): string {
  const names = socket.if_nameindex().map(([, name]) => name);
  return names.find((name) => name !== 'lo') ?? 'lo';
}

/** What the frames of such an interface begin with, by tcpdump.org's number. */
function linkTypeOf(hatype: number): number | undefined {
  if (ETHERNET_HARDWARE.includes(hatype)) return LINK_ETHERNET;
  return RAW_HARDWARE.includes(hatype) ? LINK_RAW : undefined;
}

const COLORS = [
  ['arp', 'magenta'],
  ['icmp', 'yellow'],
  ['icmpv6', 'yellow'],
  ['udp', 'cyan'],
  ['tcp', 'green'],
] as const;

function line(frame: Decoded, time: bigint, place: string, hasColor: boolean): string {
  const at = new Date(Number(time / 1_000_000n)).toISOString().slice(11, 19);
  const fraction = String(time % 1_000_000_000n)
    .padStart(9, '0')
    .slice(0, 6);
  const text = summary(frame);
  const color = frame.error ? 'red' : COLORS.find(([layer]) => frame[layer])?.[1];
  const shown = hasColor && color ? styleText(color, text, { validateStream: false }) : text;
  return `${at}.${fraction} ${place} ${shown}`;
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
  using sock = openCapture(device, { filter: command.args.join(' '), ...options });
  const isAny = device === ANY;
  const hatype = isAny ? socket.ARPHRD_ETHER : sock.getsockname()[3];
  const linkType = isAny ? LINK_COOKED : linkTypeOf(hatype);
  if (options.write && linkType === undefined) {
    throw new Complaint(
      `interface ${device} has frames of another kind (ARPHRD_ ${hatype}), for which there is no ` +
        'file format here; with -i any they are written without their headers',
    );
  }
  using file = options.write
    ? new CaptureFile(options.write, linkType ?? 0, isAny ? snap + COOKED_BYTES : snap)
    : undefined;
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
      const data = batch.data(index);
      // Their addresses cost time, which only these need.
      const address = !quiet || (isAny && file) ? batch.address(index) : null;
      if (!quiet && address) {
        const direction = address[2] === socket.PACKET_OUTGOING ? 'out' : 'in ';
        const frame = isAny ? asEthernet(address, data) : data;
        const place = isAny ? `${address[0]} ${direction}` : direction;
        console.log(line(decode(frame, hatype, { partial: true }), time, place, hasColor));
      }
      if (!isAny || !address) return [data, time, len] as const;
      const cooked = Buffer.concat([headerOf(address), data]);
      return [cooked, time, COOKED_BYTES + len] as const;
    });
    file?.append(records);
  }
  console.error(`\n${frames} frames, ${bytes} bytes; ${lossesOf(sock, frames)}`);
  return 0;
}

await run(command, sniff);
