# Receives a TCP stream and times how fast the bytes arrive.

from trial import Parameters, connect_to, start_clocks


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
    elapsed = start_clocks()
    received = receive(Parameters.count)
    return {"amount": received, **elapsed()}
