// A member of a multicast group, or, given its port, somebody who sends to the group.

import * as socket from 'berkeley-sockets';

const { inet_aton, IPPROTO_IP } = socket;
const GROUP = '239.1.2.3';
const LOOPBACK = inet_aton('127.0.0.1');
const [, , port] = process.argv;
using sock = new socket.socket({ type: socket.SOCK_DGRAM });
if (port === undefined) {
  sock.bind([GROUP, 0]);
  const group = Buffer.concat([inet_aton(GROUP), LOOPBACK]);
  sock.setsockopt(
    IPPROTO_IP,
    socket.IP_ADD_MEMBERSHIP,
    group,
  );
  console.log(sock.getsockname()[1]);
  const [data, sender] = sock.recvfrom(1024);
  console.log(data.toString(), 'from', sender?.[0]);
} else {
  sock.setsockopt(
    IPPROTO_IP,
    socket.IP_MULTICAST_IF,
    LOOPBACK,
  );
  sock.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL, 1);
  const hello = Buffer.from('hello, group');
  sock.sendto(hello, [GROUP, Number(port)]);
}
