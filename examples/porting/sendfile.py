# A server that sends its own source, which the kernel copies, and a client that takes it.

import hashlib
import socket
import sys

if len(sys.argv) == 1:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
    with connection, open(__file__, 'rb') as file:
        print('sent', connection.sendfile(file), 'bytes')
else:
    address = ('127.0.0.1', int(sys.argv[1]))
    digest = hashlib.sha256()
    with socket.create_connection(address) as sock:
        while data := sock.recv(65536):
            digest.update(data)
    print(digest.hexdigest())
