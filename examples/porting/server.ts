// A TCP server that serves one client and sends back in capitals what it says.

import * as socket from 'berkeley-sockets';

using listener = new socket.socket();
listener.bind(['127.0.0.1', 0]);
listener.listen();
console.log(listener.getsockname()[1]);
const [accepted, peer] = listener.accept();
using connection = accepted;
for (;;) {
  const data = connection.recv(1024);
  if (data.length === 0) break;
  const text = data.toString().toUpperCase();
  connection.sendall(Buffer.from(text));
}
console.log('served', peer[0]);
