// What each method of a non-blocking socket gives or throws in each state, on Linux.
//
// The states: `fresh`; `bound`; `listening`; `connected`; `ended`, whose peer is closed; `half`,
// shut down for writing; `over`, shut down for both; `closed`; `detached`; `filed`, connected and
// closed while a file object is open. The results: an error's name, or the class of one without a
// number; `ok` for nothing and for objects, `fd` for a descriptor, `nothing` for no bytes, else
// the value.

/** TCP. */
export const TCP = `
                fresh       bound       listening  connected  ended      half       over       closed     detached   filed
accept          EINVAL      EINVAL      EAGAIN     EINVAL     EINVAL     EINVAL     EINVAL     EBADF      EBADF      EINVAL
bind            ok          EINVAL      EINVAL     EINVAL     EINVAL     EINVAL     EINVAL     EBADF      EBADF      EINVAL
close           ok          ok          ok         ok         ok         ok         ok         ok         ok         ok
connect         EINPROGRESS EINPROGRESS EISCONN    EISCONN    EISCONN    EISCONN    EISCONN    EBADF      EBADF      EISCONN
connect_ex      EINPROGRESS EINPROGRESS EISCONN    EISCONN    EISCONN    EISCONN    EISCONN    EBADF      EBADF      EISCONN
detach          fd          fd          fd         fd         fd         fd         fd         -1         -1         fd
dup             ok          ok          ok         ok         ok         ok         ok         EBADF      EBADF      ok
family          2           2           2          2          2          2          2          2          2          2
fileno          fd          fd          fd         fd         fd         fd         fd         -1         -1         fd
get_inheritable no          no          no         no         no         no         no         EBADF      EBADF      no
getblocking     no          no          no         no         no         no         no         no         no         no
getpeername     ENOTCONN    ENOTCONN    ENOTCONN   ok         ok         ok         ok         EBADF      EBADF      ok
getsockname     ok          ok          ok         ok         ok         ok         ok         EBADF      EBADF      ok
getsockopt      1           1           1          1          1          1          1          EBADF      EBADF      1
gettimeout      0           0           0          0          0          0          0          0          0          0
listen          ok          ok          ok         EINVAL     EINVAL     EINVAL     EINVAL     EBADF      EBADF      EINVAL
makefile        ok          ok          ok         ok         ok         ok         ok         ok         ok         ok
proto           0           0           0          0          0          0          0          0          0          0
recv            ENOTCONN    ENOTCONN    ENOTCONN   EAGAIN     nothing    EAGAIN     nothing    EBADF      EBADF      EAGAIN
recv_into       ENOTCONN    ENOTCONN    ENOTCONN   EAGAIN     0          EAGAIN     0          EBADF      EBADF      EAGAIN
recvfrom        ENOTCONN    ENOTCONN    ENOTCONN   EAGAIN     nothing    EAGAIN     nothing    EBADF      EBADF      EAGAIN
recvfrom_into   ENOTCONN    ENOTCONN    ENOTCONN   EAGAIN     0          EAGAIN     0          EBADF      EBADF      EAGAIN
recvmsg         ENOTCONN    ENOTCONN    ENOTCONN   EAGAIN     nothing    EAGAIN     nothing    EBADF      EBADF      EAGAIN
recvmsg_into    ENOTCONN    ENOTCONN    ENOTCONN   EAGAIN     0          EAGAIN     0          EBADF      EBADF      EAGAIN
send            EPIPE       EPIPE       EPIPE      1          1          EPIPE      EPIPE      EBADF      EBADF      1
sendall         EPIPE       EPIPE       EPIPE      ok         ok         EPIPE      EPIPE      EBADF      EBADF      ok
sendfile        ValueError  ValueError  ValueError ValueError ValueError ValueError ValueError ValueError ValueError ValueError
sendmsg         EPIPE       EPIPE       EPIPE      1          1          EPIPE      EPIPE      EBADF      EBADF      1
sendmsg_afalg   OSError     OSError     OSError    OSError    OSError    OSError    OSError    OSError    OSError    OSError
sendto          EPIPE       EPIPE       EPIPE      1          1          EPIPE      EPIPE      EBADF      EBADF      1
set_inheritable ok          ok          ok         ok         ok         ok         ok         EBADF      EBADF      ok
setblocking     ok          ok          ok         ok         ok         ok         ok         EBADF      EBADF      ok
setsockopt      ok          ok          ok         ok         ok         ok         ok         EBADF      EBADF      ok
settimeout      ok          ok          ok         ok         ok         ok         ok         EBADF      EBADF      ok
shutdown        ENOTCONN    ENOTCONN    ok         ok         ok         ok         ok         EBADF      EBADF      ok
timeout         0           0           0          0          0          0          0          0          0          0
`;

/** UDP. */
export const UDP = `
                fresh        bound        connected  over       closed     detached   filed
accept          ENOTSUP      ENOTSUP      ENOTSUP    ENOTSUP    EBADF      EBADF      ENOTSUP
bind            ok           EINVAL       EINVAL     EINVAL     EBADF      EBADF      EINVAL
close           ok           ok           ok         ok         ok         ok         ok
connect         ok           ok           ok         ok         EBADF      EBADF      ok
connect_ex      0            0            0          0          EBADF      EBADF      0
detach          fd           fd           fd         fd         -1         -1         fd
dup             ok           ok           ok         ok         EBADF      EBADF      ok
family          2            2            2          2          2          2          2
fileno          fd           fd           fd         fd         -1         -1         fd
get_inheritable no           no           no         no         EBADF      EBADF      no
getblocking     no           no           no         no         no         no         no
getpeername     ENOTCONN     ENOTCONN     ok         ok         EBADF      EBADF      ok
getsockname     ok           ok           ok         ok         EBADF      EBADF      ok
getsockopt      2            2            2          2          EBADF      EBADF      2
gettimeout      0            0            0          0          0          0          0
listen          ENOTSUP      ENOTSUP      ENOTSUP    ENOTSUP    EBADF      EBADF      ENOTSUP
makefile        ok           ok           ok         ok         ok         ok         ok
proto           0            0            0          0          0          0          0
recv            EAGAIN       EAGAIN       EAGAIN     EAGAIN     EBADF      EBADF      EAGAIN
recv_into       EAGAIN       EAGAIN       EAGAIN     EAGAIN     EBADF      EBADF      EAGAIN
recvfrom        EAGAIN       EAGAIN       EAGAIN     EAGAIN     EBADF      EBADF      EAGAIN
recvfrom_into   EAGAIN       EAGAIN       EAGAIN     EAGAIN     EBADF      EBADF      EAGAIN
recvmsg         EAGAIN       EAGAIN       EAGAIN     EAGAIN     EBADF      EBADF      EAGAIN
recvmsg_into    EAGAIN       EAGAIN       EAGAIN     EAGAIN     EBADF      EBADF      EAGAIN
send            EDESTADDRREQ EDESTADDRREQ 1          EPIPE      EBADF      EBADF      1
sendall         EDESTADDRREQ EDESTADDRREQ ok         EPIPE      EBADF      EBADF      ok
sendfile        ValueError   ValueError   ValueError ValueError ValueError ValueError ValueError
sendmsg         EDESTADDRREQ EDESTADDRREQ 1          EPIPE      EBADF      EBADF      1
sendmsg_afalg   OSError      OSError      OSError    OSError    OSError    OSError    OSError
sendto          1            1            1          EPIPE      EBADF      EBADF      1
set_inheritable ok           ok           ok         ok         EBADF      EBADF      ok
setblocking     ok           ok           ok         ok         EBADF      EBADF      ok
setsockopt      ok           ok           ok         ok         EBADF      EBADF      ok
settimeout      ok           ok           ok         ok         EBADF      EBADF      ok
shutdown        ENOTCONN     ENOTCONN     ok         ok         EBADF      EBADF      ok
timeout         0            0            0          0          0          0          0
`;

/** An AF_UNIX stream. */
export const UNIX = `
                fresh      bound      listening  connected  ended      half       over       closed     detached   filed
accept          EINVAL     EINVAL     EAGAIN     EINVAL     EINVAL     EINVAL     EINVAL     EBADF      EBADF      EINVAL
bind            ok         EINVAL     EINVAL     ok         ok         ok         ok         EBADF      EBADF      ok
close           ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
connect         ok         ok         EINVAL     EISCONN    EISCONN    EISCONN    EISCONN    EBADF      EBADF      EISCONN
connect_ex      0          0          EINVAL     EISCONN    EISCONN    EISCONN    EISCONN    EBADF      EBADF      EISCONN
detach          fd         fd         fd         fd         fd         fd         fd         -1         -1         fd
dup             ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
family          1          1          1          1          1          1          1          1          1          1
fileno          fd         fd         fd         fd         fd         fd         fd         -1         -1         fd
get_inheritable no         no         no         no         no         no         no         EBADF      EBADF      no
getblocking     no         no         no         no         no         no         no         no         no         no
getpeername     ENOTCONN   ENOTCONN   ENOTCONN   ok         ok         ok         ok         EBADF      EBADF      ok
getsockname     ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
getsockopt      1          1          1          1          1          1          1          EBADF      EBADF      1
gettimeout      0          0          0          0          0          0          0          0          0          0
listen          EINVAL     ok         ok         EINVAL     EINVAL     EINVAL     EINVAL     EBADF      EBADF      EINVAL
makefile        ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
proto           0          0          0          0          0          0          0          0          0          0
recv            EINVAL     EINVAL     EINVAL     EAGAIN     nothing    EAGAIN     nothing    EBADF      EBADF      EAGAIN
recv_into       EINVAL     EINVAL     EINVAL     EAGAIN     0          EAGAIN     0          EBADF      EBADF      EAGAIN
recvfrom        EINVAL     EINVAL     EINVAL     EAGAIN     nothing    EAGAIN     nothing    EBADF      EBADF      EAGAIN
recvfrom_into   EINVAL     EINVAL     EINVAL     EAGAIN     0          EAGAIN     0          EBADF      EBADF      EAGAIN
recvmsg         EINVAL     EINVAL     EINVAL     EAGAIN     nothing    EAGAIN     nothing    EBADF      EBADF      EAGAIN
recvmsg_into    EINVAL     EINVAL     EINVAL     EAGAIN     0          EAGAIN     0          EBADF      EBADF      EAGAIN
send            ENOTCONN   ENOTCONN   ENOTCONN   1          EPIPE      EPIPE      EPIPE      EBADF      EBADF      1
sendall         ENOTCONN   ENOTCONN   ENOTCONN   ok         EPIPE      EPIPE      EPIPE      EBADF      EBADF      ok
sendfile        ValueError ValueError ValueError ValueError ValueError ValueError ValueError ValueError ValueError ValueError
sendmsg         ENOTCONN   ENOTCONN   ENOTCONN   1          EPIPE      EPIPE      EPIPE      EBADF      EBADF      1
sendmsg_afalg   OSError    OSError    OSError    OSError    OSError    OSError    OSError    OSError    OSError    OSError
sendto          ENOTSUP    ENOTSUP    ENOTSUP    EISCONN    EISCONN    EISCONN    EISCONN    EBADF      EBADF      EISCONN
set_inheritable ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
setblocking     ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
setsockopt      ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
settimeout      ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
shutdown        ok         ok         ok         ok         ok         ok         ok         EBADF      EBADF      ok
timeout         0          0          0          0          0          0          0          0          0          0
`;

/** A table as columns: for each state what each method does. */
export function columns(table: string): Map<string, Record<string, string>> {
  const [head = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return new Map(
    head.map((state, index) => [
      state,
      Object.fromEntries(rows.map(([method, ...results]) => [method, results[index] as string])),
    ]),
  );
}
