# Sends messages back and forth over TCP: the client times, the server echoes.

import socket

from trial import Parameters, connect_to, listen_and_announce, measure


def client():
    connection = connect_to(Parameters.port)
    message = bytes(Parameters.size)
    buffer = bytearray(Parameters.size)

    def loop(operations):
        for _ in range(operations):
            connection.send(message)
            connection.recv_into(buffer)

    return measure(Parameters.count, loop)


def server():
    connection, _ = listen_and_announce(1).accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = bytearray(Parameters.size)
    while connection.recv_into(buffer):
        connection.send(buffer)
