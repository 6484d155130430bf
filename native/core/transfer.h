// The calls that may wait: receiving, sending, accepting, connecting.
//
// Each gives what the system call gives, kTimedOut after the timeout, or kStopped when the
// environment that waits is being torn down. No call raises SIGPIPE.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include "core/address.h"
#include "core/wait.h"

namespace berkeley {

Result Receive(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
               Timeout timeout);
// `address->length` is 0 afterwards where the kernel names no sender.
Result ReceiveFrom(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
                   Timeout timeout, Address* address);
// recvmsg(2); the message's own lengths tell what came.
Result ReceiveMessage(const WaitPolicy& policy, int fd, msghdr* message, int flags,
                      Timeout timeout);

Result Send(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
            Timeout timeout);
Result SendTo(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
              Timeout timeout, const void* address, socklen_t address_length);
// sendmsg(2). The vectors and the control part of `message` are used up.
Result SendMessage(const WaitPolicy& policy, int fd, msghdr* message, int flags, Timeout timeout);

// The new descriptor, close-on-exec, in blocking mode.
Result Accept(const WaitPolicy& policy, int fd, Timeout timeout, Address* address);

// 0, or -EINPROGRESS where a non-blocking socket has only begun.
Result Connect(const WaitPolicy& policy, int fd, const Address& address, Timeout timeout);

// Sends up to `count` bytes of the file from `offset` on, once: what was sent, 0 at its end.
Result SendFile(const WaitPolicy& policy, int fd, int file, off_t offset, size_t count,
                Timeout timeout);

// Waits until the descriptor is ready for `events` of poll(2): 1.
Result WaitFor(const WaitPolicy& policy, int fd, short events, Timeout timeout);

// Datagrams of one sender that the kernel put together (UDP GRO). `segment_size` becomes the size
// of each but the last; it is the result where nothing was put together.
Result ReceiveSegments(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
                       Timeout timeout, Address* address, int32_t* segment_size);

// Datagrams of `segment_size` bytes out of one buffer (UDP GSO), all in one call.
Result SendSegments(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
                    Timeout timeout, const Address& address, uint16_t segment_size);

}  // namespace berkeley
