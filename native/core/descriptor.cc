// Descriptors on Linux, where close-on-exec comes with the call that makes them.
#include "core/descriptor.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

#include "core/families/structures.h"
#include "core/system_calls.h"

namespace berkeley {

Result OpenSocket(int family, int type, int proto) {
  return Retry([&] { return socket(family, type | SOCK_CLOEXEC, proto); });
}

Result OpenSocketPair(int family, int type, int proto, int fds[2]) {
  return Retry([&] { return socketpair(family, type | SOCK_CLOEXEC, proto, fds); });
}

Result Duplicate(int fd) {
  return Retry([&] { return fcntl(fd, F_DUPFD_CLOEXEC, 0); });
}

Result Close(int fd) {
  const Result result = Always([&] { return close(fd); });
  // Linux has released the descriptor when it says EINTR; ECONNRESET is the peer's news, and
  // nobody who closes wants it.
  return result == -EINTR || result == -ECONNRESET ? 0 : result;
}

Result SetBlocking(int fd, bool blocking) {
  int nonblocking = blocking ? 0 : 1;
  return Retry([&] { return ioctl(fd, FIONBIO, &nonblocking); });
}

namespace {

std::mutex moment;
// How many moments have begun, and how many are over.
std::atomic<uint64_t> moments_begun = 0;
std::atomic<uint64_t> moments_ended = 0;

}  // namespace

MomentWitness::MomentWitness() : ended_(moments_ended) {}
bool MomentWitness::HasSeenOne() const { return moments_begun != ended_; }

bool IsNonBlocking(int fd) {
  // What holds for a moment only does not count.
  const std::lock_guard<std::mutex> guard(moment);
  const Result flags = Always([&] { return fcntl(fd, F_GETFL); });
  return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

NonBlockingMoment::NonBlockingMoment(int fd) : fd_(fd) {
  moment.lock();
  ++moments_begun;
  int nonblocking = 1;
  Always([&] { return ioctl(fd_, FIONBIO, &nonblocking); });
}

NonBlockingMoment::~NonBlockingMoment() {
  int nonblocking = 0;
  Always([&] { return ioctl(fd_, FIONBIO, &nonblocking); });
  ++moments_ended;
  moment.unlock();
}

Result GetInheritable(int fd) {
  const Result flags = Retry([&] { return fcntl(fd, F_GETFD); });
  return flags < 0 ? flags : (flags & FD_CLOEXEC) == 0;
}

Result SetInheritable(int fd, bool inheritable) {
  const Result flags = Retry([&] { return fcntl(fd, F_GETFD); });
  if (flags < 0) return flags;
  const int wanted =
      inheritable ? static_cast<int>(flags) & ~FD_CLOEXEC : static_cast<int>(flags) | FD_CLOEXEC;
  if (wanted == flags) return 0;
  return Retry([&] { return fcntl(fd, F_SETFD, wanted); });
}

Result Bind(int fd, const Address& address) {
  return Retry([&] { return bind(fd, &address.generic, address.length); });
}

Result Listen(int fd, int backlog) {
  return Retry([&] { return listen(fd, backlog); });
}

Result Shutdown(int fd, int how) {
  return Retry([&] { return shutdown(fd, how); });
}

Result GetSocketName(int fd, Address* address) {
  address->length = sizeof(address->storage);
  return Retry([&] { return getsockname(fd, &address->generic, &address->length); });
}

Result GetPeerName(int fd, Address* address) {
  address->length = sizeof(address->storage);
  return Retry([&] { return getpeername(fd, &address->generic, &address->length); });
}

Result GetOption(int fd, int level, int option, void* value, socklen_t length) {
  const Result result = Retry([&] { return getsockopt(fd, level, option, value, &length); });
  return result < 0 ? result : static_cast<Result>(length);
}

Result SetOption(int fd, int level, int option, const void* value, socklen_t length) {
  return Retry([&] { return setsockopt(fd, level, option, value, length); });
}

Result Identify(int fd, SocketKindOf* kind) {
  Address address;
  Result result = GetSocketName(fd, &address);
  if (result < 0) return result;
  *kind = {address.generic.sa_family, 0, 0};
  result = GetOption(fd, SOL_SOCKET, SO_TYPE, &kind->type, sizeof(kind->type));
  if (result < 0) return result;
#ifdef SO_PROTOCOL
  if (GetOption(fd, SOL_SOCKET, SO_PROTOCOL, &kind->proto, sizeof(kind->proto)) < 0) {
    kind->proto = 0;
  }
#endif
  return 0;
}

bool IsPacketSocket(int fd) {
  SocketKindOf kind = {};
  return Identify(fd, &kind) >= 0 && kind.family == kAfPacket;
}

Result SocketNumber(int fd) {
  struct stat status = {};
  const Result result = Retry([&] { return SystemStatus(fd, &status); });
  if (result < 0) return result;
  if (!S_ISSOCK(status.st_mode)) return -ENOTSOCK;
  return static_cast<Result>(status.st_ino & INT64_MAX);
}

Result FileSize(int fd) {
  struct stat status = {};
  const Result result = Retry([&] { return SystemStatus(fd, &status); });
  return result < 0 ? result : static_cast<Result>(status.st_size);
}

Result FileNumber(int fd) {
  struct stat status = {};
  const Result result = Retry([&] { return SystemStatus(fd, &status); });
  if (result < 0) return result;
  constexpr uint64_t kSpread = 0x9E37'79B9'7F4A'7C15;
  constexpr int kBitsOfDouble = 53;
  const uint64_t mixed = static_cast<uint64_t>(status.st_ino) + status.st_dev * kSpread;
  return static_cast<Result>(mixed & ((uint64_t{1} << kBitsOfDouble) - 1));
}

void CloseAll(const int* fds, size_t count) {
  for (size_t index = 0; index < count; ++index) Close(fds[index]);
}

}  // namespace berkeley
