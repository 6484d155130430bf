// Shows frames that pass the loopback interface: `node packet_sniffer.js [frames]`, as root.

import * as socket from 'berkeley-sockets';

const { AF_INET, AF_PACKET, ETH_P_ALL, SOCK_DGRAM, SOCK_RAW } = socket;
const count = Number(process.argv[2] ?? 4);

const PROTOCOLS: Record<number, string> = {
  [socket.IPPROTO_ICMP]: 'ICMP',
  [socket.IPPROTO_TCP]: 'TCP',
  [socket.IPPROTO_UDP]: 'UDP',
};

/** One line about an Ethernet frame: 14 bytes of header, and in ours then IPv4. */
function describe(frame: Buffer): string {
  const etherType = frame.readUInt16BE(12);
  if (etherType !== socket.ETH_P_IP) return `EtherType 0x${etherType.toString(16)}`;
  const packet = frame.subarray(14);
  const source = socket.inet_ntoa(packet.subarray(12, 16));
  const destination = socket.inet_ntoa(packet.subarray(16, 20));
  const protocol = packet.readUInt8(9);
  return `${PROTOCOLS[protocol] ?? `protocol ${protocol}`} from ${source} to ${destination}`;
}

function sniff(): void {
  // With protocol 0 nothing comes before bind has said from which interface, and what.
  using sniffer = new socket.socket(AF_PACKET, SOCK_RAW, 0);
  sniffer.bind(['lo', ETH_P_ALL]);
  sniffer.settimeout(10);

  // Something to see: each datagram passes twice, on its way out and on its way in.
  using talker = new socket.socket(AF_INET, SOCK_DGRAM);
  talker.bind(['127.0.0.1', 0]);

  for (let number = 1; number <= count; number++) {
    if (number % 2 === 1) talker.sendto(Buffer.from('look at me'), talker.getsockname());
    const [frame, address] = sniffer.recvfrom(65535);
    if (address === null) continue;
    const [name, , pkttype] = address;
    const direction = pkttype === socket.PACKET_OUTGOING ? 'out' : 'in';
    console.log(`${number}. ${name} ${direction}: ${frame.length} bytes, ${describe(frame)}`);
  }
}

try {
  sniff();
} catch (error) {
  if (!(error instanceof socket.PermissionError)) throw error;
  console.error(`${error.name}: ${error.message}: AF_PACKET needs the capability CAP_NET_RAW.`);
  process.exitCode = 1;
}
