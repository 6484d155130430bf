# HTTP/1.0 by hand: a server for one request, and a client (RFC 1945).

import socket
import sys

if len(sys.argv) == 1:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
    with connection, connection.makefile('rwb') as file:
        method, path, version = \
            file.readline().decode().split()
        while file.readline() not in (b'\r\n', b''):
            pass
        body = f'{method} of {path}'.encode()
        file.write(b'HTTP/1.0 200 OK\r\n'
                   b'Content-Type: text/plain\r\n'
                   b'Content-Length: %d\r\n'
                   b'\r\n' % len(body) + body)
else:
    address = ('127.0.0.1', int(sys.argv[1]))
    with socket.create_connection(address) as sock:
        sock.sendall(b'GET /index.html HTTP/1.0\r\n'
                     b'Host: localhost\r\n\r\n')
        response = b''
        while data := sock.recv(4096):
            response += data
    head, _, body = response.partition(b'\r\n\r\n')
    status, *fields = head.decode().split('\r\n')
    headers = dict(
        field.lower().split(': ', 1) for field in fields)
    print(status)
    print(headers['content-length'], body.decode())
