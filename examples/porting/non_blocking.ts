// A client whose calls never wait: select says when there is something to do.

import { constants } from 'node:os';
import * as socket from 'berkeley-sockets';
import * as select from 'berkeley-sockets/select';

using sock = new socket.socket();
sock.setblocking(false);
const port = Number(process.argv[2]);
let error = sock.connect_ex(['127.0.0.1', port]);
if (error === constants.errno.EINPROGRESS) {
  select.select([], [sock], [], 10);
  error = sock.getsockopt(
    socket.SOL_SOCKET,
    socket.SO_ERROR,
  );
}
console.log(error === 0 ? 'connected' : error);
sock.sendall(Buffer.from('at once\n'));
try {
  sock.recv(100, socket.MSG_PEEK);
} catch (error) {
  if (!(error instanceof socket.BlockingIOError))
    throw error;
  select.select([sock], [], [], 10);
}
console.log(sock.recv(100).toString().trimEnd());
