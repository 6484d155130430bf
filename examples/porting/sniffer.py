# Waits for a UDP packet to a port on the loopback interface. AF_PACKET takes CAP_NET_RAW.

import socket
import struct
import sys

ETH_P_IP = 0x0800
port = int(sys.argv[1])
with socket.socket(
        socket.AF_PACKET, socket.SOCK_DGRAM, 0) as sniffer:
    sniffer.bind(('lo', ETH_P_IP))
    sniffer.settimeout(10)
    print('ready', flush=True)
    while True:
        packet, address = sniffer.recvfrom(65535)
        interface, protocol, kind, *_ = address
        if packet[9] != socket.IPPROTO_UDP:
            continue
        datagram = packet[(packet[0] & 15) * 4:]
        source, destination, length = \
            struct.unpack_from('!HHH', datagram)
        if destination == port:
            break
print(interface, hex(protocol),
      kind == socket.PACKET_HOST)
print(socket.inet_ntoa(packet[12:16]), 'to',
      socket.inet_ntoa(packet[16:20]),
      datagram[8:length].decode())
