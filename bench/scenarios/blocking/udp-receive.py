# Drains a filled UDP queue, with and without asking for the sender's address.

from trial import Parameters, measure_drain, open_datagram_pair

# Datagrams that fit into the receive buffer of any usual kernel, each counted with its header.
BATCH = 256


def fill_queue(sender):
    message = bytes(Parameters.size)

    def fill(messages):
        for _ in range(messages):
            sender.send(message)

    return fill


def recv_into():
    receiver, sender = open_datagram_pair()
    buffer = bytearray(Parameters.size)

    def drain(messages):
        for _ in range(messages):
            receiver.recv_into(buffer)

    return measure_drain(Parameters.count, BATCH, fill_queue(sender), drain)


def recvfrom():
    receiver, sender = open_datagram_pair()
    size = Parameters.size

    def drain(messages):
        for _ in range(messages):
            receiver.recvfrom(size)

    return measure_drain(Parameters.count, BATCH, fill_queue(sender), drain)
