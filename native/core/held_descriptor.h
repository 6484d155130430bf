// The descriptor of a call that may wait, which stays the same file however long it waits.
#pragma once

#include "core/result.h"

namespace berkeley {

// While one thread waits, another one may close the number, and the next file that anybody in the
// process opens gets it. A call that has to wait therefore goes on with a copy of its own.
class HeldDescriptor {
 public:
  explicit HeldDescriptor(int fd) : number_(fd) {}
  ~HeldDescriptor();
  HeldDescriptor(const HeldDescriptor&) = delete;
  HeldDescriptor& operator=(const HeldDescriptor&) = delete;

  // What system calls take: the number, or the copy.
  int fd() const { return copy_ >= 0 ? copy_ : number_; }

  // Call before a wait. Where no copy can be had (EMFILE), the number goes on being used, and
  // IsLost() has to be asked before each use.
  void Hold();
  bool has_copy() const { return copy_ >= 0; }

  // Whether the number was closed since Hold(), be it in use again or not.
  bool IsLost() const;

 private:
  const int number_;
  int copy_ = -1;
  bool is_held_ = false;
  // Where there is no copy, the number of the socket, or -errno.
  Result socket_ = -1;
};

}  // namespace berkeley
