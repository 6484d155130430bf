# A server that says nothing until it is asked, and a client that waits for a while.

import socket
import sys

if len(sys.argv) == 1:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
        with connection:
            question = connection.recv(100)
            connection.sendall(question + b' Yes!')
else:
    address = ('127.0.0.1', int(sys.argv[1]))
    with socket.create_connection(address) as sock:
        sock.settimeout(0.1)
        try:
            sock.recv(100)
        except TimeoutError as error:
            print(error)
        sock.settimeout(None)
        sock.sendall(b'Anybody there?')
        print(sock.recv(100).decode())
