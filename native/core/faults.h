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
  // Whether system calls go unharmed and uncounted for now: they are those of a test's own.
  bool is_held = false;
};

inline thread_local Fault fault;

// The error that this call has to give, negative; 0 for none.
inline int64_t TakeFault() {
  if (fault.is_held || fault.error == 0 || fault.countdown < 0) return 0;
  if (fault.countdown-- > 0) return 0;
  fault.happened = true;
  return -static_cast<int64_t>(fault.error);
}

// How many bytes or messages this call moves at most.
inline size_t ShortLength(size_t length) {
  if (fault.is_held || fault.error != 0 || fault.countdown < 0 || length < 2) return length;
  if (fault.countdown-- > 0) return length;
  fault.happened = true;
  return length / 2;
}

// Takes the fault of the thread that asks along to the one that answers: a look-up is that of its
// caller, although a thread of a pool makes it.
class CarriedFault {
 public:
  CarriedFault() : fault_(fault) {}

  // On the other thread, around its system calls.
  void Begin() { fault = fault_; }
  void End() {
    fault_ = fault;
    fault = {};
  }

  // On the first thread, unless its fault was taken away meanwhile.
  void Return() const {
    if (fault.countdown >= 0) fault = fault_;
  }

 private:
  Fault fault_;
};

#else

inline int64_t TakeFault() { return 0; }
inline size_t ShortLength(size_t length) { return length; }

class CarriedFault {
 public:
  void Begin() {}
  void End() {}
  void Return() const {}
};

#endif

}  // namespace berkeley
