// Descriptors: how they are born (close-on-exec), copied, configured and closed.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "core/address.h"
#include "core/result.h"

namespace berkeley {

// socket(2) with SOCK_CLOEXEC.
Result OpenSocket(int family, int type, int proto);
// socketpair(2) with SOCK_CLOEXEC: 0, with both descriptors in `fds`.
Result OpenSocketPair(int family, int type, int proto, int fds[2]);
// A copy of a descriptor that is close-on-exec.
Result Duplicate(int fd);
// close(2). The descriptor is gone whatever it returns; it is not repeated after EINTR.
Result Close(int fd);

Result SetBlocking(int fd, bool blocking);
bool IsNonBlocking(int fd);
// For its lifetime a descriptor in blocking mode is O_NONBLOCK, for calls that know no
// MSG_DONTWAIT. Only one such moment lasts at a time in the process: two threads that share a
// descriptor would put it back to blocking mode under each other.
class NonBlockingMoment {
 public:
  explicit NonBlockingMoment(int fd);
  ~NonBlockingMoment();
  NonBlockingMoment(const NonBlockingMoment&) = delete;
  NonBlockingMoment& operator=(const NonBlockingMoment&) = delete;

 private:
  const int fd_;
};

// Notices such moments of other threads, of whatever descriptor: a call that has begun in one comes
// back with -EAGAIN instead of blocking.
class MomentWitness {
 public:
  MomentWitness();
  // Whether there was one since this was made.
  bool HasSeenOne() const;

 private:
  const uint64_t ended_;
};

// Makes a call that knows no MSG_DONTWAIT without waiting, whatever mode the descriptor is in.
template <typename Call>
Result AttemptOnce(int fd, Call call) {
  if (IsNonBlocking(fd)) return call();
  const NonBlockingMoment guard(fd);
  return call();
}

// Whether a child process inherits the descriptor: 1 or 0.
Result GetInheritable(int fd);
Result SetInheritable(int fd, bool inheritable);

Result Bind(int fd, const Address& address);
Result Listen(int fd, int backlog);
Result Shutdown(int fd, int how);
Result GetSocketName(int fd, Address* address);
Result GetPeerName(int fd, Address* address);

// Options. Get gives the length that the kernel wrote.
Result GetOption(int fd, int level, int option, void* value, socklen_t length);
Result SetOption(int fd, int level, int option, const void* value, socklen_t length);

// Family, type and protocol of an open socket; the protocol is 0 where the kernel does not tell.
struct SocketKindOf {
  int family;
  int type;
  int proto;
};
Result Identify(int fd, SocketKindOf* kind);

// Whether it is a packet socket. These refuse to receive messages with MSG_CMSG_CLOEXEC, for which
// they have no use: no descriptors come with frames.
bool IsPacketSocket(int fd);

// A number that no other open socket has, whatever descriptors it goes by: where two answers for a
// descriptor differ, it was closed in between and given out again.
Result SocketNumber(int fd);

// The size of the file behind any descriptor.
Result FileSize(int fd);

// A number by which the file behind any descriptor is told from others; it fits into a double.
Result FileNumber(int fd);

// Closes every descriptor of an array.
void CloseAll(const int* fds, size_t count);

}  // namespace berkeley
