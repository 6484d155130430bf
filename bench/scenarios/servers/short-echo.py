# CPython's socketserver: accepts a connection, sends 64 bytes back and closes it.

import json
import socketserver
import statistics
import time

from trial import Parameters

BACKLOG = 128


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.request.recv(Parameters.size))


def serve(base, handler=Echo):
    class Server(base):
        request_queue_size = BACKLOG

    with Server(("127.0.0.1", 0), handler) as server:
        print(json.dumps({"port": server.server_address[1]}), flush=True)
        server.serve_forever()


def TCPServer():
    serve(socketserver.TCPServer)


def ThreadingTCPServer():
    serve(socketserver.ThreadingTCPServer)


def ForkingTCPServer():
    serve(socketserver.ForkingTCPServer)


def AcceptToHandler():
    """The median microseconds from the return of accept() to the first line of a handler."""
    accepted = 0
    taken = []

    class Timekeeper(Echo):
        def handle(self):
            taken.append(time.perf_counter_ns() - accepted)
            super().handle()

    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = BACKLOG

        def get_request(self):
            nonlocal accepted
            request = super().get_request()
            accepted = time.perf_counter_ns()
            return request

    with Server(("127.0.0.1", 0), Timekeeper) as server:
        print(json.dumps({"port": server.server_address[1]}), flush=True)
        while len(taken) < Parameters.count:
            server.handle_request()
    return {"amount": statistics.median(taken[len(taken) // 10 :]) / 1000, "seconds": 1}
