# One server for IPv6 and IPv4, and a client that comes both ways.

import socket
import sys

if len(sys.argv) == 1:
    if not socket.has_dualstack_ipv6():
        sys.exit('this system cannot do that')
    with socket.create_server(
            ('', 0), family=socket.AF_INET6,
            dualstack_ipv6=True) as listener:
        print(listener.getsockname()[1], flush=True)
        for _ in range(2):
            connection, peer = listener.accept()
            with connection:
                connection.sendall(peer[0].encode())
else:
    for host in ('127.0.0.1', '::1'):
        address = (host, int(sys.argv[1]))
        with socket.create_connection(address) as sock:
            print(host, 'is', sock.recv(100).decode())
