// Control messages: the kernel adds to a datagram who sent it.

import * as socket from 'berkeley-sockets';

const { SCM_CREDENTIALS, SO_PASSCRED, SOL_SOCKET } = socket;
const [left, right] = socket.socketpair();
right.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
left.sendmsg([Buffer.from('it is '), Buffer.from('me')]);
const [data, ancdata, flags] = right.recvmsg(
  100,
  socket.CMSG_SPACE(12),
);
left.close();
right.close();
console.log(data.toString(), flags & socket.MSG_CTRUNC);
for (const [level, kind, content] of ancdata) {
  if (level !== SOL_SOCKET) continue;
  if (kind !== SCM_CREDENTIALS) continue;
  const [pid, uid, gid] = [0, 4, 8].map((at) =>
    content.readUInt32LE(at),
  );
  const isMine = pid === process.pid;
  console.log(isMine ? 'True' : 'False', uid, gid);
}
