# Writes to the system's log: a datagram to /dev/log, or to the path that is given (RFC 3164).

import os
import socket
import sys

path = sys.argv[1] if len(sys.argv) > 1 else '/dev/log'
LOG_INFO, LOG_USER = 6, 1
priority = LOG_USER * 8 + LOG_INFO
text = f'<{priority}>porting[{os.getpid()}]: all is well'
with socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
    sock.connect(path)
    print('sent', sock.send(text.encode()) == len(text))
