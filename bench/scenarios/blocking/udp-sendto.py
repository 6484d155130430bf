# Sends datagrams with an address each time, to a loopback socket that nobody reads.

import socket

from trial import Parameters, measure


def sendto():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    address = receiver.getsockname()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    message = bytes(Parameters.size)

    def loop(operations):
        for _ in range(operations):
            sender.sendto(message, address)

    return measure(Parameters.count, loop)
