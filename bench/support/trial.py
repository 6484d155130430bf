# What every Python contender shares: parameters, timing and sockets to measure with.

import json
import math
import os
import socket
import time

WARM_UP_SHARE = 0.1


class Parameters:
    """What the harness tells a trial through its environment."""

    count = int(os.environ["BENCH_COUNT"])
    size = int(os.environ["BENCH_SIZE"])
    port = int(os.environ["BENCH_PORT"])
    file = os.environ["BENCH_FILE"]


def measure(count, body):
    """Times body(count) after a shorter warm-up."""
    body(math.ceil(count * WARM_UP_SHARE))
    elapsed = start_clocks()
    body(count)
    return {"amount": count, **elapsed()}


def start_clocks():
    """Returns a function that tells the seconds passed, and those of processor time."""
    cpu = time.process_time()
    start = time.perf_counter()

    def elapsed():
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "cpu": time.process_time() - cpu}

    return elapsed


def measure_drain(count, batch, fill, drain):
    """Times only the draining of a queue that is filled again and again."""
    total = {"seconds": 0.0, "cpu": 0.0}
    rounds = math.ceil(count / batch)
    for turn in range(-math.ceil(rounds * WARM_UP_SHARE), rounds):
        fill(batch)
        elapsed = start_clocks()
        drain(batch)
        taken = elapsed()
        if turn >= 0:
            total = {name: total[name] + taken[name] for name in total}
    return {"amount": rounds * batch, **total}


def listen_and_announce(backlog):
    """Returns a listening TCP socket on a free loopback port and tells the harness which."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(backlog)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    return listener


def open_datagram_pair():
    """Returns two UDP sockets on the loopback interface, the second connected to the first."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(receiver.getsockname())
    return receiver, sender


def connect_to(port):
    """Returns a TCP connection on the loopback interface, without Nagle's delay."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
