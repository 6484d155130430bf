// The checksum of the Internet's protocols.
#pragma once

#include <cstddef>
#include <cstdint>

namespace berkeley {

// The complement of the one's complement sum of 16-bit words in network order (RFC 1071). An odd
// last byte counts as if a zero followed. `initial` is a sum to begin with, that of a
// pseudo-header.
uint16_t InternetChecksum(const void* data, size_t length, uint16_t initial);

}  // namespace berkeley
