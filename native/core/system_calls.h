// The system calls that move data: the hottest without what libc puts around them, and all of them
// so that the tests of errors can have them move less than they could.
//
// glibc's recv and send are cancellation points: in a process with threads, as Node is, each call
// pays for two atomic operations that nobody here wants. The plain system call does the same work.
// ThreadSanitizer needs libc's functions: it keeps a signal back until it sees a call that waits.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/faults.h"

namespace berkeley {

#if defined(__linux__) && defined(SYS_recvfrom) && !defined(__SANITIZE_THREAD__)

inline ssize_t SystemReceive(int fd, void* data, size_t length, int flags, sockaddr* address,
                             socklen_t* address_length) {
  return syscall(SYS_recvfrom, fd, data, ShortLength(length), flags, address, address_length);
}

inline ssize_t SystemSend(int fd, const void* data, size_t length, int flags,
                          const sockaddr* address, socklen_t address_length) {
  return syscall(SYS_sendto, fd, data, ShortLength(length), flags, address, address_length);
}

#else

inline ssize_t SystemReceive(int fd, void* data, size_t length, int flags, sockaddr* address,
                             socklen_t* address_length) {
  return recvfrom(fd, data, length, flags, address, address_length);
}

inline ssize_t SystemSend(int fd, const void* data, size_t length, int flags,
                          const sockaddr* address, socklen_t address_length) {
  return sendto(fd, data, length, flags, address, address_length);
}

#endif

#ifdef BERKELEY_SOCKETS_FAULTS

// A message that ends early: half of its buffers, or half of the only one.
class ShortMessage {
 public:
  explicit ShortMessage(const msghdr& message) : message_(message) {
    if (message_.msg_iovlen != 1) {
      message_.msg_iovlen = ShortLength(message_.msg_iovlen);
      return;
    }
    vector_ = {message_.msg_iov->iov_base, ShortLength(message_.msg_iov->iov_len)};
    message_.msg_iov = &vector_;
  }
  msghdr* get() { return &message_; }

 private:
  msghdr message_;
  iovec vector_ = {};
};

inline ssize_t SystemReceiveMessage(int fd, msghdr* message, int flags) {
  ShortMessage part(*message);
  const ssize_t result = recvmsg(fd, part.get(), flags);
  message->msg_namelen = part.get()->msg_namelen;
  message->msg_controllen = part.get()->msg_controllen;
  message->msg_flags = part.get()->msg_flags;
  return result;
}

inline ssize_t SystemSendMessage(int fd, const msghdr* message, int flags) {
  return sendmsg(fd, ShortMessage(*message).get(), flags);
}

#else

inline ssize_t SystemReceiveMessage(int fd, msghdr* message, int flags) {
  return recvmsg(fd, message, flags);
}

inline ssize_t SystemSendMessage(int fd, const msghdr* message, int flags) {
  return sendmsg(fd, message, flags);
}

#endif

// Several messages in one call (recvmmsg(2), sendmmsg(2)). Elsewhere one call each: all but the
// first must not wait, and an error after the first message is the next call's.
#if defined(__linux__)

using MessageHeader = mmsghdr;

inline int SystemReceiveMany(int fd, MessageHeader* messages, unsigned count, int flags) {
  const unsigned most = static_cast<unsigned>(ShortLength(count));
  return recvmmsg(fd, messages, most, flags | MSG_WAITFORONE, nullptr);
}

inline int SystemSendMany(int fd, MessageHeader* messages, unsigned count, int flags) {
  return sendmmsg(fd, messages, static_cast<unsigned>(ShortLength(count)), flags);
}

#else

struct MessageHeader {
  msghdr msg_hdr;
  unsigned msg_len;
};

inline int SystemReceiveMany(int fd, MessageHeader* messages, unsigned count, int flags) {
  for (unsigned index = 0; index < count; ++index) {
    const int rest = index > 0 ? MSG_DONTWAIT : 0;
    const ssize_t length = recvmsg(fd, &messages[index].msg_hdr, flags | rest);
    if (length < 0) return index > 0 ? static_cast<int>(index) : -1;
    messages[index].msg_len = static_cast<unsigned>(length);
  }
  return static_cast<int>(count);
}

inline int SystemSendMany(int fd, MessageHeader* messages, unsigned count, int flags) {
  for (unsigned index = 0; index < count; ++index) {
    const ssize_t length = sendmsg(fd, &messages[index].msg_hdr, flags);
    if (length < 0) return index > 0 ? static_cast<int>(index) : -1;
    messages[index].msg_len = static_cast<unsigned>(length);
  }
  return static_cast<int>(count);
}

#endif

// fstat(2). Where the kernel's structure is libc's, as on Linux's 64-bit machines, it is called by
// itself: glibc 2.33 gave the function a new symbol, which older ones lack.
#if defined(__linux__) && defined(__LP64__) && defined(SYS_fstat)

inline int SystemStatus(int fd, struct stat* status) {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}

#else

inline int SystemStatus(int fd, struct stat* status) { return fstat(fd, status); }

#endif

}  // namespace berkeley
