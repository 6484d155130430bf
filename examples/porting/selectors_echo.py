# An echo server for several clients at once; the selector keeps what to do with each socket.

import selectors
import socket

clients = 2

def accept(listener):
    connection, _ = listener.accept()
    selector.register(
        connection, selectors.EVENT_READ, echo)

def echo(connection):
    global clients
    data = connection.recv(1024)
    if data:
        connection.sendall(data)
    else:
        selector.unregister(connection)
        connection.close()
        clients -= 1

with selectors.DefaultSelector() as selector, \
        socket.create_server(('127.0.0.1', 0)) as listener:
    selector.register(
        listener, selectors.EVENT_READ, accept)
    print(listener.getsockname()[1], flush=True)
    while clients > 0:
        for key, events in selector.select(10):
            callback = key.data
            callback(key.fileobj)
print('all are gone')
