// Waiting for many descriptors at once, for JavaScript: what is asked and answered is in its
// memory.
#include "binding/arguments.h"
#include "binding/functions.h"
#include "core/multiplex.h"

namespace berkeley {

namespace {

// A count of items of `size` bytes that starts an array; no more than there are in the memory.
size_t CountIn(const ByteSpan& memory, int64_t count, size_t size) {
  return std::min(static_cast<size_t>(std::max<int64_t>(count, 0)), memory.length / size);
}

}  // namespace

// select(memory, reads, writes, exceptions, timeout): the memory has so many descriptors in this
// order, each of which becomes 1 or 0.
napi_value SelectAny(napi_env env, napi_callback_info info) {
  const Arguments<5> args(env, info);
  ByteSpan memory;
  if (!ReadBytes(env, args.value(0), &memory)) return args.Return(-EFAULT);
  const size_t room = memory.length / sizeof(int32_t);
  const size_t reads = CountIn(memory, args.Long(1), sizeof(int32_t));
  const size_t writes = std::min(CountIn(memory, args.Long(2), sizeof(int32_t)), room - reads);
  const size_t exceptions =
      std::min(CountIn(memory, args.Long(3), sizeof(int32_t)), room - reads - writes);
  return args.Return(SelectDescriptors(args.policy(), reinterpret_cast<int32_t*>(memory.data),
                                       reads, writes, exceptions, args.Milliseconds(4)));
}

// poll(memory, count, timeout): the memory has so many `struct pollfd`.
napi_value PollAny(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  ByteSpan memory;
  if (!ReadBytes(env, args.value(0), &memory)) return args.Return(-EFAULT);
  const size_t count = CountIn(memory, args.Long(1), sizeof(pollfd));
  return args.Return(PollDescriptors(args.policy(), reinterpret_cast<pollfd*>(memory.data), count,
                                     args.Milliseconds(2)));
}

// epollOpen(): a descriptor
napi_value OpenEpoll(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(EpollOpen());
}

// ownEpoll(fd)
napi_value OwnEpoll(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  args.environment().OwnEpoll(args.Descriptor(0));
  return nullptr;
}

// epollControl(set, operation, fd, events): 0 or -errno
napi_value ControlEpoll(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  const int operation = args.Int(1);
  if (operation < 0 || operation > static_cast<int>(EpollOperation::kRemove)) {
    return args.Return(-EINVAL);
  }
  return args.Return(EpollControl(args.Descriptor(0), static_cast<EpollOperation>(operation),
                                  args.Descriptor(2), static_cast<uint32_t>(args.Long(3))));
}

// epollWait(memory, set, most, timeout): the memory then begins with pairs of descriptor and
// events.
napi_value WaitForEpoll(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  ByteSpan memory;
  if (!ReadBytes(env, args.value(0), &memory)) return args.Return(-EFAULT);
  return args.Return(EpollWait(args.policy(), args.Descriptor(1), memory.data, memory.length,
                               args.Int(2), args.Milliseconds(3)));
}

}  // namespace berkeley
