// Several messages in one system call: recvmmsg(2) and sendmmsg(2).
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "core/result.h"
#include "core/wait.h"

namespace berkeley {

// One message of a batch: where its bytes and its control messages lie in the batch's memory. Its
// address lies behind all entries, so that what is read and written for each message is small.
// lib/socket/batch.ts has the same layout.
struct BatchEntry {
  int32_t offset;          // of its bytes
  int32_t room;            // for receiving; when sending, how many bytes to send
  int32_t length;          // how many bytes were received or sent
  int32_t flags;           // msg_flags of a received message
  int32_t name_length;     // of the address; 0 for none
  int32_t control_offset;  // of its control messages
  int32_t control_room;    // for receiving; when sending, how many bytes there are
  int32_t control_length;  // bytes of control messages received
};

constexpr size_t kAddressRoom = sizeof(sockaddr_storage);

// Messages and the memory they lie in, all of it somebody else's.
struct Batch {
  BatchEntry* entries;
  size_t count;
  uint8_t* addresses;  // kAddressRoom for each entry
  uint8_t* data;
  size_t data_length;
  uint8_t* control;
  size_t control_length;

  // Whether everything that the entries name lies within the memory.
  bool IsSound() const;
};

// The most messages that the kernel takes at once (UIO_MAXIOV).
constexpr size_t kMostMessages = 1024;

// Waits for the first message and takes those that are there then. The number of messages.
Result ReceiveBatch(const WaitPolicy& policy, int fd, const Batch& batch, int flags,
                    Timeout timeout);

// Sends messages until all are gone, or one fails or would have to wait longer than it may: how
// many went. An error is that of the first message; a later one is the next call's.
Result SendBatch(const WaitPolicy& policy, int fd, const Batch& batch, int flags, Timeout timeout);

}  // namespace berkeley
