// Watches the reactor's set with the event loop's own libuv, found at run time: nothing of libuv is
// linked, so that the addon also loads where there is none.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "binding/reactor.h"

namespace berkeley {

namespace {

// The part of libuv's interface that is used; its handles begin with a pointer for the user.
struct Libuv {
  size_t (*handle_size)(int type);
  int (*poll_init)(void* loop, void* handle, int fd);
  int (*poll_start)(void* handle, int events, void (*callback)(void*, int, int));
  void (*ref)(void* handle);
  void (*unref)(void* handle);
  void (*close)(void* handle, void (*callback)(void*));

  bool Find() {
    return FindOne("uv_handle_size", &handle_size) && FindOne("uv_poll_init", &poll_init) &&
           FindOne("uv_poll_start", &poll_start) && FindOne("uv_ref", &ref) &&
           FindOne("uv_unref", &unref) && FindOne("uv_close", &close);
  }

 private:
  template <typename Function>
  static bool FindOne(const char* name, Function* function) {
    void* symbol = dlsym(RTLD_DEFAULT, name);
    static_assert(sizeof(symbol) == sizeof(*function), "a function pointer is a pointer");
    memcpy(function, &symbol, sizeof(symbol));
    return symbol != nullptr;
  }
};

// UV_POLL and UV_READABLE, which libuv's stable interface fixes.
constexpr int kPollHandle = 8;
constexpr int kPollReadable = 1;

class LibuvWatch : public LoopWatch {
 public:
  LibuvWatch(const Libuv& libuv, void* handle, Reactor* reactor)
      : libuv_(libuv), handle_(handle), reactor_(reactor) {}
  ~LibuvWatch() override { free(handle_); }

  bool Begin(void* loop) {
    if (libuv_.poll_init(loop, handle_, reactor_->set().fd()) != 0) return false;
    *static_cast<void**>(handle_) = this;
    is_open_ = libuv_.poll_start(handle_, kPollReadable, OnReady) == 0;
    libuv_.unref(handle_);
    return is_open_;
  }

  void Hold(bool is_held) override {
    if (is_held) {
      libuv_.ref(handle_);
    } else {
      libuv_.unref(handle_);
    }
  }

  void Stop(void (*done)(void*), void* context) override {
    done_ = done;
    context_ = context;
    libuv_.close(handle_, OnClosed);
  }

 private:
  const Libuv libuv_;
  void* const handle_;
  Reactor* const reactor_;
  bool is_open_ = false;
  void (*done_)(void*) = nullptr;
  void* context_ = nullptr;

  static LibuvWatch* Of(void* handle) {
    return static_cast<LibuvWatch*>(*static_cast<void**>(handle));
  }

  static void OnReady(void* handle, int, int) { Of(handle)->reactor_->Deliver(); }

  static void OnClosed(void* handle) {
    LibuvWatch* self = Of(handle);
    void (*const done)(void*) = self->done_;
    void* const context = self->context_;
    delete self;
    done(context);
  }
};

}  // namespace

LoopWatch* WatchByLibuv(napi_env env, Reactor* reactor) {
  Libuv libuv = {};
  uv_loop_s* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok || loop == nullptr || !libuv.Find()) {
    return nullptr;
  }
  void* handle = calloc(1, libuv.handle_size(kPollHandle));
  LibuvWatch* watch =
      handle == nullptr ? nullptr : new (std::nothrow) LibuvWatch(libuv, handle, reactor);
  if (watch == nullptr) {
    free(handle);
    return nullptr;
  }
  // A handle that could not be started was not registered with the loop either.
  if (watch->Begin(loop)) return watch;
  delete watch;
  return nullptr;
}

}  // namespace berkeley
