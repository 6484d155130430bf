// The hottest system calls, without what libc puts around them.
//
// glibc's recv and send are cancellation points: in a process with threads, as Node is, each call
// pays for two atomic operations that nobody here wants. The plain system call does the same work.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace berkeley {

#if defined(__linux__) && defined(SYS_recvfrom) && defined(SYS_sendto)

inline ssize_t SystemReceive(int fd, void* data, size_t length, int flags, sockaddr* address,
                             socklen_t* address_length) {
  return syscall(SYS_recvfrom, fd, data, length, flags, address, address_length);
}

inline ssize_t SystemSend(int fd, const void* data, size_t length, int flags,
                          const sockaddr* address, socklen_t address_length) {
  return syscall(SYS_sendto, fd, data, length, flags, address, address_length);
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

}  // namespace berkeley
