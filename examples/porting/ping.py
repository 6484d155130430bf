# An ICMP echo request made by hand, and its answer. A raw socket takes CAP_NET_RAW.

import os
import socket
import struct

def checksum(data):
    words = struct.unpack(f'!{len(data) // 2}H', data)
    total = sum(words)
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

HEADER = struct.Struct('!BBHHH')
identifier = os.getpid() & 0xffff
payload = b'anybody at home?'
draft = HEADER.pack(8, 0, 0, identifier, 1) + payload
request = HEADER.pack(
    8, 0, checksum(draft), identifier, 1) + payload

with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                   socket.IPPROTO_ICMP) as sock:
    sock.settimeout(10)
    sock.sendto(request, ('127.0.0.1', 0))
    while True:
        packet, (host, _) = sock.recvfrom(1500)
        message = packet[(packet[0] & 15) * 4:]
        kind, code, _, echoed, sequence = \
            HEADER.unpack_from(message)
        if kind == 0 and echoed == identifier:
            break
print(host, packet[8], sequence, checksum(message))
print(message[8:].decode())
