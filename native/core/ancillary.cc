// Lays control messages out for sendmsg(2) and reads those of recvmsg(2), whatever they claim.
#include "core/ancillary.h"

#include <unistd.h>

#include <cstring>
#include <new>

#include "core/result.h"

namespace berkeley {

namespace {

// The kernel takes and gives lengths as socklen_t, of which negative values mean errors.
constexpr int64_t kMaxLength = INT32_MAX;

// Header and padding as the C library lays them out; macOS aligns to 4 bytes, Linux to a word.
constexpr size_t kHeaderLength = CMSG_LEN(0);
constexpr size_t kAlignment = CMSG_SPACE(1) - CMSG_SPACE(0);

// Memory past this is given back by the next call that needs less.
constexpr size_t kKeptCapacity = 65'536;

}  // namespace

int AncillaryBuffer::Reserve(size_t length) {
  const size_t words = length / sizeof(uint64_t) + (length % sizeof(uint64_t) != 0);
  const size_t capacity = words * sizeof(uint64_t);
  if (capacity > capacity_ || capacity_ > kKeptCapacity) {
    size_ = 0;
    capacity_ = 0;
    memory_.reset(new (std::nothrow) uint64_t[words]);
    if (memory_ == nullptr) return -ENOMEM;
    capacity_ = capacity;
  }
  size_ = length;
  return 0;
}

int AncillaryBuffer::Build(const std::vector<AncillaryItem>& items) {
  const int64_t total = AncillaryRoom(items);
  if (total < 0) return static_cast<int>(total);
  const int reserved = Reserve(static_cast<size_t>(total));
  if (reserved < 0) return reserved;
  if (total > 0) LayOutAncillary(items, reinterpret_cast<uint8_t*>(memory_.get()));
  return 0;
}

int64_t AncillaryRoom(const std::vector<AncillaryItem>& items) {
  int64_t total = 0;
  for (const AncillaryItem& item : items) {
    const int64_t space =
        item.length <= kMaxLength ? AncillarySpace(static_cast<int64_t>(item.length)) : -1;
    if (space < 0 || total + space > kMaxLength) return -EMSGSIZE;
    total += space;
  }
  return total;
}

void LayOutAncillary(const std::vector<AncillaryItem>& items, uint8_t* memory) {
  for (const AncillaryItem& item : items) {
    const size_t padding = (kAlignment - item.length % kAlignment) % kAlignment;
    cmsghdr header = {};
    header.cmsg_len = static_cast<decltype(header.cmsg_len)>(kHeaderLength + item.length);
    header.cmsg_level = item.level;
    header.cmsg_type = item.type;
    memset(memory, 0, kHeaderLength);
    memcpy(memory, &header, sizeof(header));
    if (item.length > 0) memcpy(memory + kHeaderLength, item.data, item.length);
    memset(memory + kHeaderLength + item.length, 0, padding);
    memory += kHeaderLength + item.length + padding;
  }
}

// The macros that walk through messages trust their lengths, and some C libraries compute past the
// end with them, so the bounds are checked here.
std::vector<AncillaryItem> WalkAncillary(const uint8_t* memory, size_t length, bool* malformed) {
  std::vector<AncillaryItem> items;
  *malformed = false;
  size_t left = length;
  while (left >= kHeaderLength) {
    cmsghdr header;
    memcpy(&header, memory, sizeof(header));
    const size_t claimed = header.cmsg_len;
    *malformed = claimed < kHeaderLength || claimed > left;
    if (claimed < kHeaderLength) break;
    const size_t taken = claimed < left ? claimed : left;
    items.push_back(
        {header.cmsg_level, header.cmsg_type, memory + kHeaderLength, taken - kHeaderLength});
    // The last message may come without its padding.
    const size_t padding = (kAlignment - taken % kAlignment) % kAlignment;
    if (*malformed || left - taken < padding) break;
    memory += taken + padding;
    left -= taken + padding;
  }
  return items;
}

void CloseAncillaryDescriptors(const uint8_t* memory, size_t length) {
  bool malformed = false;
  for (const AncillaryItem& item : WalkAncillary(memory, length, &malformed)) {
    if (item.level != SOL_SOCKET || item.type != SCM_RIGHTS) continue;
    for (size_t offset = 0; offset + sizeof(int) <= item.length; offset += sizeof(int)) {
      int descriptor;
      memcpy(&descriptor, item.data + offset, sizeof(descriptor));
      Always([&] { return close(descriptor); });
    }
  }
}

int64_t AncillaryLength(int64_t length) {
  const int64_t header = static_cast<int64_t>(kHeaderLength);
  return length < 0 || length > kMaxLength - header ? -1 : length + header;
}

int64_t AncillarySpace(int64_t length) {
  const int64_t most = static_cast<int64_t>(kHeaderLength + kAlignment);
  if (length < 0 || length > kMaxLength - most) return -1;
  const int64_t alignment = static_cast<int64_t>(kAlignment);
  return static_cast<int64_t>(kHeaderLength) + (length + alignment - 1) / alignment * alignment;
}

}  // namespace berkeley
