// Tests waiting: how deadlines round, how slices end, what wakes a wait.
#include "core/wait.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <climits>
#include <limits>
#include <string>

#include "core/test/check.h"

namespace berkeley::test {

namespace {

// A pair of connected stream sockets that closes itself.
class Pair {
 public:
  Pair() { open_ = socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors_) == 0; }
  ~Pair() {
    if (!open_) return;
    close(descriptors_[0]);
    close(descriptors_[1]);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  int here() const { return descriptors_[0]; }
  int there() const { return descriptors_[1]; }

 private:
  int descriptors_[2] = {-1, -1};
  bool open_ = false;
};

// Answers "not yet" for `rounds` slices and then that the environment stops.
struct Stopping {
  int rounds;
  int asked = 0;

  static bool Ask(void* context) {
    Stopping* self = static_cast<Stopping*>(context);
    return ++self->asked > self->rounds;
  }
};

// Writes a byte when it is asked for the second time.
struct Writing {
  int descriptor;
  int asked = 0;

  static bool Ask(void* context) {
    Writing* self = static_cast<Writing*>(context);
    if (++self->asked == 2) Once([&] { return write(self->descriptor, "x", 1); });
    return false;
  }
};

WaitPolicy Sliced(bool (*is_stopping)(void*), void* context) {
  WaitPolicy policy;
  policy.polled = true;
  policy.slice = 1;
  policy.is_stopping = is_stopping;
  policy.context = context;
  return policy;
}

void CheckDeadlines() {
  CheckNumber("a negative timeout has no end", -1, Deadline(-1).Remaining());
  CheckNumber("nor has minus infinity", -1,
              Deadline(-std::numeric_limits<double>::infinity()).Remaining());
  CheckNumber("what is no number waits long", INT_MAX,
              Deadline(std::numeric_limits<double>::quiet_NaN()).Remaining());
  CheckNumber("zero has passed", 0, Deadline(0).Remaining());
  Check("and says so", Deadline(0).Passed());
  Check("one without end has not passed", !Deadline(-1).Passed());
  for (const Timeout timeout : {1e12, 1e300, std::numeric_limits<double>::infinity()}) {
    CheckNumber("a huge timeout is the longest poll", INT_MAX, Deadline(timeout).Remaining());
  }
  const int remaining = Deadline(3'600'000.25).Remaining();
  Check("an hour and a bit is rounded up", remaining <= 3'600'001);
  Check("and has only just begun", remaining > 3'590'000);
}

void CheckReadiness() {
  const WaitPolicy policy;
  Pair pair;
  CheckNumber("a quiet descriptor times out", kTimedOut,
              WaitReady(policy, pair.here(), POLLIN, Deadline(1)));
  CheckNumber("at once when there is no time", kTimedOut,
              WaitReady(policy, pair.here(), POLLIN, Deadline(0)));
  CheckNumber("room to write is there", POLLOUT,
              WaitReady(policy, pair.here(), POLLOUT, Deadline(0)));
  Once([&] { return write(pair.there(), "x", 1); });
  CheckNumber("a byte is there", POLLIN, WaitReady(policy, pair.here(), POLLIN, Deadline(-1)));
  CheckNumber("also without time", POLLIN, WaitReady(policy, pair.here(), POLLIN, Deadline(0)));

  const int closed = dup(pair.here());
  close(closed);
  CheckNumber("a closed descriptor", -EBADF, WaitReady(policy, closed, POLLIN, Deadline(-1)));

  CheckNumber("no descriptor", -EBADF, WaitReady(policy, -1, POLLIN, Deadline(-1)));

  int ends[2];
  if (pipe(ends) != 0) return;
  CheckNumber("an empty pipe", kTimedOut, WaitReady(policy, ends[0], POLLIN, Deadline(0)));
  close(ends[1]);
  CheckNumber("a hang-up is readiness too", POLLHUP,
              WaitReady(policy, ends[0], POLLIN, Deadline(-1)));
  close(ends[0]);
}

void CheckSlices() {
  Pair pair;
  Stopping stopping = {3};
  const WaitPolicy policy = Sliced(Stopping::Ask, &stopping);
  CheckNumber("an endless wait stops with the environment", kStopped,
              WaitReady(policy, pair.here(), POLLIN, Deadline(-1)));
  CheckNumber("which was asked after every slice", 4, stopping.asked);

  Stopping at_once = {0};
  CheckNumber("a long wait stops too", kStopped,
              WaitReady(Sliced(Stopping::Ask, &at_once), pair.here(), POLLIN, Deadline(1e9)));
  CheckNumber("after one slice", 1, at_once.asked);

  Stopping never = {INT_MAX};
  CheckNumber("a deadline ends slices", kTimedOut,
              WaitReady(Sliced(Stopping::Ask, &never), pair.here(), POLLIN, Deadline(5)));

  Writing writing = {pair.there()};
  CheckNumber("what arrives in a later slice is seen", 1,
              WaitReady(Sliced(Writing::Ask, &writing), pair.here(), POLLIN, Deadline(-1)));
  CheckNumber("in the slice after it", 2, writing.asked);

  Stopping unasked = {0};
  CheckNumber("a ready descriptor needs no slice", 1,
              WaitReady(Sliced(Stopping::Ask, &unasked), pair.here(), POLLIN, Deadline(-1)));
  CheckNumber("and nobody is asked", 0, unasked.asked);
}

void Ignore(int) {}

void CheckSignals() {
  // The signal comes again and again, so that one of them surely comes while poll(2) waits.
  struct sigaction action = {};
  action.sa_handler = Ignore;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  const itimerval often = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &often, nullptr);

  Pair pair;
  WaitPolicy policy;
  policy.interruptible = true;
  sigemptyset(&policy.held);
  CheckNumber("a signal ends an interruptible wait", -EINTR,
              WaitReady(policy, pair.here(), POLLIN, Deadline(-1)));

  policy.interruptible = false;
  CheckNumber("and no other", kTimedOut, WaitReady(policy, pair.here(), POLLIN, Deadline(20)));

  policy.interruptible = true;
  sigaddset(&policy.held, SIGALRM);
  CheckNumber("one that is held back neither", kTimedOut,
              WaitReady(policy, pair.here(), POLLIN, Deadline(20)));
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  CheckNumber("the mask is as before", 0, sigismember(&blocked, SIGALRM));

  const itimerval never = {};
  setitimer(ITIMER_REAL, &never, nullptr);
}

void CheckOwnLimits() {
  Pair pair;
  CheckNumber("a blocking descriptor has no limit", -1, OwnLimit(pair.here(), POLLIN));
  timeval limit = {1, 500'000};
  setsockopt(pair.here(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  CheckNumber("SO_RCVTIMEO is one", 1500, OwnLimit(pair.here(), POLLIN));
  CheckNumber("but not for writing", -1, OwnLimit(pair.here(), POLLOUT));
  fcntl(pair.here(), F_SETFL, O_NONBLOCK);
  CheckNumber("O_NONBLOCK does not wait at all", 0, OwnLimit(pair.here(), POLLIN));
}

void CheckWaiting() {
  Pair pair;
  int attempts = 0;
  char byte;
  HeldDescriptor held(pair.here());
  const auto read_byte = [&](int fd, bool must_not_block) {
    ++attempts;
    return Once([&] { return recv(fd, &byte, 1, must_not_block ? MSG_DONTWAIT : 0); });
  };
  const WaitPolicy plain;
  CheckNumber("a timeout passes", kTimedOut, Wait(plain, &held, POLLIN, 1, read_byte));
  CheckNumber("after one attempt", 1, attempts);

  Writing writing = {pair.there()};
  attempts = 0;
  CheckNumber("a byte that comes later", 1,
              Wait(Sliced(Writing::Ask, &writing), &held, POLLIN, -1, read_byte));
  CheckNumber("takes two attempts", 2, attempts);

  timeval limit = {0, 2000};
  setsockopt(pair.here(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  Stopping never = {INT_MAX};
  CheckNumber("the descriptor's own limit is no timeout", -EAGAIN,
              Wait(Sliced(Stopping::Ask, &never), &held, POLLIN, -1, read_byte));

  fcntl(pair.here(), F_SETFL, O_NONBLOCK);
  CheckNumber("a descriptor made non-blocking behind our back", -EAGAIN,
              Wait(Sliced(Stopping::Ask, &never), &held, POLLIN, -1, read_byte));
  CheckNumber("no time at all", -EAGAIN, Wait(plain, &held, POLLIN, 0, read_byte));
}

// Closes the descriptor when it is asked first, and puts another one, if any, in its place.
struct Replacing {
  int descriptor;
  int other;
  int asked = 0;

  static bool Ask(void* context) {
    Replacing* self = static_cast<Replacing*>(context);
    if (++self->asked != 1) return false;
    Once([&] {
      return self->other < 0 ? close(self->descriptor) : dup2(self->other, self->descriptor);
    });
    return false;
  }
};

void CheckHolding() {
  Pair first;
  Pair second;
  Once([&] { return write(second.there(), "x", 1); });
  char byte;
  const auto read_byte = [&](int fd, bool) {
    return Once([&] { return recv(fd, &byte, 1, MSG_DONTWAIT); });
  };
  Replacing replacing = {dup(first.here()), second.here()};
  HeldDescriptor held(replacing.descriptor);
  CheckNumber("a number that is another socket now is lost", -EBADF,
              Wait(Sliced(Replacing::Ask, &replacing), &held, POLLIN, -1, read_byte));
  CheckNumber("in the slice after which it was", 1, replacing.asked);
  CheckNumber("nothing was read from the other socket", 1, read_byte(second.here(), true));
  Once([&] { return write(first.there(), "y", 1); });
  CheckNumber("the copy is the socket that it was", 1, read_byte(held.fd(), true));
  close(replacing.descriptor);

  Replacing closing = {dup(first.here()), -1};
  HeldDescriptor scarce(closing.descriptor);
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none = {0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  scarce.Hold();
  setrlimit(RLIMIT_NOFILE, &before);
  Check("there may be no room for a copy", !scarce.has_copy() && !scarce.IsLost());
  Once([&] { return recv(first.here(), &byte, 1, MSG_DONTWAIT); });
  CheckNumber("a closed number is noticed all the same", -EBADF,
              Wait(Sliced(Replacing::Ask, &closing), &scarce, POLLIN, -1, read_byte));

  HeldDescriptor unused(first.here());
  Check("nothing is held before a wait", !unused.has_copy() && !unused.IsLost());
  unused.Hold();
  Check("a held descriptor is not lost", unused.has_copy() && !unused.IsLost());
}

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley::test;
  CheckDeadlines();
  CheckReadiness();
  CheckSlices();
  CheckSignals();
  CheckOwnLimits();
  CheckWaiting();
  CheckHolding();
  return Finish("wait");
}
