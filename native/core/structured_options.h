// Socket options whose value is a structure with addresses or pointers in it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/result.h"

namespace berkeley {

// Attaches a program of classic BPF: `count` instructions of eight bytes (struct sock_filter). The
// kernel copies them during the call.
Result AttachFilter(int fd, int level, int option, const void* instructions, size_t count);

// The bytes of an address of IPv4 (4) or IPv6 (16).
struct RawAddress {
  const uint8_t* bytes;
  size_t length;
};

// Joins or leaves a multicast group on an interface, 0 for the one that the routes say (RFC 3678).
// With a source whose length is not 0 it is about what that one sends.
Result ChangeMembership(int fd, int level, int option, uint32_t interface_index, RawAddress group,
                        RawAddress source);

}  // namespace berkeley
