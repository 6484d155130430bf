// Tests the addresses that every system has: AF_INET, AF_INET6, AF_UNIX and unknown families.
#include <netdb.h>
#include <sys/socket.h>

#include "core/test/address_table.h"
#include "core/test/check.h"

namespace berkeley::test {

namespace {

constexpr char kPortText[] = "OverflowError: {method}(): port must be 0-65535.";
constexpr char kPairText[] = "TypeError: AF_INET address must be a pair (host, port)";
constexpr char kFlowText[] = "OverflowError: {method}(): flowinfo must be 0-1048575.";
constexpr char kScopeText[] = "OverflowError: {method}(): scope id must be 0-4294967295.";
constexpr char kSixText[] =
    "TypeError: AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])";
constexpr char kHostText[] = "TypeError: str, bytes or bytearray expected, not {item 0}";
constexpr char kNulText[] = "TypeError: host name must not contain null character";

std::string Unresolved(int code) { return "EAI " + std::to_string(code); }

void CheckInet() {
  CheckParsing(
      AF_INET,
      {
          {"a numeric host", 0, Tuple({"127.0.0.1", 80}), "020000507f000001 00*8"},
          {"no host is every address", 0, Tuple({"", 80}), "02000050 00*12"},
          {"the broadcast word", 0, Tuple({"<broadcast>", 80}), "02000050ffffffff 00*8"},
          {"the broadcast number", 0, Tuple({"255.255.255.255", 80}), "02000050ffffffff 00*8"},
          {"a host of bytes", 0, Tuple({Field::Bytes("127.0.0.1"), 80}), "020000507f000001 00*8"},
          {"a short address", 0, Tuple({"127.1", 80}), "020000507f000001 00*8"},
          {"a hexadecimal address", 0, Tuple({"0x7f.1", 80}), "020000507f000001 00*8"},
          {"a single number", 0, Tuple({"2130706433", 80}), "020000507f000001 00*8"},
          {"an octal address", 0, Tuple({"010.0.0.1", 80}), "0200005008000001 00*8"},
          {"the largest port", 0, Tuple({"127.0.0.1", 65535}), "0200ffff7f000001 00*8"},
          {"a number too large for its part", 0, Tuple({"256.1.1.1", 0}), Unresolved(EAI_NONAME)},
          {"an address of the other family", 0, Tuple({"::1", 0}), Unresolved(EAI_ADDRFAMILY)},
          {"a label too long", 0, Tuple({std::string(64, 'a'), 0}), Unresolved(EAI_NONAME)},
          {"no tuple", 0, Single("127.0.0.1"),
           "TypeError: {method}(): AF_INET address must be tuple, not {address}"},
          {"one item", 0, Tuple({"127.0.0.1"}), kPairText},
          {"three items", 0, Tuple({"127.0.0.1", 0, 0}), kPairText},
          {"no items", 0, Tuple({}), kPairText},
          {"a negative port", 0, Tuple({"127.0.0.1", -1}), kPortText},
          {"a port too large", 0, Tuple({"127.0.0.1", 65536}), kPortText},
          {"a port past an int", 0, Tuple({"127.0.0.1", int64_t{1} << 31}), kPortText},
          {"a port past 64 bits", 0, Tuple({"127.0.0.1", TooLarge()}), kPortText},
          {"a port as text", 0, Tuple({"127.0.0.1", "80"}),
           "TypeError: '{item 1}' object cannot be interpreted as an integer"},
          {"a port of nothing", 0, Tuple({"127.0.0.1", None()}),
           "TypeError: '{item 1}' object cannot be interpreted as an integer"},
          {"a host of nothing", 0, Tuple({None(), 0}), kHostText},
          {"a host as a number", 0, Tuple({127, 0}), kHostText},
          {"a host as a view", 0, Tuple({View("127.0.0.1"), 0}), kHostText},
          {"a text with a NUL", 0, Tuple({std::string("127.0.0.1\0", 10), 0}), kNulText},
          {"bytes with a NUL", 0, Tuple({Field::Bytes(std::string("127.0.0.1\0x", 11)), 0}),
           kNulText},
          {"the host is resolved before the port is looked at", 0, Tuple({"256.1.1.1", 65536}),
           Unresolved(EAI_NONAME)},
      });
  CheckFormatting(AF_INET, {
                               {"host and port", 0, "02001f90c0000201 00*8", "('192.0.2.1', 8080)"},
                               {"nothing", 0, "", "None"},
                               {"cut after the family", 0, "0200", "('0.0.0.0', 0)"},
                           });
}

void CheckInet6() {
  const std::string loopback = "00*15 01";
  CheckParsing(
      AF_INET6,
      {
          {"host and port", 0, Tuple({"::1", 80}), "0a000050 00000000" + loopback + "00000000"},
          {"flow in network order", 0, Tuple({"::1", 80, 0x12345}),
           "0a000050 00012345" + loopback + "00000000"},
          {"scope in host order", 0, Tuple({"::1", 80, 5, 3}),
           "0a000050 00000005" + loopback + "03000000"},
          {"no host is every address", 0, Tuple({"", 80}), "0a000050 00*24"},
          {"the wildcard", 0, Tuple({"::", 80}), "0a000050 00*24"},
          {"a mapped address", 0, Tuple({"::ffff:1.2.3.4", 80}),
           "0a000050 00*14 ffff01020304 00000000"},
          {"a zone by number gives way to the tuple", 0, Tuple({"fe80::1%1", 80}),
           "0a000050 00000000 fe80 00*13 01 00000000"},
          {"a zone by name gives way too", 0, Tuple({"fe80::1%lo", 80}),
           "0a000050 00000000 fe80 00*13 01 00000000"},
          {"a zone and a scope", 0, Tuple({"fe80::1%1", 80, 0, 7}),
           "0a000050 00000000 fe80 00*13 01 07000000"},
          {"an unknown zone", 0, Tuple({"fe80::1%nosuchif", 80}), Unresolved(EAI_NONAME)},
          {"the broadcast word", 0, Tuple({"<broadcast>", 0}),
           "OSError: address family mismatched"},
          {"an address of the other family", 0, Tuple({"127.0.0.1", 0}),
           Unresolved(EAI_ADDRFAMILY)},
          {"one item", 0, Tuple({"::1"}), kSixText},
          {"five items", 0, Tuple({"::1", 0, 0, 0, 0}), kSixText},
          {"no tuple", 0, Single("::1"),
           "TypeError: {method}(): AF_INET6 address must be tuple, not {address}"},
          {"a port too large", 0, Tuple({"::1", 65536}), kPortText},
          {"a flow too large", 0, Tuple({"::1", 0, 1 << 20}), kFlowText},
          {"a negative flow", 0, Tuple({"::1", 0, -1}), kFlowText},
          {"a flow past 32 bits", 0, Tuple({"::1", 0, int64_t{1} << 32}), kFlowText},
          {"a scope of all ones", 0, Tuple({"::1", 0, 0, -1}),
           "0a000000 00000000" + loopback + "ffffffff"},
          {"a scope past 32 bits", 0, Tuple({"::1", 0, 0, (int64_t{1} << 32) + 5}), kScopeText},
          {"a flow as text", 0, Tuple({"::1", 0, "0"}),
           "TypeError: '{item 2}' object cannot be interpreted as an integer"},
      });
  CheckFormatting(AF_INET6,
                  {
                      {"always four items, no zone in the host", 0,
                       "0a000050 00054321 fe80 00*13 01 01000000", "('fe80::1', 80, 344865, 1)"},
                      {"cut after the family", 0, "0a00", "('::', 0, 0, 0)"},
                  });
}

void CheckUnix() {
  const std::string nul(1, '\0');
  const std::string path_of_107(107, 'a');
  const std::string tail_of_107 = " 61*107 ";
  CheckParsing(
      AF_UNIX,
      {
          {"a path carries its NUL", 0, Single("/tmp/x"), "0100 2f746d702f78 00"},
          {"a path of bytes", 0, Single(Field::Bytes("/tmp/x")), "0100 2f746d702f78 00"},
          {"a path as a view", 0, Single(View("/tmp/x")), "0100 2f746d702f78 00"},
          {"an abstract name has none", 0, Single(nul + "abc"), "0100 00616263"},
          {"an empty name", 0, Single(""), "0100"},
          {"a NUL within a path", 0, Single("/tmp/a" + nul + "b"), "0100 2f746d702f6100 6200",
           false},
          {"single bytes and UTF-8", 0, Single("/tmp/\xff\xc3\xa9"), "0100 2f746d702fffc3a9 00"},
          {"the longest path", 0, Single(path_of_107), "0100" + tail_of_107 + "00"},
          {"a path too long", 0, Single(path_of_107 + "a"), "OSError: AF_UNIX path too long"},
          {"the longest abstract name", 0, Single(nul + path_of_107), "010000" + tail_of_107},
          {"an abstract name too long", 0, Single(nul + path_of_107 + "a"),
           "OSError: AF_UNIX path too long"},
          {"a tuple", 0, Tuple({"/tmp/x"}),
           "TypeError: a bytes-like object is required, not 'tuple'"},
          {"a number", 0, Single(5), "TypeError: a bytes-like object is required, not '{address}'"},
          {"nothing", 0, Single(None()),
           "TypeError: a bytes-like object is required, not '{address}'"},
      });
  CheckFormatting(AF_UNIX,
                  {
                      {"unnamed", 0, "0100", "''"},
                      {"a path", 0, "01002f746d702fff00", "'/tmp/\\xff'"},
                      {"a path without NUL", 0, "01002f746d70", "'/tmp'"},
                      {"NULs of an abstract name", 0, "01000061620000", "b'\\x00ab\\x00\\x00'"},
                      {"cut within the family", 0, "01", "''"},
                  });
}

void CheckUnknown() {
  CheckParsing(0, {{"an unknown family", 0, Tuple({"x"}), "OSError: {method}(): bad family"}});
  CheckFormatting(0, {{"an unknown family", 0, "6300000102030405060708090a0b0c0d",
                       "(99, b'\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\"
                       "x0d')"}});
}

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley::test;
  CheckInet();
  CheckInet6();
  CheckUnix();
  CheckUnknown();
  for (const int family : {AF_INET, AF_INET6, AF_UNIX, 0, 99}) CheckHostileBytes(family, {0});
  return Finish("inet");
}
