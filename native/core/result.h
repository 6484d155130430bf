// What a system call gave: a value, or -errno. The only place that reads errno.
#pragma once

#include <cerrno>
#include <cstdint>

#include "core/faults.h"

namespace berkeley {

// A value of zero or more, or -errno, or one of the numbers below.
using Result = int64_t;

// The deadline passed.
constexpr Result kTimedOut = -100'000;
// The environment that waits is being torn down.
constexpr Result kStopped = -100'001;
// Nothing comes any more: the socket was shut down for reading. No call of this library gives it.
constexpr Result kShut = -100'002;

// Makes a system call once.
template <typename Call>
inline Result Once(Call call) {
  if (const Result injected = TakeFault(); injected != 0) return injected;
  const auto value = call();
  return value < 0 ? -static_cast<Result>(errno) : static_cast<Result>(value);
}

// Makes a system call that others rely on whatever it answers: it gives something up, or puts it
// back as it was. Where a fault is injected it is made all the same.
template <typename Call>
inline Result Always(Call call) {
  const Result injected = TakeFault();
  const auto value = call();
  if (injected != 0) return injected;
  return value < 0 ? -static_cast<Result>(errno) : static_cast<Result>(value);
}

// Makes a system call whose work goes on in the kernel after a signal has interrupted it, even one
// that is injected.
template <typename Call>
inline Result Begin(Call call) {
  const Result injected = TakeFault();
  if (injected != 0 && injected != -EINTR) return injected;
  const auto value = call();
  if (injected != 0) return injected;
  return value < 0 ? -static_cast<Result>(errno) : static_cast<Result>(value);
}

// Makes a system call again for as long as signals interrupt it (PEP 475).
template <typename Call>
inline Result Retry(Call call) {
  Result result;
  do {
    result = Once(call);
  } while (result == -EINTR);
  return result;
}

inline bool WouldBlock(Result result) { return result == -EAGAIN || result == -EWOULDBLOCK; }

// For libc functions that report through errno while they answer with something other than -1.
inline void ClearErrno() { errno = 0; }
inline int LastErrno() { return errno; }

}  // namespace berkeley
