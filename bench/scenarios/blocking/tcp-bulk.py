# Receives a TCP stream and times how fast the bytes arrive.

import time

from trial import Parameters, connect_to


def recv_into():
    connection = connect_to(Parameters.port)
    buffer = bytearray(Parameters.size)

    def receive(count):
        received = 0
        while received < count:
            received += connection.recv_into(buffer)
        return received

    return timed(receive)


def recv():
    connection = connect_to(Parameters.port)
    size = Parameters.size

    def receive(count):
        received = 0
        while received < count:
            received += len(connection.recv(size))
        return received

    return timed(receive)


def timed(receive):
    receive(Parameters.count // 10)
    start = time.perf_counter()
    received = receive(Parameters.count)
    return {"amount": received, "seconds": time.perf_counter() - start}
