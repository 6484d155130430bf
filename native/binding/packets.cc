// What raw sockets need besides bytes: checksums.
#include "binding/arguments.h"
#include "binding/functions.h"
#include "core/checksum.h"

namespace berkeley {

// checksum(bytes, initial): the checksum, or -errno
napi_value Checksum(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  ByteSpan span;
  if (!ReadBytes(env, args.value(0), &span)) return args.Return(-EFAULT);
  const auto initial = static_cast<uint16_t>(args.Int(1));
  return args.Return(InternetChecksum(span.data, span.length, initial));
}

}  // namespace berkeley
