// UDP in one process: a socket that answers, and a connected one that asks and may wait in vain.

import * as socket from 'berkeley-sockets';

const { AF_INET, SOCK_DGRAM } = socket;

using server = new socket.socket(AF_INET, SOCK_DGRAM);
using client = new socket.socket(AF_INET, SOCK_DGRAM);
server.bind(['127.0.0.1', 0]);

// A connected UDP socket has one receiver, and takes datagrams from nobody else.
client.connect(server.getsockname());
// UDP promises nothing: whoever waits for an answer says for how long.
client.settimeout(0.5);

for (const text of ['one', 'two']) {
  client.send(Buffer.from(text));
  const [data, sender] = server.recvfrom(1024);
  if (sender !== null) server.sendto(Buffer.from(`echo of ${data}`), sender);
  console.log(`sent '${text}', received '${client.recv(1024)}'`);
}

try {
  client.recv(1024);
} catch (error) {
  if (!(error instanceof socket.TimeoutError)) throw error;
  console.log(`nothing more: ${error.name}: ${error.message}`);
}
