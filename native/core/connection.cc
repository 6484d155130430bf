// Accepting and connecting, which know no MSG_DONTWAIT.
#include <poll.h>
#include <sys/time.h>

#include "core/descriptor.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

// Whether accept(2) on the descriptor may have something to wait for. On others it fails at once,
// while poll(2) would wait for data. Bluetooth's listeners do not say that they listen.
bool MayListen(int fd) {
  int answer = 0;
  const auto ask = [&](int option) {
    return GetOption(fd, SOL_SOCKET, option, &answer, sizeof(answer)) >= 0;
  };
  if (!ask(SO_ACCEPTCONN)) return false;
  if (answer != 0) return true;
  if (!ask(SO_TYPE) || (answer != SOCK_STREAM && answer != SOCK_SEQPACKET)) return false;
  Address peer;
  return GetPeerName(fd, &peer) < 0;
}

}  // namespace

Result Accept(const WaitPolicy& policy, int fd, Timeout timeout, Address* address) {
  HeldDescriptor held(fd);
  const auto attempt = [&] {
    return Retry([&] {
      address->length = sizeof(address->storage);
      return accept4(held.fd(), &address->generic, &address->length, SOCK_CLOEXEC);
    });
  };
  if (timeout == 0) return attempt();
  if (IsAttempt(timeout)) {
    const Result result = AttemptOnce(fd, attempt);
    const bool is_shut = timeout == kAttemptAtEnd && WouldBlock(result) && IsShut(fd);
    return is_shut ? -EINVAL : result;
  }
  if (timeout < 0 && !policy.polled) {
    // A thread that shares the listener makes it O_NONBLOCK for moments.
    Result result;
    do {
      result = attempt();
    } while (WouldBlock(result) && OwnLimit(fd, POLLIN) < 0);
    return result;
  }
  // accept4 has no MSG_DONTWAIT, so the wait comes first; a listener that is O_NONBLOCK although
  // it has no timeout answers at once.
  const Timeout limit = timeout < 0 ? OwnLimit(fd, POLLIN) : timeout;
  if (limit == 0 || (timeout < 0 && !MayListen(fd))) return attempt();
  const Deadline deadline(limit);
  for (;;) {
    const Result ready = WaitReady(policy, &held, POLLIN | POLLRDHUP, deadline);
    if (ready < 0) return ready == kTimedOut && timeout < 0 ? -EAGAIN : ready;
    Result result;
    if (timeout < 0) {
      // Somebody else may have taken the connection, and a plain accept4 would wait for the next.
      const NonBlockingMoment guard(held.fd());
      result = attempt();
    } else {
      result = attempt();
    }
    if (!WouldBlock(result)) return result;
    // An AF_UNIX listener that was shut down says EAGAIN where TCP says EINVAL.
    if ((ready & (POLLHUP | POLLRDHUP)) != 0) return -EINVAL;
  }
}

namespace {

// What became of a connection attempt that goes on in the kernel.
Result FinishConnect(const WaitPolicy& policy, HeldDescriptor* held, const Deadline& deadline) {
  const Result ready = WaitReady(policy, held, POLLOUT, deadline);
  if (ready < 0) return ready;
  int error = 0;
  socklen_t size = sizeof(error);
  const Result result =
      Retry([&] { return getsockopt(held->fd(), SOL_SOCKET, SO_ERROR, &error, &size); });
  if (result < 0) return result;
  return error == EISCONN ? 0 : -static_cast<Result>(error);
}

// For its lifetime no sending call on the descriptor blocks longer than that: SO_SNDTIMEO bounds
// connect(2) too (socket(7)), which knows no MSG_DONTWAIT, and unlike O_NONBLOCK nobody who shares
// the descriptor gets an EAGAIN at once.
class BoundedSends {
 public:
  BoundedSends(int fd, const timeval& limit) : fd_(fd) { Set(limit); }
  ~BoundedSends() { Set({}); }
  BoundedSends(const BoundedSends&) = delete;
  BoundedSends& operator=(const BoundedSends&) = delete;

 private:
  const int fd_;

  void Set(const timeval& limit) {
    Always([&] { return setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); });
  }
};

constexpr timeval kConnectSlice = {0, 50'000};
// Where only signals end a wait there is nothing to ask between slices, and a signal that came
// between two system calls would be lost. The bound is what keeps SA_RESTART from repeating the
// call: the kernel does not restart one with a timeout (signal(7)).
constexpr timeval kConnectDay = {86'400, 0};

// Makes a blocking connect(2) in slices, until it gives something other than -EINTR, or than the
// -EAGAIN of a slice that has passed, which only AF_UNIX says. Elsewhere that means that there is
// no port left, and comes at once.
template <typename Call>
Result InSlices(const WaitPolicy& policy, HeldDescriptor* held, int family, Call call) {
  held->Hold();
  const BoundedSends guard(held->fd(), policy.is_stopping != nullptr ? kConnectSlice : kConnectDay);
  for (;;) {
    const Result result = Begin(call);
    const bool has_passed = WouldBlock(result) && family == AF_UNIX;
    if (!has_passed && result != -EINTR) return result;
    if (result == -EINTR && policy.interruptible) return result;
    if (policy.is_stopping != nullptr && policy.is_stopping(policy.context)) return kStopped;
    if (held->IsLost()) return -EBADF;
  }
}

}  // namespace

Result Connect(const WaitPolicy& policy, int fd, const Address& address, Timeout timeout) {
  HeldDescriptor held(fd);
  const auto attempt = [&] { return connect(held.fd(), &address.generic, address.length); };
  if (IsAttempt(timeout)) {
    const Result result = AttemptOnce(fd, [&] { return Begin(attempt); });
    // An interrupted attempt goes on in the kernel, too.
    return result == -EINTR ? -EINPROGRESS : result;
  }
  const bool is_sliced = NeedsSlices(policy, fd, timeout);
  // AF_UNIX says EAGAIN while the listener's queue is full and can be asked again; other families
  // say EINPROGRESS, and EALREADY to whoever asks again.
  const Result result =
      is_sliced ? InSlices(policy, &held, address.generic.sa_family, attempt) : Begin(attempt);
  if (timeout == 0) return result;
  // An interrupted connect is not repeated, its attempt goes on in the kernel (connect(2)).
  const bool goes_on = (result == -EINTR && !policy.interruptible) ||
                       (result == -EINPROGRESS && (timeout > 0 || is_sliced)) ||
                       (result == -EALREADY && is_sliced);
  return goes_on ? FinishConnect(policy, &held, Deadline(timeout)) : result;
}

}  // namespace berkeley
