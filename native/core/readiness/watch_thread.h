// A thread that tells when a set of watched descriptors has events, for event loops that can watch
// no descriptor by themselves.
#pragma once

#include <pthread.h>

#include "core/result.h"

namespace berkeley {

class WatchThread {
 public:
  // Called on the thread; false ends the thread, because nobody is left to be told.
  using Announce = bool (*)(void* context);

  WatchThread() = default;
  ~WatchThread() { End(); }
  WatchThread(const WatchThread&) = delete;
  WatchThread& operator=(const WatchThread&) = delete;

  // Starts the thread: 0, or -errno where there is none. `announce(context)` is called whenever
  // the set `fd` has events, and then not again before Delivered().
  Result Begin(int fd, Announce announce, void* context);
  // What was announced has been taken out of the set.
  void Delivered();
  // Ends the thread and waits for its end. Not to be called on the thread itself.
  void End();

 private:
  int set_ = -1;
  Announce announce_ = nullptr;
  void* context_ = nullptr;
  // Counters of eventfd(2), which wake the thread.
  int end_ = -1;
  int delivered_ = -1;
  bool is_running_ = false;
  pthread_t thread_ = {};

  void Run();
  bool WaitFor(int fd) const;
  void CloseCounters();
};

}  // namespace berkeley
