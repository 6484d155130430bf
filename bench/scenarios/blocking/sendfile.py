# Sends a file over TCP with socket.sendfile, again and again, each time until it has arrived.

import time

from trial import Parameters, connect_to


def sendfile():
    connection = connect_to(Parameters.port)
    with open(Parameters.file, "rb", buffering=0) as file:

        def send_once():
            file.seek(0)
            connection.sendfile(file)
            connection.recv(1)

        send_once()
        start = time.perf_counter()
        for _ in range(Parameters.count):
            send_once()
        seconds = time.perf_counter() - start
    return {"amount": Parameters.count * Parameters.size, "seconds": seconds}
