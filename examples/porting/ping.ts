// An ICMP echo request made by hand, and its answer. A raw socket takes CAP_NET_RAW.

import * as socket from 'berkeley-sockets';

function checksum(data: Buffer): number {
  let total = 0;
  for (let at = 0; at < data.length; at += 2) {
    total += data.readUInt16BE(at);
  }
  while (total > 0xffff) {
    total = (total & 0xffff) + (total >>> 16);
  }
  return ~total & 0xffff;
}

const identifier = process.pid & 0xffff;
const payload = Buffer.from('anybody at home?');
const request = Buffer.concat([Buffer.alloc(8), payload]);
request.writeUInt8(8, 0);
request.writeUInt16BE(identifier, 4);
request.writeUInt16BE(1, 6);
request.writeUInt16BE(checksum(request), 2);

using sock = new socket.socket(
  socket.AF_INET,
  socket.SOCK_RAW,
  socket.IPPROTO_ICMP,
);
sock.settimeout(10);
sock.sendto(request, ['127.0.0.1', 0]);
for (;;) {
  const [packet, sender] = sock.recvfrom(1500);
  const message = packet.subarray(
    (packet.readUInt8(0) & 15) * 4,
  );
  if (message.readUInt8(0) !== 0) continue;
  if (message.readUInt16BE(4) !== identifier) continue;
  const ttl = packet.readUInt8(8);
  const sequence = message.readUInt16BE(6);
  console.log(
    sender?.[0],
    ttl,
    sequence,
    checksum(message),
  );
  console.log(message.toString('utf8', 8));
  break;
}
