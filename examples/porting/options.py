# Socket options, as numbers and as structures of C.

import socket
import struct

with socket.socket() as sock:
    sock.setsockopt(socket.SOL_SOCKET,
                    socket.SO_KEEPALIVE, True)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 5))
    print(sock.getsockopt(socket.SOL_SOCKET,
                          socket.SO_KEEPALIVE))
    linger = sock.getsockopt(socket.SOL_SOCKET,
                             socket.SO_LINGER, 8)
    print(*struct.unpack('ii', linger))
