// Multicast on the loopback: two members of a group each get the one datagram that was sent.

import * as socket from 'berkeley-sockets';

const { AF_INET, IPPROTO_IP, SOCK_DGRAM } = socket;

// 239.0.0.0/8 is for use within an organization (RFC 2365); the loopback has the address 127.0.0.1.
const GROUP = '239.1.2.3';
const INTERFACE = '127.0.0.1';

/** A socket that is bound to the group and a port that others may share, and joins the group. */
function join(port: number): socket.socket {
  const member = new socket.socket(AF_INET, SOCK_DGRAM);
  member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  member.bind([GROUP, port]);
  // C's `struct ip_mreq`: the group, and the interface where it is joined; see ip(7).
  const request = Buffer.concat([socket.inet_aton(GROUP), socket.inet_aton(INTERFACE)]);
  member.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request);
  member.settimeout(5);
  return member;
}

using first = join(0);
const [, port] = first.getsockname();
using second = join(port);

using sender = new socket.socket(AF_INET, SOCK_DGRAM);
sender.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(INTERFACE));
// No router passes the datagrams on.
sender.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL, 1);
sender.sendto(Buffer.from('hello, group'), [GROUP, port]);

for (const [name, member] of Object.entries({ first, second })) {
  const [data, source] = member.recvfrom(1024);
  console.log(`the ${name} member of ${GROUP} got '${data}' from ${source?.[0]}`);
}
