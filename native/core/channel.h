// The channel on which a server's idle workers wait for requests: one message is one request.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/result.h"

namespace berkeley {

// The first word of a message is the number of the descriptor that the request is about, or one of
// these.
using FirstWord = int32_t;
// There is none, or it belongs to nobody here.
constexpr FirstWord kNoDescriptor = -1;
// It came as SCM_RIGHTS; whoever takes the message gets its number here. It stays this where the
// receiver's table of descriptors is full: the kernel then drops the descriptor (unix(7)).
constexpr FirstWord kPassedDescriptor = -2;

// Receives one message into `data`. It blocks for as long as the socket's own SO_RCVTIMEO says, in
// the system call itself: of all that block there the kernel wakes a single one for a message,
// while poll(2) would wake them all. Gives the message's length, 0 when the other end is closed,
// -EAGAIN or -EINTR when nothing came.
Result TakeMessage(int fd, uint8_t* data, size_t length);

// The descriptor that a taken message is about; -1 for none.
int DescriptorOf(const uint8_t* data, size_t length);

// Asks the kernel to send this process a signal when the thread that started it ends: a server that
// is killed leaves no children behind. 0, or -errno where the system cannot.
Result SignalAtParentsEnd(int signal);

}  // namespace berkeley
