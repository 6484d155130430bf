# A protocol of lines: a server that adds, and a client with sums.

import socket
import sys

def open_file(sock):
    return sock.makefile(
        'rw', encoding='utf-8', newline='\r\n')

if len(sys.argv) == 1:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
    with connection, open_file(connection) as file:
        for line in file:
            word, *numbers = line.split()
            total = sum(int(number) for number in numbers)
            file.write(f'{word}: {total}\n')
            file.flush()
else:
    address = ('127.0.0.1', int(sys.argv[1]))
    with socket.create_connection(address) as sock, \
            open_file(sock) as file:
        for numbers in ('1 2', '20 1 21'):
            file.write(f'sum {numbers}\n')
            file.flush()
            print(file.readline().rstrip())
