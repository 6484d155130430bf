// Copies descriptors for as long as calls wait.
#include "core/held_descriptor.h"

#include "core/descriptor.h"

namespace berkeley {

HeldDescriptor::~HeldDescriptor() {
  if (copy_ >= 0) Close(copy_);
}

void HeldDescriptor::Hold() {
  if (is_held_) return;
  is_held_ = true;
  const Result copy = Duplicate(number_);
  if (copy >= 0) {
    copy_ = static_cast<int>(copy);
  } else {
    socket_ = SocketNumber(number_);
  }
}

bool HeldDescriptor::IsLost() const {
  if (!is_held_) return false;
  const Result before = copy_ >= 0 ? SocketNumber(copy_) : socket_;
  if (before < 0) return before == -EBADF;
  const Result now = SocketNumber(number_);
  return now >= 0 ? now != before : now == -EBADF || now == -ENOTSOCK;
}

}  // namespace berkeley
