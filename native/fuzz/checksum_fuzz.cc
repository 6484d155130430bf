// Fuzzes the Internet checksum against a plain sum of words.
#include <fuzzer/FuzzedDataProvider.h>

#include "core/checksum.h"

namespace {

uint16_t PlainChecksum(const std::vector<uint8_t>& bytes, uint16_t initial) {
  uint64_t sum = initial;
  for (size_t index = 0; index < bytes.size(); index += 2) {
    const unsigned low = index + 1 < bytes.size() ? bytes[index + 1] : 0;
    sum += static_cast<uint64_t>(bytes[index]) << 8 | low;
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  const uint16_t initial = provider.ConsumeIntegral<uint16_t>();
  const std::vector<uint8_t> bytes = provider.ConsumeRemainingBytes<uint8_t>();
  const uint16_t sum = berkeley::InternetChecksum(bytes.data(), bytes.size(), initial);
  if (sum != PlainChecksum(bytes, initial)) __builtin_trap();
  return 0;
}
