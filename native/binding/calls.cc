// The hot calls: numbers and bytes in, a number out, no JavaScript object made, nothing thrown.
#include "binding/arguments.h"
#include "binding/functions.h"
#include "core/descriptor.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

// What a call gets whose bytes are not there: its buffer was detached or shrunk.
constexpr Result kNoBytes = -EFAULT;

// The arguments of a transfer: numbers in the scratch, the bytes as the only Node-API value.
class Transfer {
 public:
  Transfer(napi_env env, napi_callback_info info) : args_(env, info), scratch_(args_.scratch()) {
    ByteSpan whole;
    if (!ReadBytes(env, args_.value(0), &whole)) return;
    const double end = scratch_.offset + scratch_.length;
    if (!(scratch_.offset >= 0 && scratch_.length >= 0 &&
          end <= static_cast<double>(whole.length))) {
      return;
    }
    data_ = whole.data + static_cast<size_t>(scratch_.offset);
    is_valid_ = true;
  }

  bool is_valid() const { return is_valid_; }
  const WaitPolicy& policy() const { return args_.policy(); }
  Scratch& scratch() const { return scratch_; }
  int fd() const { return static_cast<int>(scratch_.fd); }
  uint8_t* data() const { return data_; }
  size_t length() const { return static_cast<size_t>(scratch_.length); }
  int flags() const { return static_cast<int>(scratch_.flags); }
  Timeout timeout() const { return scratch_.timeout == kAttempt ? 0 : scratch_.timeout; }

  napi_value Return(Result result) const {
    scratch_.interrupted = args_.environment().TakeInterrupted();
    return args_.Return(result);
  }

 private:
  const Arguments<1> args_;
  Scratch& scratch_;
  uint8_t* data_ = nullptr;
  bool is_valid_ = false;
};

}  // namespace

// recv(bytes)
napi_value Recv(napi_env env, napi_callback_info info) {
  const Transfer call(env, info);
  if (!call.is_valid()) return call.Return(kNoBytes);
  return call.Return(
      Receive(call.policy(), call.fd(), call.data(), call.length(), call.flags(), call.timeout()));
}

// recvfrom(bytes); the sender is in the scratch.
napi_value RecvFrom(napi_env env, napi_callback_info info) {
  const Transfer call(env, info);
  if (!call.is_valid()) return call.Return(kNoBytes);
  Address address;
  const Result result = ReceiveFrom(call.policy(), call.fd(), call.data(), call.length(),
                                    call.flags(), call.timeout(), &address);
  if (result >= 0) call.scratch().SetSource(address);
  return call.Return(result);
}

// send(bytes)
napi_value SendBytes(napi_env env, napi_callback_info info) {
  const Transfer call(env, info);
  if (!call.is_valid()) return call.Return(kNoBytes);
  return call.Return(
      Send(call.policy(), call.fd(), call.data(), call.length(), call.flags(), call.timeout()));
}

// sendto(bytes); the target is in the scratch.
napi_value SendBytesTo(napi_env env, napi_callback_info info) {
  const Transfer call(env, info);
  if (!call.is_valid()) return call.Return(kNoBytes);
  const Scratch& scratch = call.scratch();
  const int32_t room = static_cast<int32_t>(sizeof(scratch.target));
  const socklen_t length = static_cast<socklen_t>(std::clamp(scratch.target_length, 0, room));
  return call.Return(SendTo(call.policy(), call.fd(), call.data(), call.length(), call.flags(),
                            call.timeout(), scratch.target, length));
}

// accept(fd, timeout): a descriptor; the peer is in the scratch.
napi_value AcceptConnection(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  Address address;
  const Result result = Accept(args.policy(), args.Descriptor(0), args.Milliseconds(1), &address);
  if (result >= 0) {
    args.environment().Own(result);
    args.scratch().SetSource(address);
  }
  return args.Return(result);
}

// connect(fd, timeout); the target is in the scratch.
napi_value ConnectSocket(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  return args.Return(
      Connect(args.policy(), args.Descriptor(0), args.scratch().Target(), args.Milliseconds(1)));
}

// sendfile(fd, file, offset, count, timeout)
napi_value SendFileBytes(napi_env env, napi_callback_info info) {
  const Arguments<5> args(env, info);
  const int64_t count = args.Long(3);
  if (count < 0) return args.Return(-EINVAL);
  const Result result =
      SendFile(args.policy(), args.Descriptor(0), args.Descriptor(1),
               static_cast<off_t>(args.Long(2)), static_cast<size_t>(count), args.Milliseconds(4));
  args.scratch().interrupted = args.environment().TakeInterrupted();
  return args.Return(result);
}

// wait(fd, events, timeout)
napi_value WaitForEvents(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  return args.Return(WaitFor(args.policy(), args.Descriptor(0), static_cast<short>(args.Int(1)),
                             args.Milliseconds(2)));
}

// close(fd)
napi_value CloseDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  const int fd = args.Descriptor(0);
  args.environment().Disown(fd);
  return args.Return(Close(fd));
}

}  // namespace berkeley
