// The calls that may wait, on the one rule of wait.h: try, wait until ready, try again.
#include "core/transfer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>

#include "core/descriptor.h"
#include "core/system_calls.h"

namespace berkeley {

namespace {

// Whether a call is one system call, which waits in the kernel if at all.
bool IsDirect(const WaitPolicy& policy, int flags, Timeout timeout) {
  if (IsAttempt(timeout)) return false;
  return (timeout < 0 && !policy.polled) || NeverWaits(flags, timeout);
}

// Makes such a call.
template <typename Call>
Result MakeDirect(int fd, short events, int flags, Call call) {
  return NeverWaits(flags, -1) ? call() : Block(fd, events, call);
}

// Whether a call that should come back only when everything was moved has to be continued here:
// the kernel does so itself for a call that may block, but not for one with MSG_DONTWAIT.
bool MustComplete(const WaitPolicy& policy, Timeout timeout, int flags) {
  return timeout < 0 && !IsAttempt(timeout) && policy.polled && (flags & MSG_DONTWAIT) == 0;
}

// Repeats `part(moved)` until `length` bytes were moved or it fails; an error or end after the
// first byte gives the bytes so far, as the kernel does. Only where the number was lost meanwhile
// that would invite the caller to go on with a stranger's socket.
template <typename Part>
Result Complete(const WaitPolicy& policy, size_t length, Part part) {
  size_t moved = 0;
  do {
    const Result result = part(moved);
    if (result < 0) {
      if (result == -EBADF) return result;
      policy.interrupted = result == -EINTR && moved > 0;
      return moved > 0 ? static_cast<Result>(moved) : result;
    }
    moved += static_cast<size_t>(result);
    if (result == 0) break;
  } while (moved < length);
  return static_cast<Result>(moved);
}

// What a receiving call gives at the end.
Result OrEnd(Result result) { return result == kShut ? 0 : result; }

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
  if (GetOption(fd, SOL_SOCKET, SO_TYPE, &type, sizeof(type)) < 0 || type != SOCK_STREAM) {
    return false;
  }
  if ((flags & MSG_PEEK) == 0) return true;
  // An AF_UNIX stream shows what is there.
  int domain = AF_UNIX;
  return GetOption(fd, SOL_SOCKET, SO_DOMAIN, &domain, sizeof(domain)) >= 0 && domain != AF_UNIX;
}

// Repeats `look()` until it sees `length` bytes or the end: what was seen stays, so that each look
// begins at the first byte again, and poll(2) cannot be asked for more than one.
template <typename Look>
Result PeekAtAll(const WaitPolicy& policy, HeldDescriptor* held, size_t length, Look look) {
  constexpr Timeout kPause = 5;
  const Deadline deadline(OwnLimit(held->fd(), POLLIN));
  for (;;) {
    const Result seen = look();
    if (seen <= 0 || static_cast<size_t>(seen) >= length || deadline.Passed()) return seen;
    const Result ended = WaitReady(policy, held, POLLRDHUP, Deadline(kPause));
    if (ended == kTimedOut) {
      // Too short a wait for the environment to be asked in it.
      if (policy.is_stopping != nullptr && policy.is_stopping(policy.context)) return kStopped;
      if (!held->IsLost()) continue;
      return -EBADF;
    }
    policy.interrupted = ended == -EINTR;
    return ended >= 0 ? look() : ended == -EBADF ? ended : seen;
  }
}

}  // namespace

Result Receive(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
               Timeout timeout) {
  const auto attempt = [&](int number, size_t offset, bool must_not_block) {
    const int all_flags = must_not_block ? flags | MSG_DONTWAIT : flags;
    return Retry([&] {
      return SystemReceive(number, static_cast<char*>(data) + offset, length - offset, all_flags,
                           nullptr, nullptr);
    });
  };
  if (IsDirect(policy, flags, timeout)) {
    return MakeDirect(fd, POLLIN, flags, [&] { return attempt(fd, 0, false); });
  }
  HeldDescriptor held(fd);
  const auto wait = [&](size_t offset) {
    const auto part = [&](int number, bool must_not_block) {
      return attempt(number, offset, must_not_block);
    };
    return Wait(policy, &held, ReadEvents(flags), timeout, part, offset > 0);
  };
  if (!WaitsForAll(policy, fd, flags, timeout)) return OrEnd(wait(0));
  if ((flags & MSG_PEEK) != 0) {
    return OrEnd(PeekAtAll(policy, &held, length, [&] { return wait(0); }));
  }
  return OrEnd(Complete(policy, length, wait));
}

Result ReceiveFrom(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
                   Timeout timeout, Address* address) {
  const auto attempt = [&](int number, size_t offset, bool must_not_block) {
    const int all_flags = must_not_block ? flags | MSG_DONTWAIT : flags;
    socklen_t address_length = 0;
    const Result result = Retry([&] {
      address_length = sizeof(address->storage);
      return SystemReceive(number, static_cast<char*>(data) + offset, length - offset, all_flags,
                           &address->generic, &address_length);
    });
    // A part that failed names nobody; what the parts before it said holds.
    if (result >= 0) address->length = address_length;
    return result;
  };
  if (IsDirect(policy, flags, timeout)) {
    return MakeDirect(fd, POLLIN, flags, [&] { return attempt(fd, 0, false); });
  }
  // At the end nobody is named.
  address->length = 0;
  HeldDescriptor held(fd);
  const auto wait = [&](size_t offset) {
    const auto part = [&](int number, bool must_not_block) {
      return attempt(number, offset, must_not_block);
    };
    return Wait(policy, &held, ReadEvents(flags), timeout, part, offset > 0);
  };
  if (!WaitsForAll(policy, fd, flags, timeout)) return OrEnd(wait(0));
  if ((flags & MSG_PEEK) != 0) {
    return OrEnd(PeekAtAll(policy, &held, length, [&] { return wait(0); }));
  }
  return OrEnd(Complete(policy, length, wait));
}

Result ReceiveMessage(const WaitPolicy& policy, int fd, msghdr* message, int flags,
                      Timeout timeout) {
  const socklen_t name_length = message->msg_namelen;
  const size_t control_length = message->msg_controllen;
  const auto attempt = [&](int number, bool must_not_block) {
    const int all_flags = must_not_block ? flags | MSG_DONTWAIT : flags;
    msghdr part = {};
    const auto receive = [&](int part_flags) {
      return Retry([&] {
        part = *message;
        part.msg_namelen = name_length;
        part.msg_controllen = control_length;
        return SystemReceiveMessage(number, &part, part_flags);
      });
    };
    Result result = receive(all_flags);
    if (result == -EINVAL && IsPacketSocket(number))
      result = receive(all_flags & ~MSG_CMSG_CLOEXEC);
    // A part that failed brought no control messages; what the parts before it said holds.
    if (result >= 0) *message = part;
    return result;
  };
  if (IsDirect(policy, flags, timeout)) {
    return MakeDirect(fd, POLLIN, flags, [&] { return attempt(fd, false); });
  }
  HeldDescriptor held(fd);
  const auto wait = [&](bool has_moved) {
    const Result result = Wait(policy, &held, ReadEvents(flags), timeout, attempt, has_moved);
    if (result != kShut) return result;
    message->msg_namelen = 0;
    message->msg_controllen = 0;
    message->msg_flags = 0;
    return Result{0};
  };
  if (!WaitsForAll(policy, fd, flags, timeout)) return wait(false);
  if ((flags & MSG_PEEK) != 0)
    return PeekAtAll(policy, &held, TotalLength(*message), [&] { return wait(false); });
  size_t before = 0;
  return Complete(policy, TotalLength(*message), [&](size_t moved) -> Result {
    // As in the kernel, data with control messages ends the call: the next ones are not its.
    if (moved > 0 && message->msg_controllen > 0) return 0;
    Advance(message, moved - before);
    before = moved;
    return wait(moved > 0);
  });
}

namespace {

// The flags of a sending call that is made of attempts. The first one may begin the connection
// (MSG_FASTOPEN, tcp(7)): where it takes no data along it says so at once, and the data follow when
// the connection is there.
class SendFlags {
 public:
  SendFlags(int fd, int flags, bool must_complete)
      : flags_(flags | MSG_NOSIGNAL),
        waits_((flags & MSG_FASTOPEN) != 0 && must_complete && !IsNonBlocking(fd)) {}

  int value() const { return flags_; }

  // What an attempt gave, which is over.
  Result After(Result result) {
    if (!waits_ || (result < 0 && result != -EINPROGRESS)) return result;
    flags_ &= ~MSG_FASTOPEN;
    return result < 0 ? -EAGAIN : result;
  }

 private:
  int flags_;
  const bool waits_;
};

}  // namespace

Result Send(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
            Timeout timeout) {
  return SendTo(policy, fd, data, length, flags, timeout, nullptr, 0);
}

Result SendTo(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
              Timeout timeout, const void* address, socklen_t address_length) {
  SendFlags send_flags(fd, flags, MustComplete(policy, timeout, flags));
  const auto attempt = [&](int number, size_t offset, bool must_not_block) {
    const int all_flags = send_flags.value() | (must_not_block ? MSG_DONTWAIT : 0);
    return send_flags.After(Retry([&] {
      return SystemSend(number, static_cast<const char*>(data) + offset, length - offset, all_flags,
                        static_cast<const sockaddr*>(address), address_length);
    }));
  };
  if (IsDirect(policy, flags, timeout)) {
    return MakeDirect(fd, POLLOUT, flags, [&] { return attempt(fd, 0, false); });
  }
  HeldDescriptor held(fd);
  const auto wait = [&](size_t offset) {
    const auto part = [&](int number, bool must_not_block) {
      return attempt(number, offset, must_not_block);
    };
    return Wait(policy, &held, POLLOUT, timeout, part, offset > 0);
  };
  if (!MustComplete(policy, timeout, flags)) return wait(0);
  return Complete(policy, length, wait);
}

Result SendMessage(const WaitPolicy& policy, int fd, msghdr* message, int flags, Timeout timeout) {
  SendFlags send_flags(fd, flags, MustComplete(policy, timeout, flags));
  const auto attempt = [&](int number, bool must_not_block) {
    const int all_flags = send_flags.value() | (must_not_block ? MSG_DONTWAIT : 0);
    return send_flags.After(Retry([&] { return SystemSendMessage(number, message, all_flags); }));
  };
  if (IsDirect(policy, flags, timeout)) {
    return MakeDirect(fd, POLLOUT, flags, [&] { return attempt(fd, false); });
  }
  HeldDescriptor held(fd);
  if (!MustComplete(policy, timeout, flags)) return Wait(policy, &held, POLLOUT, timeout, attempt);
  size_t before = 0;
  return Complete(policy, TotalLength(*message), [&](size_t moved) {
    if (moved > 0) {
      Advance(message, moved - before);
      before = moved;
      // The control messages went with the first byte (unix(7)).
      message->msg_control = nullptr;
      message->msg_controllen = 0;
    }
    return Wait(policy, &held, POLLOUT, timeout, attempt, moved > 0);
  });
}

Result WaitFor(const WaitPolicy& policy, int fd, short events, Timeout timeout) {
  return WaitReady(policy, fd, events, Deadline(timeout));
}

}  // namespace berkeley
