// A UDP server, or, given its port, a client that is content with the server's datagrams only.

import * as socket from 'berkeley-sockets';

const [, , port] = process.argv;
using sock = new socket.socket({ type: socket.SOCK_DGRAM });
sock.settimeout(10);
if (port === undefined) {
  sock.bind(['127.0.0.1', 0]);
  console.log(sock.getsockname()[1]);
  const [data, sender] = sock.recvfrom(2048);
  if (sender !== null) sock.sendto(data.reverse(), sender);
  console.log('answered', sender?.[0]);
} else {
  sock.connect(['127.0.0.1', Number(port)]);
  sock.send(Buffer.from('desserts'));
  console.log(sock.recv(2048).toString());
}
