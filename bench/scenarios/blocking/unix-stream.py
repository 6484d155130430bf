# Sends and receives small messages over one AF_UNIX stream pair within one process.

import socket

from trial import Parameters, measure


def recv_into():
    left, right = socket.socketpair()
    message = bytes(Parameters.size)
    buffer = bytearray(Parameters.size)

    def loop(operations):
        for _ in range(operations):
            left.send(message)
            right.recv_into(buffer)

    return measure(Parameters.count, loop)


def recv():
    left, right = socket.socketpair()
    size = Parameters.size
    message = bytes(size)

    def loop(operations):
        for _ in range(operations):
            left.send(message)
            right.recv(size)

    return measure(Parameters.count, loop)
