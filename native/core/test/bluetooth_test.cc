// Tests the addresses of AF_BLUETOOTH, which needs no Bluetooth in the kernel.
#include "core/families/structures.h"
#include "core/test/address_table.h"
#include "core/test/check.h"

namespace berkeley::test {

namespace {

constexpr char kFormatText[] = "OSError: {method}(): wrong format";
constexpr char kDeviceText[] = "OSError: bad bluetooth address";
constexpr char kRangeText[] = "OverflowError: {method}(): address argument out of range";
constexpr char kDevice[] = "00:11:22:AA:bb:FF";

void CheckL2cap() {
  const int protocol = kBluetoothL2cap;
  CheckParsing(
      kAfBluetooth,
      {
          {"device and psm", protocol, Tuple({kDevice, 0x1001}),
           "1f00 0110 ffbbaa221100 0000 00 00"},
          {"a channel", protocol, Tuple({kDevice, 1, 0x1234}), "1f00 0100 ffbbaa221100 3412 00 00"},
          {"a kind of address", protocol, Tuple({kDevice, 0, 4, 2}),
           "1f00 0000 ffbbaa221100 0400 02 00"},
          {"groups of one digit", protocol, Tuple({"1:2:3:4:5:a", 1}),
           "1f00 0100 0a0504030201 0000 00 00"},
          {"a psm past 16 bits", protocol, Tuple({kDevice, 65536}), kRangeText},
          {"a channel past 16 bits", protocol, Tuple({kDevice, 1, 65536}), kRangeText},
          {"a kind past its byte", protocol, Tuple({kDevice, 1, 0, 256}), kRangeText},
          {"no tuple", protocol, Single(kDevice), kFormatText},
          {"no items", protocol, Tuple({}), kFormatText},
          {"one item", protocol, Tuple({kDevice}), kFormatText},
          {"five items", protocol, Tuple({kDevice, 1, 2, 3, 4}), kFormatText},
          {"a device of bytes", protocol, Tuple({Field::Bytes(kDevice), 1}), kFormatText},
          {"a device with a NUL", protocol, Tuple({std::string("00:11:22:33:44:55\0", 18), 1}),
           kFormatText},
          {"a psm as text", protocol, Tuple({kDevice, "1"}), kFormatText},
          {"an empty device", protocol, Tuple({"", 1}), kDeviceText},
          {"five groups", protocol, Tuple({"00:11:22:33:44", 1}), kDeviceText},
          {"five groups and a colon", protocol, Tuple({"00:11:22:33:44:", 1}), kDeviceText},
          {"seven groups", protocol, Tuple({"00:11:22:33:44:55:66", 1}), kDeviceText},
          {"three digits", protocol, Tuple({"100:11:22:33:44:55", 1}), kDeviceText},
          {"no hexadecimal digits", protocol, Tuple({"gg:11:22:33:44:55", 1}), kDeviceText},
          {"dashes", protocol, Tuple({"00-11-22-33-44-55", 1}), kDeviceText},
      });
  CheckFormatting(kAfBluetooth,
                  {
                      {"device and psm", protocol, "1f00 0110 ffbbaa221100 0000 00 00",
                       "('00:11:22:AA:BB:FF', 4097)"},
                      {"a channel makes four items", protocol, "1f00 0110 ffbbaa221100 0400 00 00",
                       "('00:11:22:AA:BB:FF', 4097, 4, 0)"},
                      {"a kind makes four items", protocol, "1f00 0000 ffbbaa221100 0000 01 00",
                       "('00:11:22:AA:BB:FF', 0, 0, 1)"},
                      {"cut after the family", protocol, "1f00", "('00:00:00:00:00:00', 0)"},
                  });
}

void CheckRfcomm() {
  const int protocol = kBluetoothRfcomm;
  CheckParsing(
      kAfBluetooth,
      {
          {"device and channel", protocol, Tuple({kDevice, 30}), "1f00 ffbbaa221100 1e 00"},
          {"a channel past its byte", protocol, Tuple({kDevice, 256}), kRangeText},
          {"a channel past 64 bits", protocol, Tuple({kDevice, TooLarge()}), kRangeText},
          {"three items", protocol, Tuple({kDevice, 1, 2}), kFormatText},
          {"no tuple", protocol, Single(kDevice), kFormatText},
          {"a bad device", protocol, Tuple({"x", 1}), kDeviceText},
      });
  CheckFormatting(kAfBluetooth, {{"device and channel", protocol, "1f00 ffbbaa221100 1e 00",
                                  "('00:11:22:AA:BB:FF', 30)"}});
}

void CheckHci() {
  const int protocol = kBluetoothHci;
  CheckParsing(kAfBluetooth,
               {
                   {"a number", protocol, Single(1), "1f00 0100 0000"},
                   {"a tuple of one", protocol, Tuple({1}), "1f00 0100 0000"},
                   {"a channel", protocol, Tuple({1, 3}), "1f00 0100 0300"},
                   {"no device", protocol, Tuple({-1, 3}), "1f00 ffff 0300"},
                   {"a device past 16 bits", protocol, Single(65536), kRangeText},
                   {"a channel past 16 bits", protocol, Tuple({1, 65536}), kRangeText},
                   {"no items", protocol, Tuple({}), kFormatText},
                   {"three items", protocol, Tuple({1, 2, 3}), kFormatText},
                   {"a text", protocol, Single(kDevice), kFormatText},
                   {"a text in a tuple", protocol, Tuple({"1"}), kFormatText},
               });
  CheckFormatting(kAfBluetooth,
                  {{"a device", protocol, "1f00 0100 0000", "1"},
                   {"a device and a channel", protocol, "1f00 ffff 0300", "(65535, 3)"}});
}

void CheckSco() {
  const int protocol = kBluetoothSco;
  CheckParsing(
      kAfBluetooth,
      {
          {"a text", protocol, Single(kDevice), "1f00 ffbbaa221100"},
          {"bytes", protocol, Single(Field::Bytes(kDevice)), "1f00 ffbbaa221100"},
          {"a tuple", protocol, Tuple({kDevice}), kFormatText},
          {"a number", protocol, Single(1), kFormatText},
          {"nothing", protocol, Single(None()), kFormatText},
          {"a NUL behind", protocol, Single(std::string("00:11:22:33:44:55\0", 18)), kDeviceText},
      });
  CheckFormatting(kAfBluetooth,
                  {{"a device", protocol, "1f00 ffbbaa221100", "'00:11:22:AA:BB:FF'"}});
}

void CheckOther() {
  CheckParsing(kAfBluetooth, {{"another protocol", 4, Tuple({kDevice, 1}),
                               "OSError: {method}(): unknown Bluetooth protocol"}});
  CheckFormatting(kAfBluetooth,
                  {{"another protocol", 4, "1f00 0000", "ValueError: Unknown Bluetooth protocol"}});
}

}  // namespace

}  // namespace berkeley::test

int main() {
  using namespace berkeley;
  using namespace berkeley::test;
  CheckL2cap();
  CheckRfcomm();
  CheckHci();
  CheckSco();
  CheckOther();
  CheckHostileBytes(kAfBluetooth, {0, 1, 2, 3, 4});
  return Finish("bluetooth");
}
