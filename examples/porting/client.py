# A TCP client that sends a line, says that it is done, and reads to the end.

import socket
import sys

address = ('127.0.0.1', int(sys.argv[1]))
with socket.create_connection(address, timeout=10) as sock:
    sock.sendall(b'hello, world\n')
    sock.shutdown(socket.SHUT_WR)
    answer = b''
    while data := sock.recv(4):
        answer += data
print(answer.decode().rstrip())
