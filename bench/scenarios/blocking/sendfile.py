# Sends a file over TCP with socket.sendfile, again and again, each time until it has arrived.

from trial import Parameters, connect_to, start_clocks


def sendfile():
    connection = connect_to(Parameters.port)
    with open(Parameters.file, "rb", buffering=0) as file:

        def send_once():
            file.seek(0)
            connection.sendfile(file)
            connection.recv(1)

        send_once()
        elapsed = start_clocks()
        for _ in range(Parameters.count):
            send_once()
        return {"amount": Parameters.count * Parameters.size, **elapsed()}
