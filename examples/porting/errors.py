# What goes wrong in real life, next to a server at the given port, and which exceptions tell so.

import errno
import socket
import sys

address = ('127.0.0.1', int(sys.argv[1]))

def attempt(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ConnectionRefusedError as error:
        print('nobody is there:', error)
    except socket.gaierror as error:
        print('no such host:',
              error.errno == socket.EAI_NONAME, error)
    except OSError as error:
        print(errno.errorcode[error.errno], error)
    except OverflowError as error:
        print(error)

with socket.create_connection(address) as sock, \
        socket.socket() as silent:
    attempt(sock.connect, address)
    attempt(silent.bind, address)
    silent.bind(('127.0.0.1', 0))
    attempt(socket.create_connection, silent.getsockname())
    attempt(silent.connect, ('127.0.0.1', 65536))
attempt(sock.send, b'too late')
attempt(socket.getaddrinfo, 'localhost', 80,
        flags=socket.AI_NUMERICHOST)
