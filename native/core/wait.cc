// Waiting with a deadline: poll(2) in slices, interrupted by signals where they are listened for.
#include "core/wait.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <ctime>

#include "core/descriptor.h"

namespace berkeley {

namespace {

constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

int64_t Now() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

}  // namespace

Deadline::Deadline(Timeout timeout) : end_(-1) {
  if (timeout < 0) return;
  const int64_t now = Now();
  const double span = std::ceil(timeout * kNanosecondsPerMillisecond);
  const double room = static_cast<double>(INT64_MAX - now);
  end_ = span < room ? now + static_cast<int64_t>(span) : INT64_MAX;
}

int Deadline::Remaining() const {
  if (end_ < 0) return -1;
  const int64_t left = end_ - Now();
  if (left <= 0) return 0;
  const int64_t milliseconds =
      left / kNanosecondsPerMillisecond + (left % kNanosecondsPerMillisecond != 0);
  return milliseconds > INT_MAX ? INT_MAX : static_cast<int>(milliseconds);
}

HeldSignals::HeldSignals(const WaitPolicy& policy) : is_holding_(policy.interruptible) {
  if (is_holding_) pthread_sigmask(SIG_BLOCK, &policy.held, &previous_);
}

HeldSignals::~HeldSignals() {
  if (is_holding_) pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

namespace {

template <typename IsLost>
Result WaitFor(const WaitPolicy& policy, int fd, short events, const Deadline& deadline,
               IsLost is_lost) {
  // poll(2) overlooks a negative descriptor: it would wait for nothing.
  if (fd < 0) return -EBADF;
  pollfd entry = {fd, events, 0};
  const Result result = WaitIn(
      policy, deadline, [&](int milliseconds) { return poll(&entry, 1, milliseconds); }, is_lost);
  if (result < 0) return result;
  return (entry.revents & POLLNVAL) != 0 ? -EBADF : entry.revents;
}

}  // namespace

Result WaitReady(const WaitPolicy& policy, int fd, short events, const Deadline& deadline) {
  return WaitFor(policy, fd, events, deadline, [] { return false; });
}

Result WaitReady(const WaitPolicy& policy, HeldDescriptor* held, short events,
                 const Deadline& deadline) {
  held->Hold();
  const Result result =
      WaitFor(policy, held->fd(), events, deadline, [&] { return held->IsLost(); });
  return result >= 0 && !held->has_copy() && held->IsLost() ? -EBADF : result;
}

void Patience::Begin() { start_ = Now(); }

Result Patience::Pause(const WaitPolicy& policy, const Deadline& deadline) {
  // A wait that lasted was real; somebody else was faster.
  constexpr int64_t kRealWait = kNanosecondsPerMillisecond;
  useless_ = Now() - start_ < kRealWait ? useless_ + 1 : 0;
  constexpr int kPatientRounds = 3;
  constexpr int kLongestPause = 10;
  if (useless_ > kPatientRounds) {
    const int remaining = deadline.Remaining();
    const int pause = remaining < 0 ? kLongestPause : std::min(remaining, kLongestPause);
    const HeldSignals held(policy);
    const Result result = Once([&] { return poll(nullptr, 0, pause); });
    if (result == -EINTR && policy.interruptible) return result;
  }
  if (deadline.Passed()) return kTimedOut;
  const bool is_stopping = policy.is_stopping != nullptr && policy.is_stopping(policy.context);
  return is_stopping ? kStopped : 0;
}

Timeout OwnLimit(int fd, short events) {
  if (IsNonBlocking(fd)) return 0;
  timeval limit = {};
  socklen_t size = sizeof(limit);
  const int option = (events & POLLOUT) != 0 ? SO_SNDTIMEO : SO_RCVTIMEO;
  const Result result = Retry([&] { return getsockopt(fd, SOL_SOCKET, option, &limit, &size); });
  if (result < 0 || (limit.tv_sec == 0 && limit.tv_usec == 0)) return -1;
  return static_cast<Timeout>(limit.tv_sec) * 1000 + static_cast<Timeout>(limit.tv_usec) / 1000;
}

bool HasFailed(int fd, short events, Result ready) {
  // An error alone may be news in the error queue; a connection that failed hangs up, too.
  if ((ready & POLLERR) == 0 || (ready & POLLHUP) == 0) return false;
  if ((events & POLLIN) == 0) return true;
  int unread = 0;
  return Retry([&] { return ioctl(fd, FIONREAD, &unread); }) < 0 || unread <= 0;
}

bool IsShut(int fd) {
  pollfd entry = {fd, POLLRDHUP, 0};
  return Once([&] { return poll(&entry, 1, 0); }) > 0 && (entry.revents & POLLRDHUP) != 0;
}

bool NeedsSlices(const WaitPolicy& policy, int fd, Timeout timeout) {
  return timeout < 0 && !IsAttempt(timeout) && policy.polled && OwnLimit(fd, POLLOUT) < 0;
}

}  // namespace berkeley
