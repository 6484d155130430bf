// The calls of a server's workers: they take requests and live no longer than the server.
#include "core/channel.h"

#include "binding/arguments.h"
#include "binding/functions.h"

namespace berkeley {

// take(fd, bytes): the length of the message. A descriptor in it is owned before JavaScript knows
// of it, so that it is closed even if the worker is terminated this very moment.
napi_value TakeRequest(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  ByteSpan span;
  if (!ReadBytes(env, args.value(1), &span)) return args.Return(-EFAULT);
  const Result result = TakeMessage(args.Descriptor(0), span.data, span.length);
  if (result > 0) {
    args.environment().Own(DescriptorOf(span.data, static_cast<size_t>(result)));
  }
  return args.Return(result);
}

// signalAtParentsEnd(signal)
napi_value SignalAtEnd(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(SignalAtParentsEnd(args.Int(0)));
}

}  // namespace berkeley
