// Receiving into memory of one's own: a message that begins with its length.

import * as socket from 'berkeley-sockets';

const [left, right] = socket.socketpair();
left.sendall(Buffer.from('\0\u0003abc'));
const buffer = Buffer.alloc(16);
let got = 0;
while (got < 5) {
  got += right.recv_into(buffer.subarray(got), 5 - got);
}
const length = buffer.readUInt16BE(0);
console.log(length, buffer.toString('utf8', 2, 2 + length));
left.close();
right.close();
