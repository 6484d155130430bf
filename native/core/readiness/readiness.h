// The set of watched descriptors: what became readable or writable since it was last asked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/result.h"

namespace berkeley {

// One descriptor that became ready: three words, which JavaScript reads.
struct ReadyEvent {
  // What was added, and what it was added with.
  uint32_t fd;
  uint32_t token;
  // kReadable and kWritable; an error or a hang-up is both, so that whoever waits learns of it.
  uint32_t events;
};

constexpr uint32_t kReadable = 1;
constexpr uint32_t kWritable = 2;
// Besides kReadable: there is more than data, such as the peer's end, an error or urgent data.
constexpr uint32_t kUnusual = 4;

// What each platform supplies. Edge-triggered: an event comes once for each change, so that a
// descriptor is added once and never touched again.
class ReadinessSet {
 public:
  ReadinessSet() = default;
  ~ReadinessSet();
  ReadinessSet(const ReadinessSet&) = delete;
  ReadinessSet& operator=(const ReadinessSet&) = delete;

  // 0 or -errno.
  Result Open();
  // The descriptor that is readable while there are events; -1 before Open().
  int fd() const { return fd_; }

  // Watches a descriptor in both directions. -EEXIST if it is in the set already, -EPERM for what
  // cannot be watched (a regular file).
  Result Add(int fd, uint32_t token);
  // Gives a descriptor that is in the set another token, and reports its readiness anew.
  Result Renew(int fd, uint32_t token);
  Result Remove(int fd);

  // Takes up to `room` events, waiting for the first one up to `timeout` milliseconds (-1 for
  // ever): how many there were, or -errno.
  Result Take(ReadyEvent* events, size_t room, int timeout);

 private:
  int fd_ = -1;
};

}  // namespace berkeley
