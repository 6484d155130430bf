// Several messages in one system call, on the one rule of wait.h.
#include "core/batch.h"

#include <sys/uio.h>

#include <algorithm>
#include <memory>
#include <new>

#include "core/descriptor.h"
#include "core/system_calls.h"

namespace berkeley {

namespace {

bool Lies(int32_t offset, int32_t length, size_t memory) {
  return offset >= 0 && length >= 0 &&
         static_cast<size_t>(offset) + static_cast<size_t>(length) <= memory;
}

// A batch as the kernel wants it: a usual one on the stack, a large one on the heap.
class Headers {
 public:
  explicit Headers(size_t count) {
    if (count <= kUsual) return;
    more_messages_.reset(new (std::nothrow) MessageHeader[count]);
    more_vectors_.reset(new (std::nothrow) iovec[count]);
    messages_ = more_messages_.get();
    vectors_ = more_vectors_.get();
  }

  bool ok() const { return messages_ != nullptr && vectors_ != nullptr; }
  MessageHeader* messages() { return messages_; }

  // Points to `count` messages from `first` on. Received ones have room for any address.
  void Fill(const Batch& batch, size_t first, size_t count, bool receives) {
    for (size_t index = 0; index < count; ++index) {
      const BatchEntry& entry = batch.entries[first + index];
      uint8_t* address = batch.addresses + (first + index) * kAddressRoom;
      iovec& vector = vectors_[index];
      vector = {batch.data + entry.offset, static_cast<size_t>(entry.room)};
      msghdr header = {};
      header.msg_name = receives || entry.name_length > 0 ? address : nullptr;
      header.msg_namelen = receives ? kAddressRoom : static_cast<socklen_t>(entry.name_length);
      header.msg_iov = &vector;
      header.msg_iovlen = 1;
      header.msg_control = entry.control_room > 0 ? batch.control + entry.control_offset : nullptr;
      header.msg_controllen = static_cast<decltype(header.msg_controllen)>(entry.control_room);
      messages_[index] = {header, 0};
    }
  }

 private:
  static constexpr size_t kUsual = 64;

  MessageHeader usual_messages_[kUsual];
  iovec usual_vectors_[kUsual];
  std::unique_ptr<MessageHeader[]> more_messages_;
  std::unique_ptr<iovec[]> more_vectors_;
  MessageHeader* messages_ = usual_messages_;
  iovec* vectors_ = usual_vectors_;
};

}  // namespace

bool Batch::IsSound() const {
  return std::all_of(entries, entries + count, [this](const BatchEntry& entry) {
    return Lies(entry.offset, entry.room, data_length) &&
           Lies(entry.control_offset, entry.control_room, control_length) &&
           Lies(0, entry.name_length, kAddressRoom);
  });
}

Result ReceiveBatch(const WaitPolicy& policy, int fd, const Batch& batch, int flags,
                    Timeout timeout) {
  const size_t count = std::min(batch.count, kMostMessages);
  Headers headers(count);
  if (!headers.ok()) return -ENOMEM;
  HeldDescriptor held(fd);
  // A call that fails has changed nothing of it: one that has received a message does not fail.
  headers.Fill(batch, 0, count, true);
  const auto attempt = [&](int number, bool must_not_block) {
    // Descriptors that come along are close-on-exec from birth.
    const int all_flags = flags | MSG_CMSG_CLOEXEC | (must_not_block ? MSG_DONTWAIT : 0);
    const auto receive = [&](int part_flags) {
      return Retry([&] {
        return SystemReceiveMany(number, headers.messages(), static_cast<unsigned>(count),
                                 part_flags);
      });
    };
    const Result result = receive(all_flags);
    if (result != -EINVAL || !IsPacketSocket(number)) return result;
    return receive(all_flags & ~MSG_CMSG_CLOEXEC);
  };
  const bool is_direct = !IsAttempt(timeout) && NeverWaits(flags, timeout);
  Result result =
      is_direct ? attempt(fd, false) : Wait(policy, &held, ReadEvents(flags), timeout, attempt);
  if (result == kShut) {
    // What a blocking call gives at the end: a message without anything in it.
    headers.messages()[0].msg_len = 0;
    headers.messages()[0].msg_hdr = {};
    result = 1;
  }
  for (size_t index = 0; result > 0 && index < static_cast<size_t>(result); ++index) {
    const MessageHeader& message = headers.messages()[index];
    BatchEntry& entry = batch.entries[index];
    entry.length = static_cast<int32_t>(message.msg_len);
    entry.flags = message.msg_hdr.msg_flags & ~(MSG_CMSG_CLOEXEC & ~flags);
    entry.name_length = static_cast<int32_t>(message.msg_hdr.msg_namelen);
    entry.control_length = static_cast<int32_t>(message.msg_hdr.msg_controllen);
  }
  return result;
}

Result SendBatch(const WaitPolicy& policy, int fd, const Batch& batch, int flags, Timeout timeout) {
  Headers headers(std::min(batch.count, kMostMessages));
  if (!headers.ok()) return -ENOMEM;
  const bool is_direct = !IsAttempt(timeout) && NeverWaits(flags, timeout);
  HeldDescriptor held(fd);
  size_t sent = 0;
  while (sent < batch.count) {
    const size_t count = std::min(batch.count - sent, kMostMessages);
    headers.Fill(batch, sent, count, false);
    const auto attempt = [&](int number, bool must_not_block) {
      const int all_flags = flags | MSG_NOSIGNAL | (must_not_block ? MSG_DONTWAIT : 0);
      return Retry([&] {
        return SystemSendMany(number, headers.messages(), static_cast<unsigned>(count), all_flags);
      });
    };
    const Result result =
        is_direct ? attempt(fd, false) : Wait(policy, &held, POLLOUT, timeout, attempt);
    if (result <= 0) {
      policy.interrupted = result == -EINTR && sent > 0;
      return sent > 0 ? static_cast<Result>(sent) : result;
    }
    for (size_t index = 0; index < static_cast<size_t>(result); ++index) {
      batch.entries[sent + index].length = static_cast<int32_t>(headers.messages()[index].msg_len);
    }
    sent += static_cast<size_t>(result);
    // With a timeout, or without waiting, what went is the answer. So it is where a message went
    // in part, which only the last one can (a stream).
    const BatchEntry& last = batch.entries[sent - 1];
    if (timeout >= 0 || IsAttempt(timeout) || last.length < last.room) break;
  }
  return static_cast<Result>(sent);
}

}  // namespace berkeley
