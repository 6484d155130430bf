// What one JavaScript environment (the main thread or a worker) owns; nothing is process-wide.
#pragma once

#include <napi.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/address.h"
#include "core/ancillary.h"
#include "core/wait.h"

namespace berkeley {

class Reactor;

// Some memory of JavaScript's.
struct ByteSpan {
  uint8_t* data = nullptr;
  size_t length = 0;
};

// The memory that TypeScript and C++ share, so that a call returns a number and no object.
// lib/native.ts has the same layout.
struct Scratch {
  // The arguments and the result of a transfer: numbers here are cheaper than Node-API values. The
  // kernel moves at most 2**31-4096 bytes at once (recv(2)), so that lengths fit.
  double timeout;
  int32_t fd;
  int32_t offset;
  int32_t length;
  int32_t flags;
  int32_t result;
  int32_t source_length;   // of the address that the last receiving call was given
  int32_t source_changed;  // 0 if that address equals the one of the receiving call before
  int32_t message_flags;   // msg_flags of the last recvmsg
  int32_t control_length;  // bytes of control messages of the last recvmsg
  int32_t target_length;   // of the address that the next sending call goes to
  int32_t interrupted;     // 1 if a signal came while the last transfer waited
  int32_t segment_size;    // of the datagrams in one buffer (UDP GSO and GRO)
  uint8_t source[sizeof(sockaddr_storage)];
  uint8_t target[sizeof(sockaddr_storage)];

  // Keeps the address that a call gave, and whether it is another one than before.
  void SetSource(const Address& address) {
    const bool is_same = address.length == static_cast<socklen_t>(source_length) &&
                         memcmp(address.bytes, source, address.length) == 0;
    source_changed = is_same ? 0 : 1;
    if (is_same) return;
    source_length = static_cast<int32_t>(std::min<size_t>(address.length, sizeof(source)));
    memcpy(source, address.bytes, sizeof(source));
  }
  Address Source() const;
  Address Target() const;
};

static_assert(offsetof(Scratch, source) == sizeof(double) + 12 * sizeof(int32_t),
              "the words of lib/native.ts");

class Environment {
 public:
  explicit Environment(napi_env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  napi_env env() const { return env_; }
  WaitPolicy& wait_policy() { return wait_policy_; }
  Scratch* scratch() { return scratch_; }
  AncillaryBuffer& ancillary() { return ancillary_; }
  // The memory of the last transfer in each direction; TypeScript says when it is still the same.
  ByteSpan& received_into() { return received_into_; }
  ByteSpan& sent_from() { return sent_from_; }

  // What tells JavaScript of readiness, once it was started; it ends by itself.
  Reactor* reactor() { return reactor_; }
  void set_reactor(Reactor* reactor) { reactor_ = reactor; }

  // Takes the memory of a Uint8Array of TypeScript's as the scratch, and keeps it alive.
  bool AttachScratch(napi_value array);

  // How this environment waits, in a worker in slices, on the main thread not; and whether it is
  // Node's, whose event loop is libuv's.
  void Configure(bool is_worker, bool has_libuv);
  bool has_libuv() const { return has_libuv_; }
  // The signals that JavaScript listens for; they end waits on this thread.
  void ListenForSignals(const std::vector<int>& signals);

  // Whether a signal came during the last call that gave a result all the same: 1 or 0.
  int32_t TakeInterrupted() {
    const bool result = wait_policy_.interrupted;
    wait_policy_.interrupted = false;
    return result ? 1 : 0;
  }

  // The sockets this environment closes when it ends, unless somebody else has closed them: the
  // descriptor may belong to another thread by then.
  void Own(int64_t fd);
  // The same for an epoll set. It has no number of its own to be known by again: what is an epoll
  // set when the environment ends is taken for the one that was owned.
  void OwnEpoll(int fd);
  void Disown(int64_t fd);
  // Closes a socket if it still is the one that is owned.
  Result CloseOwned(int64_t fd);
  void CloseAllOwned();

 private:
  napi_env env_;
  napi_ref scratch_reference_ = nullptr;
  napi_ref probe_ = nullptr;
  Scratch empty_scratch_;
  Scratch* scratch_;
  WaitPolicy wait_policy_;
  AncillaryBuffer ancillary_;
  Reactor* reactor_ = nullptr;
  bool has_libuv_ = false;
  ByteSpan received_into_;
  ByteSpan sent_from_;
  // By descriptor: the number of the socket that was taken over, or kEpoll; kNotOwned where there
  // is none.
  std::vector<Result> owned_;

  void Remember(int fd, Result number);

  static bool IsStopping(void* self);
};

}  // namespace berkeley
