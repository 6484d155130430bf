# A client whose calls never wait: select says when there is something to do.

import errno
import select
import socket
import sys

with socket.socket() as sock:
    sock.setblocking(False)
    error = sock.connect_ex(('127.0.0.1', int(sys.argv[1])))
    if error == errno.EINPROGRESS:
        select.select([], [sock], [], 10)
        error = sock.getsockopt(
            socket.SOL_SOCKET, socket.SO_ERROR)
    print('connected' if error == 0 else error)
    sock.sendall(b'at once\n')
    try:
        sock.recv(100, socket.MSG_PEEK)
    except BlockingIOError:
        select.select([sock], [], [], 10)
    print(sock.recv(100).decode().rstrip())
