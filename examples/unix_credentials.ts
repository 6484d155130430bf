// Who is at the other end? SO_PEERCRED tells process, user and group of an AF_UNIX peer.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as socket from 'berkeley-sockets';

const { AF_UNIX, SO_PEERCRED, SOL_SOCKET } = socket;

/** C's `struct ucred`: three numbers that the kernel vouches for; see unix(7). */
function peerCredentials(sock: socket.socket<typeof AF_UNIX>) {
  const bytes = sock.getsockopt(SOL_SOCKET, SO_PEERCRED, 12);
  const [pid, uid, gid] = new Int32Array(Uint8Array.from(bytes).buffer);
  return { pid, uid, gid };
}

socket.setdefaulttimeout(10);
const name = process.argv[2];

if (name === undefined) {
  using listener = new socket.socket(AF_UNIX);
  // An empty name lets the kernel choose an abstract one: a zero byte and five digits.
  listener.bind('');
  listener.listen();
  const chosen = listener.getsockname().toString().slice(1);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), chosen], {
    stdio: 'inherit',
  });

  const [connection] = listener.accept();
  using peer = connection;
  const { pid, uid, gid } = peerCredentials(peer);
  console.log(`the peer is process ${pid} of user ${uid} and group ${gid}`);
  console.log(pid === child.pid ? 'that is the process we started' : 'that is a stranger');
} else {
  using client = new socket.socket(AF_UNIX);
  client.connect(`\0${name}`);
  client.recv(1);
}
