# Accepts TCP connections and closes them at once.

from trial import Parameters, listen_and_announce, measure


def accept():
    listener = listen_and_announce(128)

    def loop(operations):
        for _ in range(operations):
            connection, _address = listener.accept()
            connection.close()

    return measure(Parameters.count, loop)
