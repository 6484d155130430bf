// sendfile(2), which knows neither MSG_DONTWAIT nor MSG_NOSIGNAL.
#include <poll.h>
#include <signal.h>
#include <sys/sendfile.h>

#include "core/descriptor.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

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

Result SendFile(const WaitPolicy& policy, int fd, int file, off_t offset, size_t count,
                Timeout timeout) {
  const NoBrokenPipeSignal guard;
  HeldDescriptor held(fd);
  const auto attempt = [&] {
    off_t position = offset;
    return sendfile(held.fd(), file, &position, ShortLength(count));
  };
  if (IsAttempt(timeout)) return AttemptOnce(fd, [&] { return Retry(attempt); });
  const bool is_sliced = NeedsSlices(policy, fd, timeout);
  if (timeout == 0) return Retry(attempt);
  if (timeout < 0 && !is_sliced) return Block(fd, POLLOUT, [&] { return Retry(attempt); });
  const Deadline deadline(timeout);
  for (;;) {
    const Result ready =
        WaitReady(policy, &held, POLLOUT, is_sliced ? Deadline(kWriteAgain) : deadline);
    if (ready < 0 && !(is_sliced && ready == kTimedOut)) return ready;
    Result result;
    if (is_sliced) {
      // A sendfile that blocks would not tell of a signal after the first byte.
      const NonBlockingMoment guard(held.fd());
      result = Once(attempt);
    } else {
      result = Once(attempt);
    }
    const bool is_over = !WouldBlock(result) && result != -EINTR;
    if (is_over || (result == -EINTR && policy.interruptible)) return result;
  }
}

}  // namespace berkeley
