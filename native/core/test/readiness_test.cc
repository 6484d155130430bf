// Tests the thread that watches a set of descriptors: no event is lost whoever makes it, and the
// thread ends whatever it waits for.
#include "core/readiness/readiness.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "core/readiness/watch_thread.h"
#include "core/test/check.h"

namespace berkeley::test {

namespace {

// An event loop as far as the watching thread is concerned: it is told, and takes its time.
class Loop {
 public:
  // For WatchThread, with a Loop as the context.
  static bool Tell(void* context) {
    Loop* self = static_cast<Loop*>(context);
    const std::lock_guard<std::mutex> guard(self->lock_);
    ++self->announced_;
    self->changed_.notify_one();
    return !self->is_over_;
  }

  // Waits until something was announced; how often that was since the last time.
  int Turn() {
    std::unique_lock<std::mutex> guard(lock_);
    changed_.wait(guard, [&] { return announced_ > 0; });
    const int result = announced_;
    announced_ = 0;
    return result;
  }

  // The next announcement is refused.
  void Close() {
    const std::lock_guard<std::mutex> guard(lock_);
    is_over_ = true;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  int announced_ = 0;
  bool is_over_ = false;
};

// Opens a pair of sockets, one of them watched; `token` is its place among the pairs.
void OpenWatched(ReadinessSet* set, uint32_t token, int ends[2]) {
  CheckNumber("a pair", 0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
  CheckNumber("which is watched", 0, set->Add(ends[0], token));
}

// Threads write bytes, each into its own pair, while this thread is told of them and reads them. It
// also replaces pairs that are read to their end, so that numbers of descriptors are used again.
void TestDelivery(int rounds) {
  constexpr int kWriters = 4;
  ReadinessSet set;
  CheckNumber("a set", 0, set.Open());
  Loop loop;
  WatchThread watch;
  CheckNumber("a thread", 0, watch.Begin(set.fd(), Loop::Tell, &loop));
  for (int round = 0; round < rounds; ++round) {
    int pairs[kWriters][2];
    for (uint32_t token = 0; token < kWriters; ++token) OpenWatched(&set, token, pairs[token]);
    constexpr int kBytes = 20;
    const auto write_bytes = [&](int index) {
      std::minstd_rand random(static_cast<unsigned>(round * kWriters + index));
      for (int count = 0; count < kBytes; ++count) {
        Once([&] { return write(pairs[index][1], "x", 1); });
        if (random() % 4 == 0) sched_yield();
      }
      shutdown(pairs[index][1], SHUT_WR);
    };
    std::thread writers([&] { OnThreads(kWriters, write_bytes); });
    int received = 0;
    int open = kWriters;
    while (open > 0) {
      CheckNumber("one announcement for each delivery", 1, loop.Turn());
      ReadyEvent events[2];
      const Result count = set.Take(events, 2, 0);
      for (Result index = 0; index < count; ++index) {
        const int fd = pairs[events[index].token][0];
        char bytes[kBytes];
        Result length;
        while ((length = Once([&] { return read(fd, bytes, sizeof(bytes)); })) > 0) {
          received += static_cast<int>(length);
        }
        if (length != 0) continue;
        set.Remove(fd);
        --open;
      }
      watch.Delivered();
    }
    writers.join();
    CheckNumber("every byte was announced", kWriters * kBytes, received);
    for (const auto& pair : pairs) {
      close(pair[0]);
      close(pair[1]);
    }
  }
}

// Ends threads that wait for the set, for a delivery that never comes, or have ended already.
void TestEnds(int rounds) {
  OnThreads(4, [&](int index) {
    ReadinessSet set;
    set.Open();
    int ends[2];
    OpenWatched(&set, 0, ends);
    for (int round = 0; round < rounds; ++round) {
      Loop loop;
      WatchThread watch;
      CheckNumber("a thread", 0, watch.Begin(set.fd(), Loop::Tell, &loop));
      const int kind = (round + index) % 4;
      if (kind == 1) loop.Close();
      if (kind != 0) Once([&] { return write(ends[1], "x", 1); });
      if (kind == 1 || kind == 2) loop.Turn();
      if (kind == 2) watch.Delivered();
      watch.End();
      if (kind == 3) watch.End();
      char byte;
      if (kind != 0) CheckNumber("a byte", 1, Once([&] { return read(ends[0], &byte, 1); }));
      // Empty the set for the next round.
      ReadyEvent event;
      set.Take(&event, 1, 0);
    }
    close(ends[0]);
    close(ends[1]);
  });
}

void TestRefusal() {
#if defined(__GLIBC__)
  pthread_attr_t usual;
  pthread_getattr_default_np(&usual);
  pthread_attr_t huge;
  pthread_attr_init(&huge);
  // More than a processor can address.
  pthread_attr_setstacksize(&huge, size_t{1} << 50);
  pthread_setattr_default_np(&huge);
  WatchThread watch;
  Check("there is no room for a thread", watch.Begin(0, Loop::Tell, nullptr) < 0);
  watch.End();
  pthread_setattr_default_np(&usual);
  pthread_attr_destroy(&huge);
  pthread_attr_destroy(&usual);
#endif
}

}  // namespace

}  // namespace berkeley::test

int main(int argc, char** argv) {
  using namespace berkeley::test;
  const int rounds = Rounds(argc, argv, 50);
  const int before = OpenDescriptors();
  TestDelivery(rounds);
  TestEnds(rounds);
  TestRefusal();
  CheckNumber("no descriptor is left open", before, OpenDescriptors());
  return Finish("readiness");
}
