// A program that sends a burst of 100,000 broadcast datagrams of 18 bytes to 10.9.8.255.

import * as socket from 'berkeley-sockets';

const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
// A broadcast needs no answer to a question for a hardware address before it can go.
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
sock.connect(['10.9.8.255', 9]);
const batch = new socket.MessageBatch(1000, 18);
for (let index = 0; index < 1000; index += 1) batch.add(18);
for (let round = 0; round < 100; round += 1) {
  for (let first = 0; first < 1000; ) first += sock.sendmmsg_from(batch, { first });
}
