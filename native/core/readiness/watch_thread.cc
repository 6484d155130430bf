// Waits on a thread of its own for a set of watched descriptors.
#include "core/readiness/watch_thread.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <initializer_list>

namespace berkeley {

namespace {

Result OpenCounter() {
  return Once([] { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); });
}

void Raise(int fd) {
  const uint64_t one = 1;
  Always([&] { return write(fd, &one, sizeof(one)); });
}

void Clear(int fd) {
  uint64_t count = 0;
  Always([&] { return read(fd, &count, sizeof(count)); });
}

}  // namespace

Result WatchThread::Begin(int fd, Announce announce, void* context) {
  set_ = fd;
  announce_ = announce;
  context_ = context;
  Result result = OpenCounter();
  if (result >= 0) {
    end_ = static_cast<int>(result);
    result = OpenCounter();
  }
  if (result >= 0) {
    delivered_ = static_cast<int>(result);
    // The thread inherits a mask that keeps the process's signals away from it.
    sigset_t all;
    sigset_t previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    // Unlike std::thread this says that there is no room for a thread without an exception.
    const auto run = [](void* self) -> void* {
      static_cast<WatchThread*>(self)->Run();
      return nullptr;
    };
    result = -pthread_create(&thread_, nullptr, run, this);
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  }
  is_running_ = result >= 0;
  if (!is_running_) CloseCounters();
  return is_running_ ? 0 : result;
}

void WatchThread::Delivered() { Raise(delivered_); }

void WatchThread::End() {
  if (!is_running_) return;
  is_running_ = false;
  Raise(end_);
  pthread_join(thread_, nullptr);
  CloseCounters();
}

// The set is level-triggered towards this thread: it stays readable until its events have been
// taken, so that the thread waits for that before it looks again.
void WatchThread::Run() {
  while (WaitFor(set_) && announce_(context_) && WaitFor(delivered_)) Clear(delivered_);
}

// Waits until the descriptor is readable; false when the thread has to end.
bool WatchThread::WaitFor(int fd) const {
  pollfd entries[] = {{fd, POLLIN, 0}, {end_, POLLIN, 0}};
  while (Once([&] { return poll(entries, 2, -1); }) < 0) continue;
  return entries[1].revents == 0;
}

void WatchThread::CloseCounters() {
  for (int* fd : {&end_, &delivered_}) {
    if (*fd >= 0) Always([&] { return close(*fd); });
    *fd = -1;
  }
}

}  // namespace berkeley
