# Receiving into memory of one's own: a message that begins with its length.

import socket

left, right = socket.socketpair()
with left, right:
    left.sendall(bytes([0, 3]) + b'abc')
    buffer = bytearray(16)
    view = memoryview(buffer)
    got = 0
    while got < 5:
        got += right.recv_into(view[got:], 5 - got)
    length = int.from_bytes(buffer[:2], 'big')
    print(length, buffer[2:2 + length].decode())
