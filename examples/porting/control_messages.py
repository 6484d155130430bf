# Control messages: the kernel adds to a datagram who sent it.

import os
import socket
import struct

left, right = socket.socketpair()
with left, right:
    right.setsockopt(socket.SOL_SOCKET,
                     socket.SO_PASSCRED, 1)
    left.sendmsg([b'it is ', b'me'])
    data, ancdata, flags, _ = right.recvmsg(
        100, socket.CMSG_SPACE(12))
print(data.decode(), flags & socket.MSG_CTRUNC)
for level, kind, content in ancdata:
    if (level, kind) == (socket.SOL_SOCKET,
                         socket.SCM_CREDENTIALS):
        pid, uid, gid = struct.unpack('iII', content)
        print(pid == os.getpid(), uid, gid)
