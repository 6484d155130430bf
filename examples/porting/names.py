# Names and addresses.

import socket

found = socket.getaddrinfo(
    '127.0.0.1', 80, type=socket.SOCK_STREAM,
    flags=socket.AI_NUMERICHOST)
for family, kind, proto, name, address in found:
    print(family.name, kind.name, proto, *address)
NUMERIC = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
host, service = socket.getnameinfo(('::1', 443), NUMERIC)
print(host, service)
packed = socket.inet_pton(socket.AF_INET6, 'fe80::0:1')
print(packed.hex(), socket.inet_ntop(
    socket.AF_INET6, packed))
