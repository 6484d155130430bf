// Unit tests of the Internet's checksum.
#include "core/checksum.h"

#include <string>
#include <vector>

#include "core/test/check.h"

namespace berkeley::test {

namespace {

using Bytes = std::vector<uint8_t>;

// The definition of RFC 1071, word by word.
uint16_t Plainly(const Bytes& bytes, uint16_t initial) {
  uint64_t sum = initial;
  for (size_t index = 0; index < bytes.size(); ++index) {
    sum += index % 2 == 0 ? bytes[index] << 8 : bytes[index];
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

uint16_t Quickly(const Bytes& bytes, uint16_t initial) {
  return InternetChecksum(bytes.data(), bytes.size(), initial);
}

void CheckExamples() {
  const Bytes example = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  CheckNumber("the example of RFC 1071, section 3", 0x220d, Quickly(example, 0));
  CheckNumber("no bytes", 0xffff, Quickly({}, 0));
  CheckNumber("no bytes after a pseudo-header", 0xedcb, Quickly({}, 0x1234));
  CheckNumber("a byte", 0x54ff, Quickly({0xab}, 0));
  CheckNumber("a carry", 0, Quickly({0xff, 0xff}, 0xffff));
}

void CheckEveryLengthAndAlignment() {
  Bytes bytes;
  uint32_t state = 12345;
  for (int length = 0; length < 300; ++length) {
    for (uint16_t initial : {0, 1, 0x8000, 0xffff}) {
      const std::string name =
          std::to_string(length) + " bytes after a sum of " + std::to_string(initial);
      CheckNumber(name, Plainly(bytes, initial), Quickly(bytes, initial));
      if (length == 0) continue;
      const Bytes rest(bytes.begin() + 1, bytes.end());
      CheckNumber(name + ", from the second on", Plainly(rest, initial),
                  InternetChecksum(bytes.data() + 1, bytes.size() - 1, initial));
    }
    state = state * 1103515245 + 12345;
    bytes.push_back(static_cast<uint8_t>(state >> 16));
  }
}

void CheckCarries() {
  const Bytes ones((1 << 20) + 1, 0xff);
  CheckNumber("carries of large memory", Plainly(ones, 0xffff), Quickly(ones, 0xffff));
}

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley::test;
  CheckExamples();
  CheckEveryLengthAndAlignment();
  CheckCarries();
  return Finish("checksum");
}
