// Tests the buffer of control messages, also with lengths that no kernel would write.
#include "core/ancillary.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>

#include "core/result.h"
#include "core/test/check.h"

namespace berkeley::test {

namespace {

constexpr size_t kHeader = CMSG_LEN(0);

AncillaryItem Item(int level, int type, const std::string& data) {
  return {level, type, reinterpret_cast<const uint8_t*>(data.data()), data.size()};
}

std::string Walked(const AncillaryBuffer& buffer, size_t length) {
  bool malformed = false;
  std::string text;
  for (const AncillaryItem& item : buffer.Walk(length, &malformed)) {
    text += std::to_string(item.level) + "/" + std::to_string(item.type) + "=" +
            std::string(reinterpret_cast<const char*>(item.data), item.length) + " ";
  }
  return text + (malformed ? "malformed" : "whole");
}

void CheckLengths() {
  constexpr int64_t kMost = INT32_MAX;
  const int64_t header = static_cast<int64_t>(kHeader);
  struct Row {
    int64_t length;
    int64_t expected_length;
    int64_t expected_space;
  };
  // Only the lengths of Linux with 64 bits are known by heart.
  if (kHeader == 16) {
    const Row rows[] = {
        {0, 16, 16},
        {1, 17, 24},
        {8, 24, 24},
        {9, 25, 32},
        {kMost - 24, kMost - 8, 2147483640},
        {kMost - 23, kMost - 7, -1},
        {kMost - 16, kMost, -1},
    };
    for (const Row& row : rows) {
      const std::string of = " of " + std::to_string(row.length);
      CheckNumber("the length" + of, row.expected_length, AncillaryLength(row.length));
      CheckNumber("the space" + of, row.expected_space, AncillarySpace(row.length));
    }
  }
  for (const int64_t length :
       {int64_t{-1}, INT64_MIN, INT64_MAX, kMost + 1, kMost, kMost - header + 1}) {
    const std::string of = " of " + std::to_string(length);
    CheckNumber("the length" + of, -1, AncillaryLength(length));
    CheckNumber("the space" + of, -1, AncillarySpace(length));
  }
  for (int64_t length = 0; length < 40; ++length) {
    const size_t size = static_cast<size_t>(length);
    CheckNumber("the length is the macro's", CMSG_LEN(size), AncillaryLength(length));
    CheckNumber("the space is the macro's", CMSG_SPACE(size), AncillarySpace(length));
  }
}

void CheckBuilding() {
  AncillaryBuffer buffer;
  CheckNumber("no messages", 0, buffer.Build({}));
  CheckNumber("no messages have no size", 0, buffer.size());

  const std::string data = "abcde";
  const std::string empty;
  CheckNumber("three messages", 0,
              buffer.Build({Item(1, 2, data), Item(3, 4, empty), Item(5, 6, data)}));
  CheckNumber("their size", 2 * AncillarySpace(5) + AncillarySpace(0), buffer.size());
  CheckText("they come out again", "1/2=abcde 3/4= 5/6=abcde whole", Walked(buffer, buffer.size()));

  // The macros agree with the layout.
  msghdr message = {};
  message.msg_control = buffer.data();
  message.msg_controllen = buffer.size();
  std::string levels;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    levels += std::to_string(header->cmsg_level) + ":" + std::to_string(header->cmsg_len) + " ";
  }
  const std::string five = std::to_string(CMSG_LEN(5));
  CheckText("the macros find the same",
            "1:" + five + " 3:" + std::to_string(kHeader) + " 5:" + five + " ", levels);

  // Memory that was used before must not show through the padding.
  CheckNumber("room", 0, buffer.Reserve(256));
  memset(buffer.data(), 0xff, 256);
  CheckNumber("a message over it", 0, buffer.Build({Item(1, 2, data)}));
  const char* bytes = static_cast<const char*>(buffer.data());
  const size_t padding = buffer.size() - kHeader - 5;
  CheckText("its padding is zero", std::string(padding, '\0'),
            std::string(bytes + kHeader + 5, padding));

  const uint8_t byte = 0;
  CheckNumber("one message too large", -EMSGSIZE, buffer.Build({{1, 2, &byte, INT32_MAX}}));
  CheckNumber("a length past every type", -EMSGSIZE, buffer.Build({{1, 2, &byte, SIZE_MAX}}));
  const AncillaryItem half = {1, 2, &byte, size_t{1} << 30};
  CheckNumber("all together too large", -EMSGSIZE, buffer.Build({half, half}));
  CheckNumber("the buffer can be used after that", 0, buffer.Build({Item(1, 2, data)}));
  CheckText("and has the message", "1/2=abcde whole", Walked(buffer, buffer.size()));
}

void CheckReserving() {
  AncillaryBuffer buffer;
  CheckNumber("nothing", 0, buffer.Reserve(0));
  Check("has no memory", buffer.data() == nullptr);
  CheckNumber("a length that is no multiple of a word", 0, buffer.Reserve(13));
  CheckNumber("is the size", 13, buffer.size());
  CheckNumber("a large one", 0, buffer.Reserve(1 << 20));
  CheckNumber("a small one after it", 0, buffer.Reserve(16));
  CheckNumber("has its size", 16, buffer.size());
}

// A header over `buffer` at `offset` that claims `length` bytes in all.
void PutHeader(AncillaryBuffer* buffer, size_t offset, size_t length) {
  cmsghdr header = {};
  header.cmsg_len = static_cast<decltype(header.cmsg_len)>(length);
  header.cmsg_level = 7;
  header.cmsg_type = 8;
  memcpy(static_cast<char*>(buffer->data()) + offset, &header, sizeof(header));
}

void CheckMalformed() {
  AncillaryBuffer buffer;
  const size_t space = static_cast<size_t>(AncillarySpace(4));
  const std::string data = "abcd";
  buffer.Build({Item(1, 2, data), Item(3, 4, data)});
  CheckText("all bytes", "1/2=abcd 3/4=abcd whole", Walked(buffer, 2 * space));
  CheckText("without the last padding", "1/2=abcd 3/4=abcd whole",
            Walked(buffer, space + kHeader + 4));
  CheckText("the last message cut", "1/2=abcd 3/4=ab malformed",
            Walked(buffer, space + kHeader + 2));
  CheckText("cut to its header", "1/2=abcd 3/4= malformed", Walked(buffer, space + kHeader));
  CheckText("less than a header", "1/2=abcd whole", Walked(buffer, space + kHeader - 1));
  CheckText("the first message cut", "1/2=abc malformed", Walked(buffer, kHeader + 3));
  CheckText("nothing", "whole", Walked(buffer, 0));
  CheckText("more than there is", "1/2=abcd 3/4=abcd whole", Walked(buffer, SIZE_MAX));

  PutHeader(&buffer, 0, kHeader - 1);
  CheckText("less than its own header", "malformed", Walked(buffer, 2 * space));
  PutHeader(&buffer, 0, 0);
  CheckText("no length at all", "malformed", Walked(buffer, 2 * space));
  for (const size_t claimed : {SIZE_MAX, SIZE_MAX - 7, size_t{1} << 31, 2 * space + 1}) {
    PutHeader(&buffer, 0, claimed);
    bool malformed = false;
    const auto items = buffer.Walk(2 * space, &malformed);
    Check("a length past the end is malformed", malformed);
    CheckNumber("it is one message", 1, items.size());
    // Where lengths have 32 bits a larger claim wraps to less than a header.
    if (!items.empty()) CheckNumber("cut to what is there", 2 * space - kHeader, items[0].length);
  }
  PutHeader(&buffer, 0, 2 * space);
  CheckText("a length up to the end", "whole",
            Walked(buffer, 2 * space).substr(Walked(buffer, 2 * space).size() - 5));
}

void CheckArbitrary() {
  std::minstd_rand random(1);
  bool within = true;
  for (int round = 0; round < 20'000; ++round) {
    AncillaryBuffer buffer;
    const size_t size = random() % 120;
    buffer.Reserve(size);
    uint8_t* bytes = static_cast<uint8_t*>(buffer.data());
    for (size_t index = 0; index < size; ++index) {
      // Mostly small numbers, so that lengths are sometimes nearly right.
      bytes[index] = random() % 3 == 0 ? static_cast<uint8_t>(random() % 48) : 0;
    }
    bool malformed = false;
    for (const AncillaryItem& item : buffer.Walk(size, &malformed)) {
      within = within && item.data >= bytes && item.data + item.length <= bytes + size;
    }
  }
  Check("arbitrary bytes make messages within the buffer", within);
}

bool IsOpen(int descriptor) {
  return Once([&] { return fcntl(descriptor, F_GETFD); }) >= 0;
}

void CheckClosing() {
  int open_ones[3] = {dup(0), dup(0), dup(0)};
  const std::string first(reinterpret_cast<const char*>(open_ones), 2 * sizeof(int));
  const std::string second(reinterpret_cast<const char*>(open_ones + 2), sizeof(int));
  AncillaryBuffer buffer;
  buffer.Build({Item(SOL_SOCKET, SCM_RIGHTS, first), Item(SOL_SOCKET, 77, second),
                Item(99, SCM_RIGHTS, second)});
  buffer.CloseDescriptors(kHeader + sizeof(int) + 2);
  Check("a descriptor that is whole is closed", !IsOpen(open_ones[0]));
  Check("one that is cut stays", IsOpen(open_ones[1]));
  buffer.CloseDescriptors(buffer.size());
  Check("every descriptor is closed", !IsOpen(open_ones[1]));
  Check("other messages hold none", IsOpen(open_ones[2]));
  close(open_ones[2]);
}

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley::test;
  CheckLengths();
  CheckBuilding();
  CheckReserving();
  CheckMalformed();
  CheckArbitrary();
  CheckClosing();
  return Finish("ancillary");
}
