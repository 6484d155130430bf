// The address structures of the Linux kernel, whose headers are missing or old on many systems.
#pragma once

#include <cstddef>
#include <cstdint>

namespace berkeley {

// Family numbers, which older C libraries do not know either. They are part of the kernel's binary
// interface and the same on every processor.
constexpr int kAfNetlink = 16;
constexpr int kAfPacket = 17;
constexpr int kAfRds = 21;
constexpr int kAfCan = 29;
constexpr int kAfTipc = 30;
constexpr int kAfBluetooth = 31;
constexpr int kAfAlg = 38;
constexpr int kAfVsock = 40;
constexpr int kAfQipcrtr = 42;

// sockaddr_nl of netlink(7).
struct NetlinkAddress {
  uint16_t family;
  uint16_t padding;
  uint32_t port;
  uint32_t groups;
};
static_assert(sizeof(NetlinkAddress) == 12, "the size of sockaddr_nl");

// sockaddr_ll of packet(7). The protocol is in network order.
struct PacketAddress {
  uint16_t family;
  uint16_t protocol;
  int32_t interface_index;
  uint16_t hardware_type;
  uint8_t packet_type;
  uint8_t hardware_size;
  uint8_t hardware[8];
};
static_assert(sizeof(PacketAddress) == 20, "the size of sockaddr_ll");

// sockaddr_vm of vsock(7); `flags` was cut out of the reserved bytes in Linux 5.11.
struct VsockAddress {
  uint16_t family;
  uint16_t reserved;
  uint32_t port;
  uint32_t cid;
  uint8_t flags;
  uint8_t zero[3];
};
static_assert(sizeof(VsockAddress) == 16, "the size of sockaddr_vm");

constexpr int kCanRaw = 1;
constexpr int kCanBcm = 2;
constexpr int kCanIsotp = 6;
constexpr int kCanJ1939 = 7;

// sockaddr_can; the last member depends on the socket's protocol.
struct CanTransportAddress {
  uint32_t receive_id;
  uint32_t transmit_id;
};
struct CanVehicleAddress {
  uint64_t name;
  uint32_t group_number;
  uint8_t address;
  uint8_t padding[3];
};
struct CanAddress {
  uint16_t family;
  uint16_t padding;
  int32_t interface_index;
  union {
    CanTransportAddress isotp;
    CanVehicleAddress j1939;
  };
};
static_assert(sizeof(CanAddress) == 24, "the size of sockaddr_can");

constexpr int kTipcServiceRange = 1;
constexpr int kTipcServiceAddress = 2;
constexpr int kTipcSocketAddress = 3;
constexpr int kTipcClusterScope = 2;

// sockaddr_tipc: the three words are a range (type, lower, upper), a name (type, instance, domain)
// or an id (reference, node).
struct TipcAddress {
  uint16_t family;
  uint8_t type;
  int8_t scope;
  uint32_t words[3];
};
static_assert(sizeof(TipcAddress) == 16, "the size of sockaddr_tipc");

// sockaddr_alg, with the room for a name that it had before Linux 4.12.
struct AlgAddress {
  uint16_t family;
  char type[14];
  uint32_t features;
  uint32_t mask;
  char name[64];
};
static_assert(sizeof(AlgAddress) == 88, "the size of sockaddr_alg");

// sockaddr_qrtr.
struct QipcrtrAddress {
  uint16_t family;
  uint16_t padding;
  uint32_t node;
  uint32_t port;
};
static_assert(sizeof(QipcrtrAddress) == 12, "the size of sockaddr_qrtr");

constexpr int kBluetoothL2cap = 0;
constexpr int kBluetoothHci = 1;
constexpr int kBluetoothSco = 2;
constexpr int kBluetoothRfcomm = 3;

// The Bluetooth structures belong to BlueZ, not to the kernel's exported headers. Device addresses
// are stored with their last byte first; numbers of L2CAP are little-endian everywhere.
constexpr size_t kDeviceAddressSize = 6;

// sockaddr_l2.
struct L2capAddress {
  uint16_t family;
  uint8_t psm[2];
  uint8_t device[kDeviceAddressSize];
  uint8_t cid[2];
  uint8_t type;
  uint8_t padding;
};
static_assert(sizeof(L2capAddress) == 14, "the size of sockaddr_l2");

// sockaddr_rc.
struct RfcommAddress {
  uint16_t family;
  uint8_t device[kDeviceAddressSize];
  uint8_t channel;
  uint8_t padding;
};
static_assert(sizeof(RfcommAddress) == 10, "the size of sockaddr_rc");

// sockaddr_hci.
struct HciAddress {
  uint16_t family;
  uint16_t device;
  uint16_t channel;
};
static_assert(sizeof(HciAddress) == 6, "the size of sockaddr_hci");

// sockaddr_sco.
struct ScoAddress {
  uint16_t family;
  uint8_t device[kDeviceAddressSize];
};
static_assert(sizeof(ScoAddress) == 8, "the size of sockaddr_sco");

}  // namespace berkeley
