# A server on an abstract name that knows who its client is, whatever the client says.

import os
import socket
import struct
import sys

with socket.socket(socket.AF_UNIX) as sock:
    if len(sys.argv) == 1:
        sock.bind('')  # the kernel chooses a name
        sock.listen()
        name = sock.getsockname()
        print(name[1:].decode(), flush=True)
        connection, _ = sock.accept()
        with connection:
            pid, uid, gid = struct.unpack(
                '3i', connection.getsockopt(
                    socket.SOL_SOCKET,
                    socket.SO_PEERCRED, 12))
            claim = int(connection.recv(100))
            print('true' if claim == pid else 'a lie')
            connection.sendall(b'%d %d' % (uid, gid))
    else:
        sock.connect('\0' + sys.argv[1])
        sock.sendall(str(os.getpid()).encode())
        print(sock.recv(100).decode())
