// Readiness to JavaScript: one set of watched descriptors per environment, one callback per turn of
// its event loop.
#pragma once

#include <napi.h>

#include <cstdint>

#include "core/readiness/readiness.h"

namespace berkeley {

// Whatever tells the event loop that the set has events: libuv where there is one, else a thread.
class LoopWatch {
 public:
  virtual ~LoopWatch() = default;
  // Whether the loop stays alive for it.
  virtual void Hold(bool is_held) = 0;
  // Ends it; it deletes itself when the loop has let go, and then calls `done`.
  virtual void Stop(void (*done)(void*), void* context) = 0;
};

class Reactor {
 public:
  // `callback(count)` is called with that many events in `events`, a Uint32Array with three words
  // for each, see ReadyEvent. Null where it cannot be started.
  static Reactor* Start(napi_env env, napi_value callback, napi_value events, bool has_libuv);

  ReadinessSet& set() { return set_; }
  LoopWatch& watch() { return *watch_; }

  // Takes what is ready and gives it to JavaScript; on the environment's thread.
  void Deliver();

 private:
  Reactor() = default;

  napi_env env_ = nullptr;
  napi_ref callback_ = nullptr;
  napi_ref events_ = nullptr;
  ReadyEvent* shared_ = nullptr;
  size_t room_ = 0;
  ReadinessSet set_;
  LoopWatch* watch_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;

  static void BeginToStop(napi_async_cleanup_hook_handle handle, void* self);
  static void Stop(void* self);
  void Finish();
};

// A watch through the libuv that the process already has; null where there is none.
LoopWatch* WatchByLibuv(napi_env env, Reactor* reactor);
// A watch by a thread of its own, for runtimes without libuv; null where it cannot be started.
LoopWatch* WatchByThread(napi_env env, Reactor* reactor);

}  // namespace berkeley
