// Socket options whose value is a structure with addresses or pointers in it.
#include "core/structured_options.h"

#include "binding/arguments.h"
#include "binding/functions.h"

namespace berkeley {

namespace {

constexpr size_t kInstructionBytes = 8;

}  // namespace

// attachFilter(fd, level, option, instructions): 0 or -errno
napi_value AttachFilterProgram(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  ByteSpan span;
  if (!ReadBytes(env, args.value(3), &span)) return args.Return(-EFAULT);
  return args.Return(AttachFilter(args.Descriptor(0), args.Int(1), args.Int(2), span.data,
                                  span.length / kInstructionBytes));
}

// changeMembership(fd, level, option, interface, group, source): 0 or -errno; the addresses are
// bytes, a source of none is no source.
napi_value ChangeGroupMembership(napi_env env, napi_callback_info info) {
  const Arguments<6> args(env, info);
  ByteSpan group;
  ByteSpan source;
  if (!ReadBytes(env, args.value(4), &group) || !ReadBytes(env, args.value(5), &source)) {
    return args.Return(-EFAULT);
  }
  return args.Return(ChangeMembership(args.Descriptor(0), args.Int(1), args.Int(2),
                                      static_cast<uint32_t>(args.Int(3)),
                                      {group.data, group.length}, {source.data, source.length}));
}

}  // namespace berkeley
