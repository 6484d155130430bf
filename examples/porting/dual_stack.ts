// One server for IPv6 and IPv4, and a client that comes both ways.

import * as socket from 'berkeley-sockets';

const [, , port] = process.argv;
if (port === undefined) {
  if (!socket.has_dualstack_ipv6()) {
    throw new Error('this system cannot do that');
  }
  using listener = socket.create_server(['', 0], {
    family: socket.AF_INET6,
    dualstack_ipv6: true,
  });
  console.log(listener.getsockname()[1]);
  for (let each = 0; each < 2; each++) {
    const [accepted, peer] = listener.accept();
    using connection = accepted;
    connection.sendall(Buffer.from(String(peer[0])));
  }
} else {
  for (const host of ['127.0.0.1', '::1']) {
    const address = [host, Number(port)] as const;
    using sock = socket.create_connection(address);
    console.log(host, 'is', sock.recv(100).toString());
  }
}
