// AF_PACKET addresses: (ifname, proto[, pkttype[, hatype[, addr]]]).
#include <arpa/inet.h>

#include <cstddef>
#include <cstring>

#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

constexpr char kShapeText[] = "AF_PACKET address must be a tuple of two to five elements";

constexpr size_t kHardwareOffset = offsetof(PacketAddress, hardware);

// An InfiniBand address has 20 bytes and passes the end of the structure: packet(7) answers with
// as many as there are, and the kernel's limit is 32.
constexpr size_t kMaxHardwareSize = 32;

AddressError Parse(const SocketIdentity& socket, const AddressFields& input, Address* output) {
  AddressError error = RequireTuple(input, "AF_PACKET");
  if (!error.ok()) return error;
  const size_t count = input.fields.size();
  if (count < 2 || count > 5) return AddressError::Type(kShapeText);
  std::string name;
  int protocol = 0;
  uint8_t packet_type = 0;
  uint16_t hardware_type = 0;
  error = ReadText(input, 0, kShapeText, &name);
  if (error.ok()) error = ReadInt(input, 1, kOutOfRange, &protocol);
  if (error.ok() && count > 2) error = ReadUnsigned8(input, 2, &packet_type);
  if (error.ok() && count > 3) error = ReadUnsigned16(input, 3, &hardware_type);
  if (!error.ok()) return error;
  std::string hardware;
  if (count > 4) {
    const Field& field = input.fields[4];
    if (field.kind != Field::Kind::kBytes && field.kind != Field::Kind::kByteView) {
      return AddressError::Type("a bytes-like object is required, not '{type}'", 4);
    }
    hardware = field.bytes;
  }
  int index = 0;
  error = InterfaceIndex(socket.fd, name, &index);
  if (!error.ok()) return error;
  PacketAddress* address = output->As<PacketAddress>();
  if (hardware.size() > sizeof(address->hardware)) {
    return AddressError::Value("Hardware address must be 8 bytes or less");
  }
  if (protocol < 0 || protocol > 0xffff) {
    return AddressError::Overflow("{method}(): proto must be 0-65535.");
  }
  address->family = kAfPacket;
  address->protocol = htons(static_cast<uint16_t>(protocol));
  address->interface_index = index;
  address->hardware_type = hardware_type;
  address->packet_type = packet_type;
  address->hardware_size = static_cast<uint8_t>(hardware.size());
  memcpy(address->hardware, hardware.data(), hardware.size());
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity& socket, const Address& input, AddressFields* output) {
  const PacketAddress* address = input.As<PacketAddress>();
  const size_t length = input.length < sizeof(input.bytes) ? input.length : sizeof(input.bytes);
  const size_t room = length > kHardwareOffset ? length - kHardwareOffset : 0;
  const size_t size = address->hardware_size < room ? address->hardware_size : room;
  const char* hardware = reinterpret_cast<const char*>(input.bytes) + kHardwareOffset;
  output->is_tuple = true;
  output->fields = {
      Field::Text(InterfaceName(socket.fd, static_cast<unsigned int>(address->interface_index))),
      Field::Integer(ntohs(address->protocol)),
      Field::Integer(address->packet_type),
      Field::Integer(address->hardware_type),
      Field::Bytes(std::string(hardware, size)),
  };
  return AddressError::None();
}

}  // namespace

const FamilyCodec kPacketFamily = {kAfPacket, kHardwareOffset + kMaxHardwareSize, Parse, Format};

}  // namespace berkeley
