// Sends a text to a TCP server and prints the answer: `node tcp_client.js port [text]`.

import * as socket from 'berkeley-sockets';

const [port, text = 'Hello, world!'] = process.argv.slice(2);

if (port === undefined) {
  console.error('usage: tcp_client.js port [text]');
  process.exit(2);
}

try {
  // Looks the name up and tries each of its addresses; ten seconds for each call.
  using sock = socket.create_connection(['localhost', Number(port)], 10);
  sock.sendall(Buffer.from(text));
  sock.shutdown(socket.SHUT_WR);
  const pieces: Buffer[] = [];
  for (let data = sock.recv(4096); data.length > 0; data = sock.recv(4096)) pieces.push(data);
  console.log(`received: ${Buffer.concat(pieces)}`);
} catch (error) {
  if (!(error instanceof socket.OSError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
