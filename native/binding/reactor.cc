// Readiness to JavaScript, and the functions that TypeScript calls for it.
#include "binding/reactor.h"

#include <cstdlib>
#include <new>

#include "binding/arguments.h"
#include "binding/functions.h"

namespace berkeley {

namespace {

constexpr size_t kEventWords = 3;
static_assert(sizeof(ReadyEvent) == kEventWords * sizeof(uint32_t), "the words of lib/reactor.ts");

// An exception that leaves the callback is the program's, like one that leaves a timer's.
void ReportException(napi_env env) {
  bool is_pending = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &is_pending) != napi_ok || !is_pending) return;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
}

}  // namespace

Reactor* Reactor::Start(napi_env env, napi_value callback, napi_value events, bool has_libuv) {
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, events, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint32_array || length < kEventWords) {
    return nullptr;
  }
  Reactor* reactor = new (std::nothrow) Reactor();
  if (reactor == nullptr) return nullptr;
  reactor->env_ = env;
  reactor->shared_ = static_cast<ReadyEvent*>(data);
  reactor->room_ = length / kEventWords;
  if (reactor->set_.Open() < 0) {
    delete reactor;
    return nullptr;
  }
  // The fallback can be asked for, so that it can be tested where it is not needed.
  const bool is_thread_wanted = getenv("BERKELEY_SOCKETS_REACTOR_THREAD") != nullptr;
  if (has_libuv && !is_thread_wanted) reactor->watch_ = WatchByLibuv(env, reactor);
  const bool is_libuv = reactor->watch_ != nullptr;
  if (reactor->watch_ == nullptr) reactor->watch_ = WatchByThread(env, reactor);
  if (reactor->watch_ == nullptr) {
    delete reactor;
    return nullptr;
  }
  napi_create_reference(env, callback, 1, &reactor->callback_);
  napi_create_reference(env, events, 1, &reactor->events_);
  // A thread ends at once. Besides, Deno frees the handle of an asynchronous hook by itself, so
  // that removing it would free it twice.
  if (is_libuv) {
    napi_add_async_cleanup_hook(env, BeginToStop, reactor, &reactor->cleanup_);
  } else {
    napi_add_env_cleanup_hook(env, Stop, reactor);
  }
  return reactor;
}

void Reactor::Deliver() {
  const Result count = set_.Take(shared_, room_, 0);
  if (count <= 0) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value callback = nullptr;
  napi_value receiver = nullptr;
  napi_get_reference_value(env_, callback_, &callback);
  napi_get_global(env_, &receiver);
  napi_value argument = MakeNumber(env_, count);
  // Deno writes the result to where it is told, even if that is nowhere.
  napi_value result = nullptr;
  // This also runs the promises' jobs, as after every callback of the loop.
  if (napi_make_callback(env_, nullptr, receiver, callback, 1, &argument, &result) != napi_ok) {
    ReportException(env_);
  }
  napi_close_handle_scope(env_, scope);
}

// The environment ends: the loop has to let go of its handle before it may.
void Reactor::BeginToStop(napi_async_cleanup_hook_handle, void* self) { Stop(self); }

void Reactor::Stop(void* self) {
  Reactor* reactor = static_cast<Reactor*>(self);
  napi_delete_reference(reactor->env_, reactor->callback_);
  napi_delete_reference(reactor->env_, reactor->events_);
  reactor->watch_->Stop([](void* context) { static_cast<Reactor*>(context)->Finish(); }, reactor);
}

void Reactor::Finish() {
  const napi_async_cleanup_hook_handle cleanup = cleanup_;
  delete this;
  if (cleanup != nullptr) napi_remove_async_cleanup_hook(cleanup);
}

// startReactor(callback, events): whether there is one now
napi_value StartReactor(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  Reactor* reactor =
      Reactor::Start(env, args.value(0), args.value(1), args.environment().has_libuv());
  args.environment().set_reactor(reactor);
  napi_value result = nullptr;
  napi_get_boolean(env, reactor != nullptr, &result);
  return result;
}

// watch(fd, token): 0 or -errno
napi_value WatchDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  Reactor* reactor = args.environment().reactor();
  if (reactor == nullptr) return args.Return(-ENOSYS);
  return args.Return(reactor->set().Add(args.Descriptor(0), static_cast<uint32_t>(args.Long(1))));
}

// renewWatch(fd, token): 0 or -errno
napi_value RenewWatch(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  Reactor* reactor = args.environment().reactor();
  if (reactor == nullptr) return args.Return(-ENOSYS);
  return args.Return(reactor->set().Renew(args.Descriptor(0), static_cast<uint32_t>(args.Long(1))));
}

// unwatch(fd): 0 or -errno
napi_value UnwatchDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  Reactor* reactor = args.environment().reactor();
  if (reactor == nullptr) return args.Return(-ENOSYS);
  return args.Return(reactor->set().Remove(args.Descriptor(0)));
}

// holdLoop(isHeld): whether the event loop stays alive for the reactor
napi_value HoldLoop(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  Reactor* reactor = args.environment().reactor();
  if (reactor != nullptr) reactor->watch().Hold(args.Bool(0));
  return nullptr;
}

}  // namespace berkeley
