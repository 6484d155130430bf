// Socket options, as numbers and as structures of C.

import * as socket from 'berkeley-sockets';

const { SO_KEEPALIVE, SO_LINGER, SOL_SOCKET } = socket;
using sock = new socket.socket();
sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true);
sock.setsockopt(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 5));
console.log(sock.getsockopt(SOL_SOCKET, SO_KEEPALIVE));
const linger = sock.getsockopt(SOL_SOCKET, SO_LINGER, 8);
console.log(linger.readInt32LE(0), linger.readInt32LE(4));
