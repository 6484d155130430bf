# Closing things in time, also when something goes wrong: a context manager of one's own.

import socket
import sys

class Session:
    def __init__(self, port):
        self.sock = socket.create_connection(
            ('127.0.0.1', port))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        print('goodbye from descriptor',
              'open' if self.sock.fileno() > 2 else 'closed')
        self.sock.close()

    def ask(self, question):
        self.sock.sendall(question.encode())
        return self.sock.recv(100).decode()

with Session(int(sys.argv[1])) as session:
    print(session.ask('how are you?'))
    try:
        with session.sock.makefile('rb') as file:
            raise ValueError('something is wrong')
    except ValueError as error:
        print(error, file.closed)
print(session.sock.fileno())
