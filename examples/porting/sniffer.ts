// Waits for a UDP packet to a port on the loopback interface. AF_PACKET takes CAP_NET_RAW.

import * as socket from 'berkeley-sockets';

const { AF_PACKET, ETH_P_IP, SOCK_DGRAM } = socket;
const port = Number(process.argv[2]);
using sniffer = new socket.socket(AF_PACKET, SOCK_DGRAM, 0);
sniffer.bind(['lo', ETH_P_IP]);
sniffer.settimeout(10);
console.log('ready');
for (;;) {
  const [packet, address] = sniffer.recvfrom(65535);
  if (address === null) continue;
  const [name, protocol, kind] = address;
  if (packet.readUInt8(9) !== socket.IPPROTO_UDP) continue;
  const datagram = packet.subarray(
    (packet.readUInt8(0) & 15) * 4,
  );
  if (datagram.readUInt16BE(2) !== port) continue;
  const isForUs = kind === socket.PACKET_HOST;
  console.log(
    name,
    `0x${protocol.toString(16)}`,
    isForUs ? 'True' : 'False',
  );
  const length = datagram.readUInt16BE(4);
  console.log(
    socket.inet_ntoa(packet.subarray(12, 16)),
    'to',
    socket.inet_ntoa(packet.subarray(16, 20)),
    datagram.toString('utf8', 8, length),
  );
  break;
}
