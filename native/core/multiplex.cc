// Waiting for many descriptors at once with select(2) and poll(2).
#include "core/multiplex.h"

#include <fcntl.h>
#include <sys/select.h>

#include <algorithm>
#include <climits>
#include <vector>

namespace berkeley {

namespace {

// Three sets of descriptors as select(2) takes them. The kernel takes longer ones than `fd_set`,
// which ends at 1024.
class SelectSets {
 public:
  using Word = unsigned long;
  static constexpr int kBits = sizeof(Word) * CHAR_BIT;
  static constexpr size_t kCount = 3;

  explicit SelectSets(int highest)
      : length_(static_cast<size_t>(highest / kBits) + 1), words_(kCount * length_) {}

  void Add(size_t set, int fd) { words_[Index(set, fd)] |= Bit(fd); }
  bool Has(size_t set, int fd) const { return (words_[Index(set, fd)] & Bit(fd)) != 0; }
  void CopyFrom(const SelectSets& other) {
    std::copy(other.words_.begin(), other.words_.end(), words_.begin());
  }
  fd_set* Pointer(size_t set) { return reinterpret_cast<fd_set*>(&words_[set * length_]); }

 private:
  const size_t length_;
  std::vector<Word> words_;

  size_t Index(size_t set, int fd) const { return set * length_ + static_cast<size_t>(fd / kBits); }
  static Word Bit(int fd) { return Word{1} << (fd % kBits); }
};

}  // namespace

Result SelectDescriptors(const WaitPolicy& policy, int32_t* fds, size_t reads, size_t writes,
                         size_t exceptions, Timeout timeout) {
  const size_t ends[] = {reads, reads + writes, reads + writes + exceptions};
  const size_t count = ends[2];
  int highest = -1;
  for (size_t index = 0; index < count; ++index) {
    const int fd = fds[index];
    if (fd < 0) return -EBADF;
    // The kernel overlooks what is beyond the process's table, and would leave it marked as ready.
    const bool is_unusual = fd >= static_cast<int>(FD_SETSIZE);
    if (is_unusual && Retry([&] { return fcntl(fd, F_GETFD); }) < 0) return -EBADF;
    highest = std::max(highest, fd);
  }
  SelectSets asked(std::max(highest, 0));
  size_t set = 0;
  for (size_t index = 0; index < count; ++index) {
    while (index >= ends[set]) ++set;
    asked.Add(set, fds[index]);
  }
  SelectSets answer(std::max(highest, 0));
  const Result result = WaitForAny(policy, timeout, [&](int milliseconds) {
    answer.CopyFrom(asked);
    timeval limit = {milliseconds / 1000, (milliseconds % 1000) * 1000};
    return select(highest + 1, answer.Pointer(0), answer.Pointer(1), answer.Pointer(2),
                  milliseconds < 0 ? nullptr : &limit);
  });
  if (result < 0) return result;
  set = 0;
  for (size_t index = 0; index < count; ++index) {
    while (index >= ends[set]) ++set;
    fds[index] = answer.Has(set, fds[index]) ? 1 : 0;
  }
  return result;
}

Result PollDescriptors(const WaitPolicy& policy, pollfd* entries, size_t count, Timeout timeout) {
  return WaitForAny(policy, timeout, [&](int milliseconds) {
    return poll(entries, static_cast<nfds_t>(count), milliseconds);
  });
}

}  // namespace berkeley
