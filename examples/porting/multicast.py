# A member of a multicast group, or, given its port, somebody who sends to the group.

import socket
import struct
import sys

GROUP = '239.1.2.3'
LOOPBACK = socket.inet_aton('127.0.0.1')
with socket.socket(type=socket.SOCK_DGRAM) as sock:
    if len(sys.argv) == 1:
        sock.bind((GROUP, 0))
        membership = struct.pack(
            '4s4s', socket.inet_aton(GROUP), LOOPBACK)
        sock.setsockopt(socket.IPPROTO_IP,
                        socket.IP_ADD_MEMBERSHIP, membership)
        print(sock.getsockname()[1], flush=True)
        data, (host, _) = sock.recvfrom(1024)
        print(data.decode(), 'from', host)
    else:
        sock.setsockopt(socket.IPPROTO_IP,
                        socket.IP_MULTICAST_IF, LOOPBACK)
        sock.setsockopt(socket.IPPROTO_IP,
                        socket.IP_MULTICAST_TTL, 1)
        sock.sendto(b'hello, group',
                    (GROUP, int(sys.argv[1])))
