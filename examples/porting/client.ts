// A TCP client that sends a line, says that it is done, and reads to the end.

import * as socket from 'berkeley-sockets';

const port = Number(process.argv[2]);
using sock = socket.create_connection(['127.0.0.1', port], {
  timeout: 10,
});
sock.sendall(Buffer.from('hello, world\n'));
sock.shutdown(socket.SHUT_WR);
const chunks: Buffer[] = [];
for (;;) {
  const data = sock.recv(4);
  if (data.length === 0) break;
  chunks.push(data);
}
console.log(Buffer.concat(chunks).toString().trimEnd());
