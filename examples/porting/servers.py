# A TCPServer, a ThreadingTCPServer or a ForkingTCPServer, as the argument says, for two requests.

import socketserver
import sys

class Upper(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())

if __name__ == '__main__':
    Server = getattr(socketserver, sys.argv[1])
    with Server(('127.0.0.1', 0), Upper) as server:
        print(server.server_address[1], flush=True)
        server.handle_request()
        server.handle_request()
