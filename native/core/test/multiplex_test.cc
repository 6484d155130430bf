// Tests waiting for many descriptors: answers, numbers that are not open, time, slices.
#include "core/multiplex.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <climits>
#include <vector>

#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "core/test/check.h"

namespace berkeley::test {

namespace {

// A pair of connected stream sockets that closes itself; the first one is readable.
class ReadablePair {
 public:
  ReadablePair() {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors_) != 0) return;
    Once([&] { return write(there(), "x", 1); });
  }
  ~ReadablePair() {
    close(descriptors_[0]);
    close(descriptors_[1]);
  }
  ReadablePair(const ReadablePair&) = delete;
  ReadablePair& operator=(const ReadablePair&) = delete;
  int here() const { return descriptors_[0]; }
  int there() const { return descriptors_[1]; }

 private:
  int descriptors_[2] = {-1, -1};
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

WaitPolicy Sliced(Stopping* stopping) {
  WaitPolicy policy;
  policy.polled = true;
  policy.slice = 1;
  policy.is_stopping = Stopping::Ask;
  policy.context = stopping;
  return policy;
}

void CheckSelect() {
  const WaitPolicy policy;
  ReadablePair pair;
  int32_t fds[] = {pair.here(), pair.there(), pair.there(), pair.here()};
  CheckNumber("two of four are ready", 2, SelectDescriptors(policy, fds, 2, 1, 1, -1));
  CheckNumber("what can be read", 1, fds[0]);
  CheckNumber("not what cannot", 0, fds[1]);
  CheckNumber("what can be written", 1, fds[2]);
  CheckNumber("nothing exceptional", 0, fds[3]);

  int32_t quiet[] = {pair.there()};
  CheckNumber("nothing is ready in time", 0, SelectDescriptors(policy, quiet, 1, 0, 0, 2));
  CheckNumber("and that is the answer", 0, quiet[0]);
  CheckNumber("no descriptors, no time", 0, SelectDescriptors(policy, nullptr, 0, 0, 0, 0));
  CheckNumber("no descriptors are a sleep", 0, SelectDescriptors(policy, nullptr, 0, 0, 0, 2));

  int32_t negative[] = {-1};
  CheckNumber("no number", -EBADF, SelectDescriptors(policy, negative, 1, 0, 0, -1));
  int32_t huge[] = {INT_MAX};
  CheckNumber("a huge number", -EBADF, SelectDescriptors(policy, huge, 1, 0, 0, -1));

  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= 2048) return;
  const int high = fcntl(pair.here(), F_DUPFD_CLOEXEC, 2000);
  int32_t above[] = {high, pair.here(), high};
  CheckNumber("a number above FD_SETSIZE", 3, SelectDescriptors(policy, above, 2, 1, 0, -1));
  close(high);
  int32_t closed[] = {pair.here(), high};
  CheckNumber("that is closed", -EBADF, SelectDescriptors(policy, closed, 2, 0, 0, -1));
}

void CheckPoll() {
  const WaitPolicy policy;
  ReadablePair pair;
  pollfd entries[] = {{pair.there(), POLLIN, 0}, {pair.here(), POLLIN | POLLOUT, 0}};
  CheckNumber("one of two has an answer", 1, PollDescriptors(policy, entries, 2, -1));
  CheckNumber("not the quiet one", 0, entries[0].revents);
  CheckNumber("but the other", POLLIN | POLLOUT, entries[1].revents);
  CheckNumber("time passes", 0, PollDescriptors(policy, entries, 1, 2));
  CheckNumber("or there is none", 0, PollDescriptors(policy, entries, 1, 0));
  CheckNumber("no entries are a sleep", 0, PollDescriptors(policy, nullptr, 0, 2));
}

void CheckSlices() {
  ReadablePair pair;
  Stopping stopping = {3};
  pollfd quiet = {pair.there(), POLLIN, 0};
  CheckNumber("an endless wait stops with the environment", kStopped,
              PollDescriptors(Sliced(&stopping), &quiet, 1, -1));
  CheckNumber("which was asked after every slice", 4, stopping.asked);

  Stopping never = {INT_MAX};
  CheckNumber("a deadline ends slices", 0, PollDescriptors(Sliced(&never), &quiet, 1, 5));

  Stopping unasked = {0};
  pollfd ready = {pair.here(), POLLIN, 0};
  CheckNumber("what is ready needs no slice", 1, PollDescriptors(Sliced(&unasked), &ready, 1, -1));
  CheckNumber("nor does no time", 0, PollDescriptors(Sliced(&unasked), &quiet, 1, 0));
  CheckNumber("and nobody is asked", 0, unasked.asked);

  Stopping selecting = {2};
  int32_t fds[] = {pair.there()};
  CheckNumber("select(2) stops, too", kStopped,
              SelectDescriptors(Sliced(&selecting), fds, 1, 0, 0, -1));
  CheckNumber("after as many slices", 3, selecting.asked);
}

#ifdef __linux__

void CheckEpoll() {
  const WaitPolicy policy;
  ReadablePair pair;
  const int set = static_cast<int>(EpollOpen());
  Check("a set opens", set >= 0);
  CheckNumber("and is close-on-exec", FD_CLOEXEC, fcntl(set, F_GETFD));
  Check("it is known for one", IsEpoll(set));
  Check("a socket is none", !IsEpoll(pair.here()));
  Check("nor is nothing", !IsEpoll(-1));

  constexpr int kCount = 40;
  std::vector<int> copies;
  for (int count = 0; count < kCount; ++count) {
    copies.push_back(dup(pair.here()));
    CheckNumber("a descriptor is added", 0,
                EpollControl(set, EpollOperation::kAdd, copies.back(), EPOLLIN));
  }
  CheckNumber("not twice", -EEXIST, EpollControl(set, EpollOperation::kAdd, copies[0], EPOLLIN));

  std::vector<EpollAnswer> memory(2 * kCount);
  const size_t length = memory.size() * sizeof(EpollAnswer);
  CheckNumber("all of them are told of", kCount,
              EpollWait(policy, set, memory.data(), length, kCount, -1));
  int64_t sum = 0;
  int64_t expected = 0;
  for (int index = 0; index < kCount; ++index) {
    sum += memory[static_cast<size_t>(index)].fd;
    expected += copies[static_cast<size_t>(index)];
    CheckNumber("with what they tell", EPOLLIN, memory[static_cast<size_t>(index)].events);
  }
  CheckNumber("each once", expected, sum);
  CheckNumber("as many as asked for", 3, EpollWait(policy, set, memory.data(), length, 3, 0));
  CheckNumber("or as there is room for", 2,
              EpollWait(policy, set, memory.data(), 2 * sizeof(epoll_event), kCount, 0));
  CheckNumber("room for none is an error", -EINVAL, EpollWait(policy, set, memory.data(), 0, 5, 0));

  CheckNumber("another mask", 0, EpollControl(set, EpollOperation::kModify, copies[0], EPOLLOUT));
  for (const int copy : copies) {
    CheckNumber("a descriptor is removed", 0, EpollControl(set, EpollOperation::kRemove, copy, 0));
    close(copy);
  }
  CheckNumber("nothing is left", 0, EpollWait(policy, set, memory.data(), length, kCount, 2));
  Stopping stopping = {1};
  CheckNumber("an endless wait stops", kStopped,
              EpollWait(Sliced(&stopping), set, memory.data(), length, kCount, -1));
  close(set);
  CheckNumber("a closed set", -EBADF, EpollWait(policy, set, memory.data(), length, 1, 0));
}

#endif

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley::test;
  CheckSelect();
  CheckPoll();
  CheckSlices();
#ifdef __linux__
  CheckEpoll();
#endif
  return Finish("multiplex");
}
