// The calls that may wait, on the one rule of wait.h: try, wait until ready, try again.
#include "core/transfer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/time.h>

#include "core/descriptor.h"
#include "core/system_calls.h"

namespace berkeley {

namespace {

// Messages of the error queue are announced by POLLERR, which poll(2) reports unasked; waiting
// for POLLIN would spin while there is ordinary data.
short ReadEvents(int flags) { return (flags & MSG_ERRQUEUE) != 0 ? 0 : POLLIN; }

// The kernel never waits for the error queue, and MSG_DONTWAIT is the caller's wish; both hold for
// a socket without a timeout only, as in Python.
bool NeverWaits(int flags, Timeout timeout) {
  return timeout < 0 && (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) != 0;
}

// Whether a call is one system call, which waits in the kernel if at all.
bool IsDirect(const WaitPolicy& policy, int flags, Timeout timeout) {
  return (timeout < 0 && !policy.polled) || NeverWaits(flags, timeout);
}

// Whether a call that should come back only when everything was moved has to be continued here:
// the kernel does so itself for a call that may block, but not for one with MSG_DONTWAIT.
bool MustComplete(const WaitPolicy& policy, Timeout timeout, int flags) {
  return timeout < 0 && policy.polled && (flags & MSG_DONTWAIT) == 0;
}

// Repeats `part(moved)` until `length` bytes were moved or it fails; an error or end after the
// first byte gives the bytes so far, as the kernel does.
template <typename Part>
Result Complete(const WaitPolicy& policy, size_t length, Part part) {
  size_t moved = 0;
  do {
    const Result result = part(moved);
    if (result < 0) {
      policy.interrupted = result == -EINTR && moved > 0;
      return moved > 0 ? static_cast<Result>(moved) : result;
    }
    moved += static_cast<size_t>(result);
    if (result == 0) break;
  } while (moved < length);
  return static_cast<Result>(moved);
}

// Drops the first `count` bytes from a message's vectors.
void Advance(msghdr* message, size_t count) {
  while (message->msg_iovlen > 0 && count >= message->msg_iov->iov_len) {
    count -= message->msg_iov->iov_len;
    ++message->msg_iov;
    --message->msg_iovlen;
  }
  if (message->msg_iovlen == 0) return;
  message->msg_iov->iov_base = static_cast<char*>(message->msg_iov->iov_base) + count;
  message->msg_iov->iov_len -= count;
}

size_t TotalLength(const msghdr& message) {
  size_t total = 0;
  for (size_t index = 0; index < static_cast<size_t>(message.msg_iovlen); ++index) {
    total += message.msg_iov[index].iov_len;
  }
  return total;
}

// Whether a receiving call has to be continued here until all has come (MSG_WAITALL).
bool WaitsForAll(const WaitPolicy& policy, int fd, int flags, Timeout timeout) {
  if ((flags & MSG_WAITALL) == 0 || !MustComplete(policy, timeout, flags)) return false;
  int type = 0;
  socklen_t size = sizeof(type);
  return Once([&] { return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size); }) >= 0 &&
         type == SOCK_STREAM;
}

}  // namespace

Result Receive(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
               Timeout timeout) {
  const auto attempt = [&](size_t offset, bool must_not_block) {
    const int all_flags = must_not_block ? flags | MSG_DONTWAIT : flags;
    return Retry([&] {
      return SystemReceive(fd, static_cast<char*>(data) + offset, length - offset, all_flags,
                           nullptr, nullptr);
    });
  };
  if (IsDirect(policy, flags, timeout)) return attempt(0, false);
  const auto wait = [&](size_t offset) {
    return Wait(policy, fd, ReadEvents(flags), timeout,
                [&](bool must_not_block) { return attempt(offset, must_not_block); });
  };
  if (!WaitsForAll(policy, fd, flags, timeout)) return wait(0);
  return Complete(policy, length, wait);
}

Result ReceiveFrom(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
                   Timeout timeout, Address* address) {
  const auto attempt = [&](size_t offset, bool must_not_block) {
    const int all_flags = must_not_block ? flags | MSG_DONTWAIT : flags;
    socklen_t address_length = 0;
    const Result result = Retry([&] {
      address_length = sizeof(address->storage);
      return SystemReceive(fd, static_cast<char*>(data) + offset, length - offset, all_flags,
                           &address->generic, &address_length);
    });
    // A part that failed names nobody; what the parts before it said holds.
    if (result >= 0) address->length = address_length;
    return result;
  };
  if (IsDirect(policy, flags, timeout)) return attempt(0, false);
  const auto wait = [&](size_t offset) {
    return Wait(policy, fd, ReadEvents(flags), timeout,
                [&](bool must_not_block) { return attempt(offset, must_not_block); });
  };
  if (!WaitsForAll(policy, fd, flags, timeout)) return wait(0);
  return Complete(policy, length, wait);
}

Result ReceiveMessage(const WaitPolicy& policy, int fd, msghdr* message, int flags,
                      Timeout timeout) {
  const socklen_t name_length = message->msg_namelen;
  const size_t control_length = message->msg_controllen;
  const auto attempt = [&](bool must_not_block) {
    const int all_flags = must_not_block ? flags | MSG_DONTWAIT : flags;
    msghdr part = {};
    const Result result = Retry([&] {
      part = *message;
      part.msg_namelen = name_length;
      part.msg_controllen = control_length;
      return recvmsg(fd, &part, all_flags);
    });
    // A part that failed brought no control messages; what the parts before it said holds.
    if (result >= 0) *message = part;
    return result;
  };
  if (IsDirect(policy, flags, timeout)) return attempt(false);
  const auto wait = [&] { return Wait(policy, fd, ReadEvents(flags), timeout, attempt); };
  if (!WaitsForAll(policy, fd, flags, timeout)) return wait();
  size_t before = 0;
  return Complete(policy, TotalLength(*message), [&](size_t moved) -> Result {
    // As in the kernel, data with control messages ends the call: the next ones are not its.
    if (moved > 0 && message->msg_controllen > 0) return 0;
    Advance(message, moved - before);
    before = moved;
    return wait();
  });
}

Result Send(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
            Timeout timeout) {
  return SendTo(policy, fd, data, length, flags, timeout, nullptr, 0);
}

Result SendTo(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
              Timeout timeout, const void* address, socklen_t address_length) {
  const auto attempt = [&](size_t offset, bool must_not_block) {
    const int all_flags = (must_not_block ? flags | MSG_DONTWAIT : flags) | MSG_NOSIGNAL;
    return Retry([&] {
      return SystemSend(fd, static_cast<const char*>(data) + offset, length - offset, all_flags,
                        static_cast<const sockaddr*>(address), address_length);
    });
  };
  if (IsDirect(policy, flags, timeout)) return attempt(0, false);
  const auto wait = [&](size_t offset) {
    return Wait(policy, fd, POLLOUT, timeout,
                [&](bool must_not_block) { return attempt(offset, must_not_block); });
  };
  if (!MustComplete(policy, timeout, flags)) return wait(0);
  return Complete(policy, length, wait);
}

Result SendMessage(const WaitPolicy& policy, int fd, msghdr* message, int flags, Timeout timeout) {
  const auto attempt = [&](bool must_not_block) {
    const int all_flags = (must_not_block ? flags | MSG_DONTWAIT : flags) | MSG_NOSIGNAL;
    return Retry([&] { return sendmsg(fd, message, all_flags); });
  };
  if (IsDirect(policy, flags, timeout)) return attempt(false);
  if (!MustComplete(policy, timeout, flags)) return Wait(policy, fd, POLLOUT, timeout, attempt);
  size_t before = 0;
  return Complete(policy, TotalLength(*message), [&](size_t moved) {
    if (moved > 0) {
      Advance(message, moved - before);
      before = moved;
      // The control messages went with the first byte (unix(7)).
      message->msg_control = nullptr;
      message->msg_controllen = 0;
    }
    return Wait(policy, fd, POLLOUT, timeout, attempt);
  });
}

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
  const auto attempt = [&] {
    return Retry([&] {
      address->length = sizeof(address->storage);
      return accept4(fd, &address->generic, &address->length, SOCK_CLOEXEC);
    });
  };
  if (timeout == 0 || (timeout < 0 && !policy.polled)) return attempt();
  // accept4 has no MSG_DONTWAIT, so the wait comes first; a listener that is O_NONBLOCK although
  // it has no timeout answers at once.
  const Timeout limit = timeout < 0 ? OwnLimit(fd, POLLIN) : timeout;
  if (limit == 0 || (timeout < 0 && !MayListen(fd))) return attempt();
  const Deadline deadline(limit);
  for (;;) {
    const Result ready = WaitReady(policy, fd, POLLIN, deadline);
    if (ready < 0) return ready == kTimedOut && timeout < 0 ? -EAGAIN : ready;
    const Result result = attempt();
    if (!WouldBlock(result)) return result;
    // An AF_UNIX listener that was shut down hangs up, but says EAGAIN where TCP says EINVAL.
    if ((ready & POLLHUP) != 0) return -EINVAL;
  }
}

namespace {

// What became of a connection attempt that goes on in the kernel.
Result FinishConnect(const WaitPolicy& policy, int fd, const Deadline& deadline) {
  const Result ready = WaitReady(policy, fd, POLLOUT, deadline);
  if (ready < 0) return ready;
  int error = 0;
  socklen_t size = sizeof(error);
  const Result result = Retry([&] { return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size); });
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
    Once([&] { return setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); });
  }
};

constexpr timeval kConnectSlice = {0, 50'000};

// Makes a blocking connect(2) in slices, until it gives something other than -EINTR, or than the
// -EAGAIN of a slice that has passed, which only AF_UNIX says. Elsewhere that means that there is
// no port left, and comes at once.
template <typename Call>
Result InSlices(const WaitPolicy& policy, int fd, int family, Call call) {
  const BoundedSends guard(fd, kConnectSlice);
  for (;;) {
    const Result result = Once(call);
    const bool has_passed = WouldBlock(result) && family == AF_UNIX;
    if (!has_passed && result != -EINTR) return result;
    if (result == -EINTR && policy.interruptible) return result;
    if (policy.is_stopping != nullptr && policy.is_stopping(policy.context)) return kStopped;
  }
}

// Whether a call without a timeout has to be made in slices: not when it is bounded anyway.
bool NeedsSlices(const WaitPolicy& policy, int fd, Timeout timeout) {
  return timeout < 0 && policy.polled && OwnLimit(fd, POLLOUT) < 0;
}

// For its lifetime this thread gets no SIGPIPE: sendfile(2) has no MSG_NOSIGNAL. The signal is the
// calling thread's own, so that it can be taken back.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &previous_);
  }
  ~NoBrokenPipeSignal() {
    if (!was_pending_) {
      constexpr timespec kNoWait = {0, 0};
      Once([&] { return sigtimedwait(&pipe_, nullptr, &kNoWait); });
    }
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

 private:
  sigset_t pipe_;
  sigset_t previous_;
  bool was_pending_;
};

}  // namespace

Result Connect(const WaitPolicy& policy, int fd, const Address& address, Timeout timeout) {
  const auto attempt = [&] { return connect(fd, &address.generic, address.length); };
  const bool is_sliced = NeedsSlices(policy, fd, timeout);
  // AF_UNIX says EAGAIN while the listener's queue is full and can be asked again; other families
  // say EINPROGRESS, and EALREADY to whoever asks again.
  const Result result =
      is_sliced ? InSlices(policy, fd, address.generic.sa_family, attempt) : Once(attempt);
  if (timeout == 0) return result;
  // An interrupted connect is not repeated, its attempt goes on in the kernel (connect(2)).
  const bool goes_on = (result == -EINTR && !policy.interruptible) ||
                       (result == -EINPROGRESS && (timeout > 0 || is_sliced)) ||
                       (result == -EALREADY && is_sliced);
  return goes_on ? FinishConnect(policy, fd, Deadline(timeout)) : result;
}

Result SendFile(const WaitPolicy& policy, int fd, int file, off_t offset, size_t count,
                Timeout timeout) {
  const NoBrokenPipeSignal guard;
  const auto attempt = [&] {
    off_t position = offset;
    return sendfile(fd, file, &position, count);
  };
  const bool is_sliced = NeedsSlices(policy, fd, timeout);
  if (timeout <= 0 && !is_sliced) return Retry(attempt);
  const Deadline deadline(timeout);
  for (;;) {
    const Result ready = WaitReady(policy, fd, POLLOUT, deadline);
    if (ready < 0) return ready;
    // sendfile(2) knows no MSG_DONTWAIT, and would not tell of a signal after the first byte.
    if (is_sliced) SetBlocking(fd, false);
    const Result result = Once(attempt);
    if (is_sliced) SetBlocking(fd, true);
    const bool is_over = !WouldBlock(result) && result != -EINTR;
    if (is_over || (result == -EINTR && policy.interruptible)) return result;
  }
}

Result WaitFor(const WaitPolicy& policy, int fd, short events, Timeout timeout) {
  return WaitReady(policy, fd, events, Deadline(timeout));
}

}  // namespace berkeley
