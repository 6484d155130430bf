# A UDP server, or, given its port, a client that is content with the server's datagrams only.

import socket
import sys

with socket.socket(type=socket.SOCK_DGRAM) as sock:
    sock.settimeout(10)
    if len(sys.argv) == 1:
        sock.bind(('127.0.0.1', 0))
        print(sock.getsockname()[1], flush=True)
        data, sender = sock.recvfrom(2048)
        sock.sendto(data[::-1], sender)
        print('answered', sender[0])
    else:
        sock.connect(('127.0.0.1', int(sys.argv[1])))
        sock.send(b'desserts')
        print(sock.recv(2048).decode())
