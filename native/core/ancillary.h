// Control messages of sendmsg(2) and recvmsg(2): the buffer they travel in.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace berkeley {

// One control message; `data` belongs to somebody else.
struct AncillaryItem {
  int level;
  int type;
  const uint8_t* data;
  size_t length;
};

// How much room the items take together; -EMSGSIZE when one or all of them are too large for a
// socklen_t.
int64_t AncillaryRoom(const std::vector<AncillaryItem>& items);

// Lays the items out, with zeroed padding, in memory with room for them.
void LayOutAncillary(const std::vector<AncillaryItem>& items, uint8_t* memory);

// The received messages that are in the memory, the last one cut where the bytes end. `malformed`
// tells that a header claims more than there is; what follows it is dropped.
std::vector<AncillaryItem> WalkAncillary(const uint8_t* memory, size_t length, bool* malformed);

// Closes every descriptor that came as SCM_RIGHTS.
void CloseAncillaryDescriptors(const uint8_t* memory, size_t length);

// Aligned memory for control messages, reused from call to call.
class AncillaryBuffer {
 public:
  // Lays the items out with zeroed padding. 0, or -EMSGSIZE when one or all of them are too large
  // for a socklen_t, or -ENOMEM.
  int Build(const std::vector<AncillaryItem>& items);

  // Makes room for `length` bytes that the kernel will fill. 0 or -ENOMEM.
  int Reserve(size_t length);

  // The received messages that are in the first `length` bytes.
  std::vector<AncillaryItem> Walk(size_t length, bool* malformed) const {
    return WalkAncillary(bytes(), length < size_ ? length : size_, malformed);
  }
  void CloseDescriptors(size_t length) const {
    CloseAncillaryDescriptors(bytes(), length < size_ ? length : size_);
  }

  void* data() { return memory_.get(); }
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(memory_.get()); }
  size_t size() const { return size_; }

 private:
  std::unique_ptr<uint64_t[]> memory_;
  size_t capacity_ = 0;
  size_t size_ = 0;
};

// CMSG_LEN(3) and CMSG_SPACE(3); -1 when the length is negative or the result, with the most
// padding that there can be, passes 2**31-1.
int64_t AncillaryLength(int64_t length);
int64_t AncillarySpace(int64_t length);

}  // namespace berkeley
