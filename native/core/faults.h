// Which system call fails on purpose: in the build that tests errors, and in no other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace berkeley {

#ifdef BERKELEY_SOCKETS_FAULTS

// What is wrong with one system call of this thread.
struct Fault {
  // How many system calls are made before it; negative when there is none to come.
  int64_t countdown = -1;
  // The error number that the call gives instead of being made; 0 makes a transfer short instead.
  int error = 0;
  // Whether it has happened.
  bool happened = false;
};

inline thread_local Fault fault;

// The error that this call has to give, negative; 0 for none.
inline int64_t TakeFault() {
  if (fault.error == 0 || fault.countdown < 0 || fault.countdown-- > 0) return 0;
  fault.happened = true;
  return -static_cast<int64_t>(fault.error);
}

// How many bytes this call moves at most.
inline size_t ShortLength(size_t length) {
  if (fault.error != 0 || fault.countdown < 0 || length < 2 || fault.countdown-- > 0) return length;
  fault.happened = true;
  return length / 2;
}

#else

inline int64_t TakeFault() { return 0; }
inline size_t ShortLength(size_t length) { return length; }

#endif

}  // namespace berkeley
