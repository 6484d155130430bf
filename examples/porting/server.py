# A TCP server that serves one client and sends back in capitals what it says.

import socket

with socket.socket() as listener:
    listener.bind(('127.0.0.1', 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    connection, (host, port) = listener.accept()
    with connection:
        while data := connection.recv(1024):
            connection.sendall(data.upper())
print('served', host)
