# Echoes whatever comes over any number of TCP connections with asyncio's socket calls.

import asyncio
import socket

from trial import listen_and_announce

BUFFER = 4096
BACKLOG = 1024


async def echo(loop, connection):
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = memoryview(bytearray(BUFFER))
    with connection:
        while received := await loop.sock_recv_into(connection, buffer):
            await loop.sock_sendall(connection, buffer[:received])


async def accept_all():
    loop = asyncio.get_running_loop()
    listener = listen_and_announce(BACKLOG)
    listener.setblocking(False)
    # The loop itself keeps only weak references to its tasks.
    tasks = set()
    while True:
        connection, _ = await loop.sock_accept(listener)
        tasks.add(loop.create_task(echo(loop, connection)))


def serve():
    asyncio.run(accept_all())
