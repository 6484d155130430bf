# Passes one end of a pair of sockets to another process, and talks to it there.

import socket
import sys

with socket.socket(socket.AF_UNIX) as sock:
    if len(sys.argv) == 1:
        sock.bind('')  # the kernel chooses a name
        sock.listen()
        print(sock.getsockname()[1:].decode(), flush=True)
        connection, _ = sock.accept()
        with connection:
            data, fds, _, _ = socket.recv_fds(
                connection, 100, 1)
        with socket.socket(fileno=fds[0]) as passed:
            print(data.decode(), passed.recv(100).decode())
            passed.sendall(b'it works')
    else:
        sock.connect('\0' + sys.argv[1])
        mine, yours = socket.socketpair()
        with mine:
            with yours:
                socket.send_fds(
                    sock, [b'a socket:'], [yours.fileno()])
            mine.sendall(b'through the socket')
            print(mine.recv(100).decode())
