// Watches the reactor's set with a thread of its own, for runtimes without libuv.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <new>
#include <thread>

#include "binding/reactor.h"

namespace berkeley {

namespace {

class ThreadWatch : public LoopWatch {
 public:
  ThreadWatch(napi_env env, Reactor* reactor) : env_(env), reactor_(reactor) {}
  ~ThreadWatch() override {
    if (stop_ >= 0) close(stop_);
    if (delivered_ >= 0) close(delivered_);
  }

  bool Begin() {
    stop_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    delivered_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    napi_value name = nullptr;
    napi_create_string_utf8(env_, "berkeley-sockets", NAPI_AUTO_LENGTH, &name);
    if (stop_ < 0 || delivered_ < 0 ||
        napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this,
                                        OnReady, &function_) != napi_ok) {
      return false;
    }
    napi_unref_threadsafe_function(env_, function_);
    // The thread inherits a mask that keeps the process's signals away from it.
    sigset_t all;
    sigset_t previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    thread_ = std::thread([this] { Run(); });
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    return true;
  }

  void Hold(bool is_held) override {
    if (is_held) {
      napi_ref_threadsafe_function(env_, function_);
    } else {
      napi_unref_threadsafe_function(env_, function_);
    }
  }

  void Stop(void (*done)(void*), void* context) override {
    Signal(stop_);
    thread_.join();
    napi_release_threadsafe_function(function_, napi_tsfn_abort);
    delete this;
    done(context);
  }

 private:
  napi_env env_;
  Reactor* reactor_;
  int stop_ = -1;
  int delivered_ = -1;
  napi_threadsafe_function function_ = nullptr;
  std::thread thread_;

  static void Signal(int fd) {
    const uint64_t one = 1;
    Once([&] { return write(fd, &one, sizeof(one)); });
  }

  static void Clear(int fd) {
    uint64_t count = 0;
    Once([&] { return read(fd, &count, sizeof(count)); });
  }

  // The set is level-triggered towards this thread: it stays readable until the environment's
  // thread has taken the events, so that the thread waits for that before it looks again.
  void Run() {
    for (;;) {
      pollfd entries[] = {{reactor_->set().fd(), POLLIN, 0}, {stop_, POLLIN, 0}};
      if (Once([&] { return poll(entries, 2, -1); }) < 0) continue;
      if (entries[1].revents != 0) return;
      if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) != napi_ok) {
        return;
      }
      pollfd answers[] = {{delivered_, POLLIN, 0}, {stop_, POLLIN, 0}};
      while (Once([&] { return poll(answers, 2, -1); }) < 0) continue;
      if (answers[1].revents != 0) return;
      Clear(delivered_);
    }
  }

  static void OnReady(napi_env env, napi_value, void* context, void*) {
    // The environment is ending; nobody may run JavaScript any more.
    if (env == nullptr) return;
    ThreadWatch* self = static_cast<ThreadWatch*>(context);
    self->reactor_->Deliver();
    Signal(self->delivered_);
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
