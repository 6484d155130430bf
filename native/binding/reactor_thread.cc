// Watches the reactor's set with a thread of its own, for runtimes without libuv.
#include <new>

#include "binding/reactor.h"
#include "core/readiness/watch_thread.h"

namespace berkeley {

namespace {

class ThreadWatch : public LoopWatch {
 public:
  ThreadWatch(napi_env env, Reactor* reactor) : env_(env), reactor_(reactor) {}

  bool Begin() {
    napi_value name = nullptr;
    napi_create_string_utf8(env_, "berkeley-sockets", NAPI_AUTO_LENGTH, &name);
    if (napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this,
                                        OnReady, &function_) != napi_ok) {
      return false;
    }
    napi_unref_threadsafe_function(env_, function_);
    if (thread_.Begin(reactor_->set().fd(), Announce, this) >= 0) return true;
    napi_release_threadsafe_function(function_, napi_tsfn_abort);
    return false;
  }

  void Hold(bool is_held) override {
    if (is_held) {
      napi_ref_threadsafe_function(env_, function_);
    } else {
      napi_unref_threadsafe_function(env_, function_);
    }
  }

  void Stop(void (*done)(void*), void* context) override {
    thread_.End();
    napi_release_threadsafe_function(function_, napi_tsfn_abort);
    delete this;
    done(context);
  }

 private:
  napi_env env_;
  Reactor* reactor_;
  napi_threadsafe_function function_ = nullptr;
  WatchThread thread_;

  // On the thread.
  static bool Announce(void* self) {
    const napi_threadsafe_function function = static_cast<ThreadWatch*>(self)->function_;
    return napi_call_threadsafe_function(function, nullptr, napi_tsfn_nonblocking) == napi_ok;
  }

  static void OnReady(napi_env env, napi_value, void* context, void*) {
    // The environment is ending; nobody may run JavaScript any more.
    if (env == nullptr) return;
    ThreadWatch* self = static_cast<ThreadWatch*>(context);
    self->reactor_->Deliver();
    self->thread_.Delivered();
  }
};

}  // namespace

LoopWatch* WatchByThread(napi_env env, Reactor* reactor) {
  ThreadWatch* watch = new (std::nothrow) ThreadWatch(env, reactor);
  if (watch == nullptr || watch->Begin()) return watch;
  delete watch;
  return nullptr;
}

}  // namespace berkeley
