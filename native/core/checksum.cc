// The checksum of the Internet's protocols, summed in words of 32 bits.
#include "core/checksum.h"

#include <arpa/inet.h>

#include <cstring>

namespace berkeley {

uint16_t InternetChecksum(const void* data, size_t length, uint16_t initial) {
  // The sum does not depend on the order of bytes as long as all words have the same (RFC 1071,
  // section 2B): the host's own is added up, and the result is swapped once. Carries gather in the
  // upper half, which has room for 2^32 words.
  uint64_t sum = htons(initial);
  const uint8_t* bytes = static_cast<const uint8_t*>(data);
  const uint8_t* const words_end = bytes + length / 4 * 4;
  for (; bytes != words_end; bytes += 4) {
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    sum += word;
  }
  uint32_t rest = 0;
  if (length % 4 != 0) memcpy(&rest, bytes, length % 4);
  sum += rest;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return ntohs(static_cast<uint16_t>(~sum & 0xffff));
}

}  // namespace berkeley
