// The set of watched descriptors on Linux: epoll(7).
#include "core/readiness/readiness.h"

#ifdef __linux__

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

namespace berkeley {

namespace {

constexpr size_t kMostEvents = 256;

epoll_event Interest(int fd, uint32_t token) {
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
  event.data.u64 = uint64_t{token} << 32 | static_cast<uint32_t>(fd);
  return event;
}

uint32_t Readiness(uint32_t events) {
  constexpr uint32_t kBoth = EPOLLERR | EPOLLHUP;
  uint32_t result = 0;
  constexpr uint32_t kMore = EPOLLRDHUP | EPOLLPRI | kBoth;
  if ((events & (EPOLLIN | kMore)) != 0) result |= kReadable;
  if ((events & kMore) != 0) result |= kUnusual;
  if ((events & (EPOLLOUT | kBoth)) != 0) result |= kWritable;
  return result;
}

}  // namespace

ReadinessSet::~ReadinessSet() {
  if (fd_ >= 0) Always([&] { return close(fd_); });
}

Result ReadinessSet::Open() {
  const Result result = Retry([] { return epoll_create1(EPOLL_CLOEXEC); });
  if (result < 0) return result;
  fd_ = static_cast<int>(result);
  return 0;
}

Result ReadinessSet::Add(int fd, uint32_t token) {
  epoll_event event = Interest(fd, token);
  return Retry([&] { return epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event); });
}

Result ReadinessSet::Renew(int fd, uint32_t token) {
  epoll_event event = Interest(fd, token);
  return Retry([&] { return epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &event); });
}

Result ReadinessSet::Remove(int fd) {
  epoll_event unused = {};
  return Always([&] { return epoll_ctl(fd_, EPOLL_CTL_DEL, fd, &unused); });
}

Result ReadinessSet::Take(ReadyEvent* events, size_t room, int timeout) {
  epoll_event taken[kMostEvents];
  const int count = static_cast<int>(std::min(room, kMostEvents));
  const Result result = Once([&] { return epoll_wait(fd_, taken, count, timeout); });
  for (Result index = 0; index < result; ++index) {
    const uint64_t data = taken[index].data.u64;
    events[index] = {static_cast<uint32_t>(data), static_cast<uint32_t>(data >> 32),
                     Readiness(taken[index].events)};
  }
  return result;
}

}  // namespace berkeley

#endif
