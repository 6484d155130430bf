// The cold calls: opening, naming and configuring sockets.
#include "binding/functions.h"

#include <cstring>

#include "binding/arguments.h"
#include "core/descriptor.h"

namespace berkeley {

// attach(scratch, isWorker, hasLibuv)
napi_value Attach(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  args.environment().Configure(args.Bool(1), args.Bool(2));
  napi_value result = nullptr;
  napi_get_boolean(env, args.environment().AttachScratch(args.value(0)), &result);
  return result;
}

// setSignals(numbers)
napi_value SetSignals(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  std::vector<int> signals;
  uint32_t count = 0;
  napi_get_array_length(env, args.value(0), &count);
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    int32_t signal = 0;
    napi_get_element(env, args.value(0), index, &item);
    if (napi_get_value_int32(env, item, &signal) == napi_ok) signals.push_back(signal);
  }
  args.environment().ListenForSignals(signals);
  return nullptr;
}

// socket(family, type, proto)
napi_value Socket(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  const Result result = OpenSocket(args.Int(0), args.Int(1), args.Int(2));
  args.environment().Own(result);
  return args.Return(result);
}

// socketpair(family, type, proto): [fd, fd] or -errno
napi_value SocketPair(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  int fds[2] = {-1, -1};
  const Result result = OpenSocketPair(args.Int(0), args.Int(1), args.Int(2), fds);
  if (result < 0) return args.Return(result);
  for (int fd : fds) args.environment().Own(fd);
  return MakeArray(env, {MakeNumber(env, fds[0]), MakeNumber(env, fds[1])});
}

// dup(fd)
napi_value DuplicateDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  const Result result = Duplicate(args.Descriptor(0));
  args.environment().Own(result);
  return args.Return(result);
}

// fileSize(fd): bytes or -errno
napi_value SizeOfFile(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(FileSize(args.Descriptor(0)));
}

// fileNumber(fd): what the file is known by, or -errno
napi_value NumberOfFile(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(FileNumber(args.Descriptor(0)));
}

// own(fd)
napi_value OwnDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  args.environment().Own(args.Descriptor(0));
  return nullptr;
}

// disown(fd)
napi_value DisownDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  args.environment().Disown(args.Descriptor(0));
  return nullptr;
}

// identify(fd): [family, type, proto] or -errno
napi_value IdentifySocket(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  SocketKindOf kind = {};
  const Result result = Identify(args.Descriptor(0), &kind);
  if (result < 0) return args.Return(result);
  return MakeArray(
      env, {MakeNumber(env, kind.family), MakeNumber(env, kind.type), MakeNumber(env, kind.proto)});
}

// setBlocking(fd, blocking)
napi_value SetDescriptorBlocking(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  return args.Return(SetBlocking(args.Descriptor(0), args.Bool(1)));
}

// getInheritable(fd)
napi_value GetDescriptorInheritable(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(GetInheritable(args.Descriptor(0)));
}

// setInheritable(fd, inheritable)
napi_value SetDescriptorInheritable(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  return args.Return(SetInheritable(args.Descriptor(0), args.Bool(1)));
}

// bind(fd); the address is in the scratch.
napi_value BindSocket(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(Bind(args.Descriptor(0), args.scratch().Target()));
}

// listen(fd, backlog)
napi_value ListenSocket(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  return args.Return(Listen(args.Descriptor(0), args.Int(1)));
}

// shutdown(fd, how)
napi_value ShutdownSocket(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  return args.Return(Shutdown(args.Descriptor(0), args.Int(1)));
}

// getsockname(fd); the address is in the scratch.
napi_value SocketName(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  Address address;
  const Result result = GetSocketName(args.Descriptor(0), &address);
  if (result >= 0) args.scratch().SetSource(address);
  return args.Return(result);
}

// getpeername(fd); the address is in the scratch.
napi_value PeerName(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  Address address;
  const Result result = GetPeerName(args.Descriptor(0), &address);
  if (result >= 0) args.scratch().SetSource(address);
  return args.Return(result);
}

// getsockoptInt(fd, level, option, bytes, width): 0 or -errno; `bytes` receives the number.
napi_value GetOptionInt(napi_env env, napi_callback_info info) {
  const Arguments<5> args(env, info);
  ByteSpan span;
  const int width = args.Int(4);
  if (!ReadBytes(env, args.value(3), &span) || width < 0 ||
      static_cast<size_t>(width) > span.length) {
    return args.Return(-EFAULT);
  }
  memset(span.data, 0, span.length);
  const Result result = GetOption(args.Descriptor(0), args.Int(1), args.Int(2), span.data,
                                  static_cast<socklen_t>(width));
  return args.Return(result < 0 ? result : 0);
}

// getsockopt(fd, level, option, length): a Buffer or -errno
napi_value GetOptionBytes(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  std::vector<uint8_t> value(static_cast<size_t>(std::clamp(args.Int(3), 0, 1 << 20)));
  const Result result = GetOption(args.Descriptor(0), args.Int(1), args.Int(2), value.data(),
                                  static_cast<socklen_t>(value.size()));
  if (result < 0) return args.Return(result);
  return MakeBuffer(env, value.data(), std::min(value.size(), static_cast<size_t>(result)));
}

// setsockoptInt(fd, level, option, number)
napi_value SetOptionInt(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  const int value = args.Int(3);
  return args.Return(
      SetOption(args.Descriptor(0), args.Int(1), args.Int(2), &value, sizeof(value)));
}

// setsockopt(fd, level, option, bytes)
napi_value SetOptionBytes(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  ByteSpan span;
  if (!ReadBytes(env, args.value(3), &span)) return args.Return(-EFAULT);
  // A socklen_t would cut it, and the kernel takes no such lengths.
  if (span.length > INT32_MAX) return args.Return(-EINVAL);
  return args.Return(SetOption(args.Descriptor(0), args.Int(1), args.Int(2), span.data,
                               static_cast<socklen_t>(span.length)));
}

// setsockoptNull(fd, level, option, length): no value, only a length
napi_value SetOptionNull(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  return args.Return(SetOption(args.Descriptor(0), args.Int(1), args.Int(2), nullptr,
                               static_cast<socklen_t>(args.Int(3))));
}

// encodeAddress(fd, family, proto, address): 0 with the address in the scratch, or an error.
napi_value EncodeAddress(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  const SocketIdentity socket = {args.Descriptor(0), args.Int(1), args.Int(2)};
  Address address;
  const AddressError error = ParseAddress(socket, JavaScriptToFields(env, args.value(3)), &address);
  if (!error.ok()) return AddressErrorToJavaScript(env, error);
  Scratch& scratch = args.scratch();
  memcpy(scratch.target, address.bytes, sizeof(scratch.target));
  scratch.target_length = static_cast<int32_t>(address.length);
  return args.Return(0);
}

// decodeAddress(fd, family, proto): the address in the scratch. What cannot be decoded gives its
// error instead, and a source_length of -1.
napi_value DecodeAddress(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  const SocketIdentity socket = {args.Descriptor(0), args.Int(1), args.Int(2)};
  AddressFields fields;
  const AddressError error = FormatAddress(socket, args.scratch().Source(), &fields);
  if (error.ok()) return FieldsToJavaScript(env, fields);
  args.scratch().source_length = -1;
  return AddressErrorToJavaScript(env, error);
}

// knowsFamily(family): whether there is a codec for it
napi_value KnowsFamily(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  napi_value result = nullptr;
  napi_get_boolean(env, FindFamily(args.Int(0)) != nullptr, &result);
  return result;
}

// strerror(errno)
napi_value ErrorText(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return MakeString(env, strerror(args.Int(0)));
}

}  // namespace berkeley
