// What one JavaScript environment owns, and what ends with it.
#include "binding/environment.h"

#include "core/descriptor.h"
#include "core/multiplex.h"

namespace berkeley {

namespace {

constexpr int kSliceMilliseconds = 50;
constexpr Result kNotOwned = -1;
constexpr Result kEpoll = -2;

Address CopyAddress(const uint8_t* bytes, int32_t length) {
  Address address;
  memcpy(address.bytes, bytes, sizeof(address.bytes));
  const int32_t room = static_cast<int32_t>(sizeof(address.bytes));
  address.length = static_cast<socklen_t>(std::clamp(length, 0, room));
  return address;
}

}  // namespace

Address Scratch::Source() const { return CopyAddress(source, source_length); }
Address Scratch::Target() const { return CopyAddress(target, target_length); }

Environment::Environment(napi_env env) : env_(env), empty_scratch_(), scratch_(&empty_scratch_) {
  napi_value probe = nullptr;
  napi_create_object(env, &probe);
  napi_create_reference(env, probe, 1, &probe_);
  wait_policy_.context = this;
  sigemptyset(&wait_policy_.held);
  // Deno calls no finalizer when a worker ends, but the hook.
  napi_add_env_cleanup_hook(
      env, [](void* self) { static_cast<Environment*>(self)->CloseAllOwned(); }, this);
}

Environment::~Environment() {
  // Node frees no reference that an addon made.
  for (napi_ref reference : {probe_, scratch_reference_}) {
    if (reference != nullptr) napi_delete_reference(env_, reference);
  }
  CloseAllOwned();
}

bool Environment::AttachScratch(napi_value array) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env_, array, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array || length < sizeof(Scratch) || data == nullptr ||
      scratch_reference_ != nullptr) {
    return false;
  }
  napi_create_reference(env_, array, 1, &scratch_reference_);
  scratch_ = static_cast<Scratch*>(data);
  return true;
}

void Environment::Configure(bool is_worker, bool has_libuv) {
  has_libuv_ = has_libuv;
  wait_policy_.slice = is_worker ? kSliceMilliseconds : -1;
  wait_policy_.is_stopping = is_worker ? IsStopping : nullptr;
  wait_policy_.polled = is_worker;
}

void Environment::ListenForSignals(const std::vector<int>& signals) {
  wait_policy_.interruptible = !signals.empty();
  wait_policy_.polled = wait_policy_.interruptible || wait_policy_.slice >= 0;
  // These have handlers in an ordinary Node process, or end nothing by default: a wait that
  // one of them ended would look like one that a listener's signal ended.
  sigemptyset(&wait_policy_.held);
  for (int signal : {SIGCHLD, SIGWINCH, SIGURG, SIGCONT, SIGUSR1, SIGPROF, SIGPIPE}) {
    sigaddset(&wait_policy_.held, signal);
  }
  for (int signal : signals) {
    sigdelset(&wait_policy_.held, signal);
  }
}

void Environment::Own(int64_t fd) {
  const Result number = fd < 0 ? kNotOwned : SocketNumber(static_cast<int>(fd));
  if (number >= 0) Remember(static_cast<int>(fd), number);
}

void Environment::OwnEpoll(int fd) {
  if (fd >= 0) Remember(fd, kEpoll);
}

void Environment::Remember(int fd, Result number) {
  const size_t index = static_cast<size_t>(fd);
  if (index >= owned_.size()) owned_.resize(index + 1, kNotOwned);
  owned_[index] = number;
}

void Environment::Disown(int64_t fd) {
  const size_t index = static_cast<size_t>(fd);
  if (fd < 0 || index >= owned_.size()) return;
  owned_[index] = kNotOwned;
}

Result Environment::CloseOwned(int64_t fd) {
  const size_t index = static_cast<size_t>(fd);
  if (fd < 0 || index >= owned_.size() || owned_[index] == kNotOwned) return -EBADF;
  const Result number = owned_[index];
  owned_[index] = kNotOwned;
  const int descriptor = static_cast<int>(fd);
  const bool is_same = number == kEpoll ? IsEpoll(descriptor) : number == SocketNumber(descriptor);
  return is_same ? Close(descriptor) : -EBADF;
}

void Environment::CloseAllOwned() {
  for (size_t index = 0; index < owned_.size(); ++index) CloseOwned(static_cast<int64_t>(index));
}

// A Node-API call that may run JavaScript is refused while a worker is being terminated.
bool Environment::IsStopping(void* context) {
  Environment* self = static_cast<Environment*>(context);
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(self->env_, &scope) != napi_ok) return true;
  napi_value probe = nullptr;
  bool answer = false;
  const bool is_running = napi_get_reference_value(self->env_, self->probe_, &probe) == napi_ok &&
                          napi_has_element(self->env_, probe, 0, &answer) == napi_ok;
  napi_close_handle_scope(self->env_, scope);
  return !is_running;
}

}  // namespace berkeley
