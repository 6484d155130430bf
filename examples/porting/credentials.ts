// A server on an abstract name that knows who its client is, whatever the client says.

import * as socket from 'berkeley-sockets';

const { SO_PEERCRED, SOL_SOCKET } = socket;
const [, , name] = process.argv;
using sock = new socket.socket(socket.AF_UNIX);
if (name === undefined) {
  sock.bind(''); // the kernel chooses a name
  sock.listen();
  const chosen = sock.getsockname();
  console.log(chosen.toString().slice(1));
  const [accepted] = sock.accept();
  using connection = accepted;
  const peer = connection.getsockopt(
    SOL_SOCKET,
    SO_PEERCRED,
    12,
  );
  const [pid, uid, gid] = [0, 4, 8].map((at) =>
    peer.readInt32LE(at),
  );
  const claim = Number(connection.recv(100));
  console.log(claim === pid ? 'true' : 'a lie');
  connection.sendall(Buffer.from(`${uid} ${gid}`));
} else {
  sock.connect(`\0${name}`);
  sock.sendall(Buffer.from(String(process.pid)));
  console.log(sock.recv(100).toString());
}
