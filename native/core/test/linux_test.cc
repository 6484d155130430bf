// Tests the addresses that only Linux has, whether this kernel knows the families or not.
#include "core/families/structures.h"
#include "core/test/address_table.h"
#include "core/test/check.h"

namespace berkeley::test {

namespace {

constexpr char kRangeText[] = "OverflowError: {method}(): address argument out of range";

std::string NoInteger(int item) {
  return "TypeError: '{item " + std::to_string(item) +
         "}' object cannot be interpreted as an integer";
}

std::string NoTuple(const std::string& family) {
  return "TypeError: {method}(): " + family + " address must be tuple, not {address}";
}

void CheckPacket() {
  const char* const shape = "TypeError: AF_PACKET address must be a tuple of two to five elements";
  const char* const protocol = "OverflowError: {method}(): proto must be 0-65535.";
  const char* const buffer = "TypeError: a bytes-like object is required, not '{item 4}'";
  CheckParsing(
      kAfPacket,
      {
          {"a name and a protocol", 0, Tuple({"lo", 0x800}), "11000800 01000000 00*12"},
          {"all five", 0, Tuple({"lo", 0x800, 1, 6, Field::Bytes("\1\2\3\4\5\6")}),
           "11000800 01000000 0600 01 06 010203040506 0000"},
          {"a view as hardware address", 0, Tuple({"lo", 0, 0, 0, View("\1")}),
           "11000000 01000000 0000 00 01 01 00*7"},
          {"eight bytes of hardware", 0, Tuple({"lo", 0, 0, 0, Field::Bytes("12345678")}),
           "11000000 01000000 0000 00 08 3132333435363738"},
          {"no bytes of hardware", 0, Tuple({"lo", 0, 0, 0, Field::Bytes("")}),
           "11000000 01000000 00*12"},
          {"nine bytes of hardware", 0, Tuple({"lo", 0, 0, 0, Field::Bytes("123456789")}),
           "ValueError: Hardware address must be 8 bytes or less"},
          {"all ones", 0, Tuple({"lo", 65535, -1, -1}), "1100ffff 01000000 ffff ff 00 00*8"},
          {"an unknown interface", 0, Tuple({"nosuchif", 0}), "errno 19"},
          {"no interface is looked up before the protocol", 0, Tuple({"nosuchif", -1}), "errno 19"},
          {"a name too long is cut", 0, Tuple({std::string(30, 'a'), 0}), "errno 19"},
          {"an empty name", 0, Tuple({"", 0}), "errno 19"},
          {"one item", 0, Tuple({"lo"}), shape},
          {"six items", 0, Tuple({1, 2, 3, 4, 5, 6}), shape},
          {"a name of bytes", 0, Tuple({Field::Bytes("lo"), 0}), shape},
          {"a number for a name", 0, Tuple({1, 0}), shape},
          {"a name with a NUL", 0, Tuple({std::string("l\0o", 3), 0}),
           "ValueError: embedded null character"},
          {"a lone surrogate", 0, Tuple({OfKind(Field::Kind::kBadText), 0}),
           "ValueError: surrogates not allowed in a name"},
          {"a protocol too large", 0, Tuple({"lo", 70000}), protocol},
          {"a negative protocol", 0, Tuple({"lo", -1}), protocol},
          {"a protocol past an int", 0, Tuple({"lo", int64_t{1} << 40}), kRangeText},
          {"a packet type past an int", 0, Tuple({"lo", 0, int64_t{1} << 40}), kRangeText},
          {"a packet type past its byte", 0, Tuple({"lo", 0, 256}), kRangeText},
          {"a hardware type past an int", 0, Tuple({"lo", 0, 0, int64_t{1} << 40}), kRangeText},
          {"a hardware type past its 16 bits", 0, Tuple({"lo", 0, 0, 65536}), kRangeText},
          {"a hardware type below its 16 bits", 0, Tuple({"lo", 0, 0, -32769}), kRangeText},
          {"a protocol as text", 0, Tuple({"lo", "0"}), NoInteger(1)},
          {"a text as hardware address", 0, Tuple({"lo", 0, 0, 0, "str"}), buffer},
          {"nothing as hardware address", 0, Tuple({"lo", 0, 0, 0, None()}), buffer},
          {"no tuple", 0, Single("lo"), NoTuple("AF_PACKET")},
      });
  CheckFormatting(kAfPacket,
                  {
                      {"a frame's sender", 0, "1100 8600 01000000 0400 04 06 010203040506 0000",
                       "('lo', 34304, 4, 4, b'\\x01\\x02\\x03\\x04\\x05\\x06')"},
                      {"unsigned numbers", 0, "1100 ffff 01000000 ffff ff 02 6162 00*6",
                       "('lo', 65535, 255, 65535, b'ab')"},
                      {"unbound", 0, "1100 0000 00000000 0000 00 00 00*8", "('', 0, 0, 0, b'')"},
                      {"an address of 20 bytes", 0, "1100 0000 00000000 2000 00 14 61*20",
                       "('', 0, 0, 32, b'aaaaaaaaaaaaaaaaaaaa')"},
                      {"more bytes claimed than there are", 0, "1100 0000 00000000 0000 00 ff 61*8",
                       "('', 0, 0, 0, b'aaaaaaaa')"},
                      {"cut before the hardware address", 0, "1100 0008", "('', 8, 0, 0, b'')"},
                  });
}

void CheckNetlink() {
  const char* const pair = "TypeError: AF_NETLINK address must be a pair (pid, groups)";
  CheckParsing(kAfNetlink,
               {
                   {"pid and groups", 0, Tuple({5, 6}), "1000 0000 05000000 06000000"},
                   {"all ones", 0, Tuple({-1, int64_t{0xffffffff}}), "1000 0000 ff*8"},
                   {"groups past 32 bits", 0, Tuple({5, (int64_t{1} << 32) + 7}), kRangeText},
                   {"a pid below 32 bits", 0, Tuple({INT64_MIN, 0}), kRangeText},
                   {"a pid past 64 bits", 0, Tuple({TooLarge(), 0}), kRangeText},
                   {"one item", 0, Tuple({5}), pair},
                   {"three items", 0, Tuple({5, 6, 7}), pair},
                   {"a pid as text", 0, Tuple({"a", 6}), NoInteger(0)},
                   {"no tuple", 0, Single(5), NoTuple("AF_NETLINK")},
               });
  CheckFormatting(kAfNetlink, {{"the largest", 0, "1000 0000 ffffffff 01000000", "(4294967295, 1)"},
                               {"cut", 0, "1000", "(0, 0)"}});
}

void CheckVsock() {
  const char* const tuple =
      "TypeError: getsockaddrarg: AF_VSOCK address must be tuple, not {address}";
  CheckParsing(
      kAfVsock,
      {
          {"cid and port", 0, Tuple({3, 1024}), "2800 0000 00040000 03000000 00000000"},
          {"any cid and port", 0, Tuple({-1, int64_t{0xffffffff}}), "2800 0000 ff*8 00000000"},
          {"a port past 32 bits", 0, Tuple({3, int64_t{1} << 32}), kRangeText},
          {"one item", 0, Tuple({3}),
           "TypeError: getsockaddrarg() takes exactly 2 arguments (1 given)"},
          {"a cid as text", 0, Tuple({"3", 4}), NoInteger(0)},
          {"no tuple", 0, Single(None()), tuple},
      });
  CheckFormatting(kAfVsock, {{"flags are no item", 0, "2800 0000 01000000 ffffffff 01000000",
                              "(4294967295, 1)"}});
}

void CheckCan() {
  const char* const shape = "TypeError: AF_CAN address must be a tuple (interface, )";
  const char* const unsupported = "OSError: {method}(): unsupported CAN protocol";
  const int64_t name = 0x1122334455667788;
  CheckParsing(
      kAfCan,
      {
          {"an interface", kCanRaw, Tuple({"lo"}), "1d00 0000 01000000 00*16"},
          {"all interfaces", kCanRaw, Tuple({""}), "1d00 00*22"},
          {"a name of bytes", kCanRaw, Tuple({Field::Bytes("lo")}), "1d00 0000 01000000 00*16"},
          {"broadcast manager", kCanBcm, Tuple({"lo"}), "1d00 0000 01000000 00*16"},
          {"no tuple", kCanRaw, Single("lo"), NoTuple("AF_CAN")},
          {"no items", kCanRaw, Tuple({}), shape},
          {"two items", kCanRaw, Tuple({"lo", 1}), shape},
          {"a number for a name", kCanRaw, Tuple({1}),
           "TypeError: expected str, bytes or os.PathLike object, not {item 0}"},
          {"a view for a name", kCanRaw, Tuple({View("lo")}),
           "TypeError: expected str, bytes or os.PathLike object, not {item 0}"},
          {"a name too long", kCanRaw, Tuple({std::string(16, 'x')}),
           "OSError: AF_CAN interface name too long"},
          {"the longest name", kCanRaw, Tuple({std::string(15, 'x')}), "errno 19"},
          {"an unknown interface", kCanRaw, Tuple({"nosuchif"}), "errno 19"},
          {"a name with a NUL", kCanRaw, Tuple({std::string("l\0o", 3)}),
           "ValueError: embedded null byte"},
          {"isotp", kCanIsotp, Tuple({"lo", 0x123, 0x456}),
           "1d00 0000 01000000 23010000 56040000 00*8"},
          {"isotp of two items", kCanIsotp, Tuple({"lo", 1}),
           "TypeError: function takes exactly 3 arguments (2 given)"},
          {"isotp past 32 bits", kCanIsotp, Tuple({"lo", 1, int64_t{1} << 32}), kRangeText},
          {"isotp without tuple", kCanIsotp, Single("lo"), NoTuple("AF_CAN")},
          {"j1939", kCanJ1939, Tuple({"lo", name, 0x12345, 0x20}),
           "1d00 0000 01000000 8877665544332211 45230100 20 000000"},
          {"j1939 with the sign bit", kCanJ1939,
           Tuple({"lo", Field::Unsigned(UINT64_MAX - 1), 0, 255}),
           "1d00 0000 01000000 feffffffffffffff 00000000 ff 000000"},
          {"j1939 all ones", kCanJ1939, Tuple({"lo", -1, -1, -1}),
           "1d00 0000 01000000 ff*13 000000"},
          {"j1939 past 64 bits", kCanJ1939, Tuple({"lo", TooLarge(), 0, 0}), kRangeText},
          {"j1939 past its byte", kCanJ1939, Tuple({"lo", 1, 2, 300}), kRangeText},
          {"j1939 of three items", kCanJ1939, Tuple({"lo", 1, 2}),
           "TypeError: function takes exactly 4 arguments (3 given)"},
          {"j1939 with text", kCanJ1939, Tuple({"lo", "1", 2, 3}), NoInteger(1)},
          {"no protocol", 0, Tuple({"lo"}), unsupported},
          {"another protocol", 99, Tuple({"lo"}), unsupported},
      });
  CheckFormatting(
      kAfCan,
      {
          {"raw", kCanRaw, "1d00 0000 01000000 00*16", "('lo',)"},
          {"all interfaces", kCanRaw, "1d00 0000 00000000 00*16", "('',)"},
          {"the short form of the kernel", kCanRaw, "1d00 0000 01000000", "('lo',)"},
          {"isotp", kCanIsotp, "1d00 0000 01000000 23010000 56040000 00*8", "('lo', 291, 1110)"},
          {"j1939", kCanJ1939, "1d00 0000 01000000 8877665544332211 45230100 20 000000",
           "('lo', 1234605616436508552, 74565, 32)"},
          {"j1939 unsigned", kCanJ1939, "1d00 0000 00000000 ff*13 000000",
           "('', 18446744073709551615, 4294967295, 255)"},
      });
}

void CheckTipc() {
  const char* const shape =
      "TypeError: AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])";
  CheckParsing(
      kAfTipc,
      {
          {"a name", 0, Tuple({2, 1, 2, 3}), "1e00 02 02 01000000 02000000 00000000"},
          {"a range", 0, Tuple({1, 1, 2, 3, 1}), "1e00 01 01 01000000 02000000 03000000"},
          {"an id", 0, Tuple({3, 1, 2, 3}), "1e00 03 02 02000000 01000000 00000000"},
          {"a withdrawal", 0, Tuple({1, 1, 2, 3, -3}), "1e00 01 fd 01000000 02000000 03000000"},
          {"another type", 0, Tuple({9, 1, 2, 3}), "TypeError: Invalid address type"},
          {"a type of which the low byte is known", 0, Tuple({257, 1, 2, 3}),
           "TypeError: Invalid address type"},
          {"a scope past its byte", 0, Tuple({1, 1, 2, 3, 128}), kRangeText},
          {"a value past 32 bits", 0, Tuple({1, 1, 2, int64_t{1} << 32}), kRangeText},
          {"three items", 0, Tuple({1, 2, 3}), shape},
          {"six items", 0, Tuple({1, 2, 3, 4, 5, 6}), shape},
          {"a value as text", 0, Tuple({1, 2, "3", 4}), NoInteger(2)},
          {"no tuple", 0, Single(1), NoTuple("AF_TIPC")},
      });
  CheckFormatting(kAfTipc,
                  {
                      {"a range", 0, "1e00 01 02 01000000 02000000 03000000", "(1, 1, 2, 3, 2)"},
                      {"a name", 0, "1e00 02 02 01000000 02000000 03000000", "(2, 1, 2, 2, 2)"},
                      {"an id", 0, "1e00 03 02 01000000 02000000 00000000", "(3, 2, 1, 0, 2)"},
                      {"another type", 0, "1e00 09 02 01000000 02000000 00000000",
                       "ValueError: Invalid address type"},
                  });
}

void CheckAlg() {
  const char* const shape =
      "TypeError: AF_ALG address must be a tuple (type, name[, feat[, mask]])";
  CheckParsing(
      kAfAlg,
      {
          {"type and name", 0, Tuple({"hash", "sha256"}), "2600 68617368 00*18 736861323536 00*58"},
          {"all four", 0, Tuple({"skcipher", "cbc(aes)", 1, 2}),
           "2600 736b636970686572 00*6 01000000 02000000 6362632861657329 00*56"},
          {"numbers of 32 bits", 0, Tuple({"a", "b", 0x10000, -1}),
           "2600 61 00*13 00000100 ffffffff 62 00*63"},
          {"the longest texts", 0, Tuple({std::string(13, 'a'), std::string(63, 'b')}),
           "2600 61*13 00 00*8 62*63 00"},
          {"a type too long", 0, Tuple({std::string(14, 'a'), std::string(64, 'x')}),
           "ValueError: AF_ALG type too long."},
          {"a name too long", 0, Tuple({std::string(13, 'a'), std::string(64, 'x')}),
           "ValueError: AF_ALG name too long."},
          {"a mask past 32 bits", 0, Tuple({"a", "b", 0, int64_t{1} << 32}), kRangeText},
          {"a feature as text", 0, Tuple({"a", "b", "0"}), NoInteger(2)},
          {"one item", 0, Tuple({"hash"}), shape},
          {"five items", 0, Tuple({"hash", "x", 0, 0, 0}), shape},
          {"a type of bytes", 0, Tuple({Field::Bytes("hash"), "x"}), shape},
          {"a name of nothing", 0, Tuple({"hash", None()}), shape},
          {"a name with a NUL", 0, Tuple({"hash", std::string("a\0b", 3)}),
           "ValueError: embedded null character"},
          {"no tuple", 0, Single("hash"), NoTuple("AF_ALG")},
      });
  CheckFormatting(kAfAlg,
                  {
                      {"all four", 0, "2600 68617368 00*10 01000000 02000000 736861323536 00*58",
                       "('hash', 'sha256', 1, 2)"},
                      {"without terminators", 0, "2600 61*14 00000000 ffffffff 62*64",
                       "('aaaaaaaaaaaaaa', '" + std::string(64, 'b') + "', 0, 4294967295)"},
                  });
}

void CheckQipcrtr() {
  CheckParsing(kAfQipcrtr,
               {
                   {"node and port", 0, Tuple({1, 2}), "2a00 0000 01000000 02000000"},
                   {"a node past 32 bits", 0, Tuple({int64_t{1} << 32, 2}), kRangeText},
                   {"one item", 0, Tuple({1}),
                    "TypeError: getsockaddrarg() takes exactly 2 arguments (1 given)"},
                   {"a node as text", 0, Tuple({"1", 2}), NoInteger(0)},
                   {"no tuple", 0, Single(1),
                    "TypeError: getsockaddrarg: AF_QIPCRTR address must be tuple, not {address}"},
               });
  CheckFormatting(kAfQipcrtr, {{"node and port", 0, "2a00 0000 01000000 02000000", "(1, 2)"}});
}

void CheckRds() {
  CheckParsing(kAfRds, {
                           {"host and port", 0, Tuple({"127.0.0.1", 80}), "02000050 7f000001 00*8"},
                           {"no tuple", 0, Single("x"), NoTuple("AF_INET")},
                           {"one item", 0, Tuple({"127.0.0.1"}),
                            "TypeError: AF_INET address must be a pair (host, port)"},
                       });
  CheckFormatting(
      kAfRds, {{"an address that says AF_INET", 0, "02000050 7f000001 00*8", "('127.0.0.1', 80)"},
               {"one that says AF_RDS", 0, "1500 61*14", "(21, b'aaaaaaaaaaaaaa')"}});
}

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley;
  using namespace berkeley::test;
  CheckPacket();
  CheckNetlink();
  CheckVsock();
  CheckCan();
  CheckTipc();
  CheckAlg();
  CheckQipcrtr();
  CheckRds();
  for (const int family : {kAfPacket, kAfNetlink, kAfVsock, kAfTipc, kAfAlg, kAfQipcrtr, kAfRds}) {
    CheckHostileBytes(family, {0});
  }
  CheckHostileBytes(kAfCan, {kCanRaw, kCanBcm, kCanIsotp, kCanJ1939, 99});
  return Finish("linux");
}
