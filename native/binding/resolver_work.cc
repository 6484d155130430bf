// Look-ups on the runtime's thread pool, for the callers that must not wait themselves.
#include <cerrno>
#include <new>

#include "binding/functions.h"
#include "binding/lookup.h"
#include "binding/values.h"
#include "core/faults.h"
#include "core/resolver.h"
#include "core/result.h"

namespace berkeley {

namespace {

// A question that is on its way. It holds plain data only, so that a thread of the pool may answer
// it whatever becomes of the environment.
class LookupWork {
 public:
  // 0, or -errno where it did not begin; then `callback` is never called.
  static Result Start(napi_env env, const LookupRequest& request, napi_value callback) {
    napi_valuetype type = napi_undefined;
    napi_typeof(env, callback, &type);
    if (type != napi_function) return -EINVAL;
    LookupWork* self = new (std::nothrow) LookupWork(env, request);
    if (self == nullptr) return -ENOMEM;
    if (self->Queue(callback)) return 0;
    self->Release();
    return -EAGAIN;
  }

 private:
  napi_env env_;
  LookupRequest request_;
  LookupAnswer answer_;
  CarriedFault fault_;
  napi_ref callback_ = nullptr;
  napi_async_work work_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  bool is_ending_ = false;

  LookupWork(napi_env env, const LookupRequest& request) : env_(env), request_(request) {}

  bool Queue(napi_value callback) {
    napi_value name = MakeString(env_, "berkeley-sockets:lookup");
    if (napi_create_reference(env_, callback, 1, &callback_) != napi_ok ||
        napi_create_async_work(env_, nullptr, name, Execute, Complete, this, &work_) != napi_ok) {
      return false;
    }
    // An environment that ends waits for this hook to be removed, so that it is still there when
    // the pool comes back with the answer.
    napi_add_async_cleanup_hook(env_, End, this, &cleanup_);
    return napi_queue_async_work(env_, work_) == napi_ok;
  }

  void Release() {
    if (callback_ != nullptr) napi_delete_reference(env_, callback_);
    if (work_ != nullptr) napi_delete_async_work(env_, work_);
    const napi_async_cleanup_hook_handle cleanup = cleanup_;
    delete this;
    if (cleanup != nullptr) napi_remove_async_cleanup_hook(cleanup);
  }

  static void Execute(napi_env, void* data) {
    LookupWork* self = static_cast<LookupWork*>(data);
    self->fault_.Begin();
    self->answer_ = Lookup(self->request_);
    self->fault_.End();
  }

  static void Complete(napi_env env, napi_status status, void* data) {
    LookupWork* self = static_cast<LookupWork*>(data);
    self->fault_.Return();
    if (status == napi_ok && !self->is_ending_) self->Tell(env);
    self->Release();
  }

  // While a worker is being terminated Node-API refuses the call, and nobody misses it.
  void Tell(napi_env env) const {
    napi_value callback = nullptr;
    napi_value receiver = nullptr;
    if (napi_get_reference_value(env, callback_, &callback) != napi_ok) return;
    if (napi_get_undefined(env, &receiver) != napi_ok) return;
    const napi_value answer = LookupToJavaScript(env, answer_);
    napi_call_function(env, receiver, callback, 1, &answer, nullptr);
  }

  // The environment ends. What has not begun is cancelled; what has cannot be, but its answer is
  // dropped. Either way Complete follows.
  static void End(napi_async_cleanup_hook_handle, void* data) {
    LookupWork* self = static_cast<LookupWork*>(data);
    self->is_ending_ = true;
    napi_cancel_async_work(self->env_, self->work_);
  }
};

constexpr size_t kCallbackIndex = 3 + LookupRequest::kNumberCount;

}  // namespace

// lookupAsync(kind, first, second, number, number, number, number, callback): 0 or -errno
napi_value LookUpAsync(napi_env env, napi_callback_info info) {
  napi_value values[kCallbackIndex + 1] = {};
  size_t count = kCallbackIndex + 1;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  LookupRequest request;
  if (!ReadLookup(env, info, &request)) return MakeNumber(env, -EINVAL);
  return MakeNumber(env, LookupWork::Start(env, request, values[kCallbackIndex]));
}

// needsLookup(family, host): whether the host of an address is a name that may have to be asked for
napi_value NeedsNameLookup(napi_env env, napi_callback_info info) {
  napi_value values[2] = {};
  size_t count = 2;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  int32_t family = AF_UNSPEC;
  napi_get_value_int32(env, values[0], &family);
  std::string host;
  bool is_ascii = true;
  ByteSpan span;
  if (ReadBytes(env, values[1], &span)) {
    host.assign(reinterpret_cast<const char*>(span.data), span.length);
  } else if (!ReadText(env, values[1], &host, &is_ascii)) {
    // What is no text is no name either.
    host.clear();
  }
  napi_value result = nullptr;
  napi_get_boolean(env, NeedsLookup(host, family), &result);
  return result;
}

}  // namespace berkeley
