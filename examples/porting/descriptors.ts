// Passes one end of a pair of sockets to another process, and talks to it there.

import * as socket from 'berkeley-sockets';

const { AF_UNIX, recv_fds, send_fds } = socket;
const [, , name] = process.argv;
using sock = new socket.socket(AF_UNIX);
if (name === undefined) {
  sock.bind(''); // the kernel chooses a name
  sock.listen();
  console.log(sock.getsockname().toString().slice(1));
  const [accepted] = sock.accept();
  using connection = accepted;
  const [data, [fileno]] = recv_fds(connection, 100, 1);
  using passed = new socket.socket({ fileno });
  console.log(data.toString(), passed.recv(100).toString());
  passed.sendall(Buffer.from('it works'));
} else {
  sock.connect(`\0${name}`);
  const [left, right] = socket.socketpair();
  using mine = left;
  {
    using yours = right;
    const data = Buffer.from('a socket:');
    send_fds(sock, [data], [yours.fileno()]);
  }
  mine.sendall(Buffer.from('through the socket'));
  console.log(mine.recv(100).toString());
}
