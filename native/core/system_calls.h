// The hottest system calls, without what libc puts around them.
//
// glibc's recv and send are cancellation points: in a process with threads, as Node is, each call
// pays for two atomic operations that nobody here wants. The plain system call does the same work.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/faults.h"

namespace berkeley {

#if defined(__linux__) && defined(SYS_recvfrom) && defined(SYS_sendto)

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

// Several messages in one call (recvmmsg(2), sendmmsg(2)). Elsewhere one call each: all but the
// first must not wait, and an error after the first message is the next call's.
#if defined(__linux__)

using MessageHeader = mmsghdr;

inline int SystemReceiveMany(int fd, MessageHeader* messages, unsigned count, int flags) {
  return recvmmsg(fd, messages, count, flags | MSG_WAITFORONE, nullptr);
}

inline int SystemSendMany(int fd, MessageHeader* messages, unsigned count, int flags) {
  return sendmmsg(fd, messages, count, flags);
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
