# Asks a name server at the given port for the addresses of a name: DNS by hand (RFC 1035).

import os
import socket
import struct
import sys

name, port = sys.argv[1], int(sys.argv[2])
query = os.urandom(2) + struct.pack(
    '!HHHHH', 0x0100, 1, 0, 0, 0)
for label in name.split('.'):
    query += bytes([len(label)]) + label.encode()
query += struct.pack('!BHH', 0, 1, 1)  # type A, class IN

with socket.socket(type=socket.SOCK_DGRAM) as sock:
    sock.settimeout(10)
    sock.connect(('127.0.0.1', port))
    sock.send(query)
    answer = sock.recv(512)

if answer[:2] != query[:2]:
    raise ValueError('this answers another question')
count, = struct.unpack_from('!H', answer, 6)
at = len(query)  # the question comes back first
for _ in range(count):
    # The name is a pointer of two bytes.
    kind, _, ttl, length = struct.unpack_from(
        '!HHIH', answer, at + 2)
    at += 12
    if kind == 1:
        print(socket.inet_ntoa(answer[at:at + length]), ttl)
    at += length
