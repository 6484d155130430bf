// Waiting with a deadline: once, for every call that may wait.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdint>

#include "core/descriptor.h"
#include "core/held_descriptor.h"
#include "core/result.h"

namespace berkeley {

// How an environment waits.
//
// On the main thread a call without a timeout is one blocking system call. It must go through poll
// instead in two cases (`polled`): in a worker, where a wait is cut into slices so that the
// environment can be asked whether it is being torn down; and on the main thread while JavaScript
// listens for a signal, because a plain recv(2) would be restarted after the signal (SA_RESTART)
// while poll(2) returns.
struct WaitPolicy {
  bool polled = false;
  // Length of a slice in milliseconds; -1 does not slice.
  int slice = -1;
  // Whether a signal ends a wait with -EINTR.
  bool interruptible = false;
  // While an interruptible wait lasts, signals that nobody listens for but that have handlers
  // (SIGCHLD, a profiler's) are held back: they must not end it.
  sigset_t held = {};
  // Asked between slices.
  bool (*is_stopping)(void* context) = nullptr;
  void* context = nullptr;
  // Set when a signal came but the call has a result to give: some bytes had moved before.
  mutable bool interrupted = false;
};

// Milliseconds; negative waits for ever, zero not at all.
using Timeout = double;
// An attempt of the promise flavour: never waits, whatever mode the descriptor is in.
constexpr Timeout kAttempt = -2;
// The same where an event has told of more than data: it also notices that the socket was shut down
// for reading. TCP says so itself, but for datagrams and an AF_UNIX listener the kernel says EAGAIN
// to whoever must not wait, while it gives the end to whoever may.
constexpr Timeout kAttemptAtEnd = -3;

inline bool IsAttempt(Timeout timeout) { return timeout == kAttempt || timeout == kAttemptAtEnd; }

// The kernel never waits for the error queue, and MSG_DONTWAIT is the caller's wish; both hold for
// a socket without a timeout only, as in Python.
inline bool NeverWaits(int flags, Timeout timeout) {
  return timeout < 0 && (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) != 0;
}

// Messages of the error queue are announced by POLLERR, which poll(2) reports unasked; waiting
// for POLLIN would spin while there is ordinary data.
inline short ReadEvents(int flags) { return (flags & MSG_ERRQUEUE) != 0 ? 0 : POLLIN; }

class Deadline {
 public:
  explicit Deadline(Timeout timeout);
  // Milliseconds left, rounded up and at most INT_MAX; -1 when there is no end.
  int Remaining() const;
  bool Passed() const { return Remaining() == 0; }

 private:
  int64_t end_;  // CLOCK_MONOTONIC, nanoseconds; negative when there is no end
};

// For its lifetime, on a thread whose waits signals may end, the signals that nobody listens for
// are held back.
class HeldSignals {
 public:
  explicit HeldSignals(const WaitPolicy& policy);
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  const bool is_holding_;
  sigset_t previous_;
};

// Makes a system call that waits by itself, `call(int milliseconds)` with -1 for ever, until it has
// something to tell: what it gave, never 0, or kTimedOut, kStopped, -EINTR or another -errno.
// `is_lost()`, asked between slices, ends it with -EBADF.
template <typename Call, typename IsLost>
Result WaitIn(const WaitPolicy& policy, const Deadline& deadline, Call call, IsLost is_lost) {
  for (;;) {
    const int remaining = deadline.Remaining();
    const bool is_slice = policy.slice >= 0 && (remaining < 0 || remaining > policy.slice);
    Result result;
    {
      const HeldSignals held(policy);
      result = Once([&] { return call(is_slice ? policy.slice : remaining); });
    }
    if (result > 0) return result;
    if (result == 0 && deadline.Passed()) return kTimedOut;
    if (result == -EINTR && policy.interruptible) return result;
    if (result < 0 && result != -EINTR) return result;
    if (policy.is_stopping != nullptr && policy.is_stopping(policy.context)) return kStopped;
    if (is_lost()) return -EBADF;
  }
}

template <typename Call>
Result WaitIn(const WaitPolicy& policy, const Deadline& deadline, Call call) {
  return WaitIn(policy, deadline, call, [] { return false; });
}

// The same for a call about many descriptors, to which 0 is an answer: none of them became ready.
template <typename Call>
Result WaitForAny(const WaitPolicy& policy, Timeout timeout, Call call) {
  // What is ready already takes one system call, whatever the policy.
  if (timeout == 0 || policy.polled) {
    const Result result = Retry([&] { return call(0); });
    if (result != 0 || timeout == 0) return result;
  }
  const Result result = WaitIn(policy, Deadline(timeout), call);
  return result == kTimedOut ? 0 : result;
}

// Waits until the descriptor is ready for `events` (or has an error): what poll(2) says it is ready
// for, or kTimedOut, kStopped, -EINTR or another -errno.
Result WaitReady(const WaitPolicy& policy, int fd, short events, const Deadline& deadline);

// The same for a descriptor that another thread may close: -EBADF once the number is lost.
Result WaitReady(const WaitPolicy& policy, HeldDescriptor* held, short events,
                 const Deadline& deadline);

// Stands between waits that are of no use: poll(2) may say at once that a descriptor is ready while
// the call would block. It does so for an unconnected AF_UNIX datagram socket whose receiver's
// queue is full, and for a listener that was shut down.
class Patience {
 public:
  // Call before a wait.
  void Begin();
  // Call after a wait that was followed by -EAGAIN: pauses once that happens again and again. 0, or
  // kTimedOut, kStopped, -EINTR.
  Result Pause(const WaitPolicy& policy, const Deadline& deadline);

 private:
  int64_t start_ = 0;
  int useless_ = 0;
};

// Whether a blocking call on this descriptor ends by itself although it has no timeout: the
// descriptor is O_NONBLOCK after all, or has SO_RCVTIMEO or SO_SNDTIMEO. Gives the milliseconds;
// -1 when it does not.
Timeout OwnLimit(int fd, short events);

// Who waits to write to an AF_UNIX stream is not told by poll(2) that either end has shut that
// down: the milliseconds after which a call without a timeout tries again.
constexpr Timeout kWriteAgain = 100;

// Whether a connection has failed and has nothing more to give, where poll(2) said `ready`. Who has
// moved bytes leaves that to the next call: being told of the error takes it away from there.
bool HasFailed(int fd, short events, Result ready);

// Whether the socket was shut down for reading, as poll(2) tells it.
bool IsShut(int fd);

// Whether a call without a timeout has to be made in slices: not when it is bounded anyway.
bool NeedsSlices(const WaitPolicy& policy, int fd, Timeout timeout);

// Makes a call that blocks in the kernel, `call()`; again if it only came back because another
// thread had made the descriptor O_NONBLOCK for a moment.
template <typename Call>
Result Block(int fd, short events, Call call) {
  for (;;) {
    const MomentWitness witness;
    const Result result = call();
    if (!WouldBlock(result) || !witness.HasSeenOne() || OwnLimit(fd, events) >= 0) return result;
  }
}

// Makes a call that may wait. `attempt(int fd, bool must_not_block)` makes the system call once;
// with `must_not_block` it has to come back with -EAGAIN whatever mode the descriptor is in. What
// is sent or received in several calls of this function takes the same HeldDescriptor for all of
// them. A call that reads gets kShut for its end where the kernel says EAGAIN. `has_moved` is for
// the parts of a call behind the first: 0 where an error has come instead, see HasFailed().
template <typename Attempt>
Result Wait(const WaitPolicy& policy, HeldDescriptor* held, short events, Timeout timeout,
            Attempt attempt, bool has_moved = false) {
  const bool reads = (events & POLLIN) != 0;
  if (timeout == 0 || IsAttempt(timeout)) {
    const Result result = attempt(held->fd(), true);
    const bool may_be_shut = timeout == kAttemptAtEnd && reads && WouldBlock(result);
    return may_be_shut && IsShut(held->fd()) ? kShut : result;
  }
  if (timeout < 0 && !policy.polled) {
    return Block(held->fd(), events, [&] { return attempt(held->fd(), false); });
  }
  Result result = has_moved ? -EAGAIN : attempt(held->fd(), true);
  if (!WouldBlock(result)) return result;
  const Timeout limit = timeout < 0 ? OwnLimit(held->fd(), events) : timeout;
  if (limit == 0) return result;
  const Deadline deadline(limit);
  const short asked = static_cast<short>(reads ? events | POLLRDHUP : events);
  Patience patience;
  for (;;) {
    patience.Begin();
    const bool tries_again = limit < 0 && !reads;
    Result ready = WaitReady(policy, held, asked, tries_again ? Deadline(kWriteAgain) : deadline);
    if (ready == kTimedOut && tries_again) ready = 0;
    if (ready >= 0) {
      if (has_moved && HasFailed(held->fd(), events, ready)) return 0;
      result = attempt(held->fd(), true);
      if (!WouldBlock(result)) return result;
      // With a timeout Python goes on waiting.
      if (timeout < 0 && (ready & POLLRDHUP) != 0) return kShut;
      ready = patience.Pause(policy, deadline);
    }
    if (ready < 0) return ready == kTimedOut && timeout < 0 ? -EAGAIN : ready;
  }
}

}  // namespace berkeley
