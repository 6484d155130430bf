// The hot calls: numbers and bytes in, a number out, no JavaScript object made, nothing thrown.
#include "binding/arguments.h"
#include "binding/functions.h"
#include "core/descriptor.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

// What a call gets whose bytes are not there: its buffer was detached or shrunk.
constexpr Result kNoBytes = -EFAULT;

}  // namespace

// recv(fd, bytes, offset, length, flags, timeout)
napi_value Recv(napi_env env, napi_callback_info info) {
  const Arguments<6> args(env, info);
  ByteSpan span;
  if (!args.Bytes(1, &span)) return args.Return(kNoBytes);
  return args.Return(Receive(args.policy(), args.Descriptor(0), span.data, span.length, args.Int(4),
                             args.Milliseconds(5)));
}

// recvfrom(fd, bytes, offset, length, flags, timeout); the sender is in the scratch.
napi_value RecvFrom(napi_env env, napi_callback_info info) {
  const Arguments<6> args(env, info);
  ByteSpan span;
  if (!args.Bytes(1, &span)) return args.Return(kNoBytes);
  Address address;
  const Result result = ReceiveFrom(args.policy(), args.Descriptor(0), span.data, span.length,
                                    args.Int(4), args.Milliseconds(5), &address);
  if (result >= 0) args.scratch().SetSource(address);
  return args.Return(result);
}

// send(fd, bytes, offset, length, flags, timeout)
napi_value SendBytes(napi_env env, napi_callback_info info) {
  const Arguments<6> args(env, info);
  ByteSpan span;
  if (!args.Bytes(1, &span)) return args.Return(kNoBytes);
  return args.Return(Send(args.policy(), args.Descriptor(0), span.data, span.length, args.Int(4),
                          args.Milliseconds(5)));
}

// sendto(fd, bytes, offset, length, flags, timeout); the target is in the scratch.
napi_value SendBytesTo(napi_env env, napi_callback_info info) {
  const Arguments<6> args(env, info);
  ByteSpan span;
  if (!args.Bytes(1, &span)) return args.Return(kNoBytes);
  const Scratch& scratch = args.scratch();
  const int32_t room = static_cast<int32_t>(sizeof(scratch.target));
  const socklen_t length = static_cast<socklen_t>(std::clamp(scratch.target_length, 0, room));
  return args.Return(SendTo(args.policy(), args.Descriptor(0), span.data, span.length, args.Int(4),
                            args.Milliseconds(5), scratch.target, length));
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
  return args.Return(SendFile(args.policy(), args.Descriptor(0), args.Descriptor(1),
                              static_cast<off_t>(args.Long(2)), static_cast<size_t>(count),
                              args.Milliseconds(4)));
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
