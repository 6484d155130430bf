// A TCP server that sends back what it receives: `node tcp_echo_server.js [port] [clients]`.

import * as socket from 'berkeley-sockets';

const [port = '0', clients = '1'] = process.argv.slice(2);

// Nobody who comes, or who says nothing, for half a minute: a TimeoutError ends the program.
socket.setdefaulttimeout(30);

// The socket, setsockopt(SO_REUSEADDR), bind and listen in one call; port 0 is any free port.
using listener = socket.create_server(['127.0.0.1', Number(port)]);
const [host, chosen] = listener.getsockname();
console.log(`listening on ${host} port ${chosen}`);

for (let count = 0; count < Number(clients); count++) {
  const [connection, peer] = listener.accept();
  try {
    let total = 0;
    // No bytes at all mean that the client has shut down its side.
    for (let data = connection.recv(65536); data.length > 0; data = connection.recv(65536)) {
      connection.sendall(data);
      total += data.length;
    }
    console.log(`${total} bytes back to port ${peer[1]}`);
  } finally {
    connection.close();
  }
}
