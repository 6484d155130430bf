// AF_CAN addresses: (interface,), and what ISO-TP and J1939 add to it.
#include <net/if.h>

#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

// Looks the interface up; "" stands for all of them, which is index 0.
AddressError FindInterface(const SocketIdentity& socket, const std::string& name,
                           CanAddress* address) {
  if (name.empty()) return AddressError::None();
  if (name.size() >= IFNAMSIZ) return AddressError::System("AF_CAN interface name too long");
  int index = 0;
  const AddressError error = InterfaceIndex(socket.fd, name, &index);
  address->interface_index = index;
  return error;
}

AddressError ParseInterfaceOnly(const SocketIdentity& socket, const AddressFields& input,
                                CanAddress* address) {
  if (input.fields.size() != 1) {
    return AddressError::Type("AF_CAN address must be a tuple (interface, )");
  }
  std::string name;
  const AddressError error = ReadFileSystemName(input, 0, &name);
  return error.ok() ? FindInterface(socket, name, address) : error;
}

AddressError ParseIsotp(const SocketIdentity& socket, const AddressFields& input,
                        CanAddress* address) {
  std::string name;
  AddressError error = RequireCount(input, "function", 3);
  if (error.ok()) error = ReadFileSystemName(input, 0, &name);
  if (error.ok()) error = ReadUnsigned32(input, 1, &address->isotp.receive_id);
  if (error.ok()) error = ReadUnsigned32(input, 2, &address->isotp.transmit_id);
  return error.ok() ? FindInterface(socket, name, address) : error;
}

AddressError ParseJ1939(const SocketIdentity& socket, const AddressFields& input,
                        CanAddress* address) {
  std::string name;
  AddressError error = RequireCount(input, "function", 4);
  if (error.ok()) error = ReadFileSystemName(input, 0, &name);
  if (error.ok()) error = ReadUnsigned64(input, 1, &address->j1939.name);
  if (error.ok()) error = ReadUnsigned32(input, 2, &address->j1939.group_number);
  if (error.ok()) error = ReadUnsigned8(input, 3, &address->j1939.address);
  return error.ok() ? FindInterface(socket, name, address) : error;
}

using ProtocolParser = AddressError (*)(const SocketIdentity& socket, const AddressFields& input,
                                        CanAddress* address);

ProtocolParser FindParser(int protocol) {
  switch (protocol) {
    case kCanRaw:
    case kCanBcm:
      return ParseInterfaceOnly;
    case kCanIsotp:
      return ParseIsotp;
    case kCanJ1939:
      return ParseJ1939;
    default:
      return nullptr;
  }
}

AddressError Parse(const SocketIdentity& socket, const AddressFields& input, Address* output) {
  const ProtocolParser parser = FindParser(socket.proto);
  if (parser == nullptr) return AddressError::System("{method}(): unsupported CAN protocol");
  AddressError error = RequireTuple(input, "AF_CAN");
  if (!error.ok()) return error;
  CanAddress* address = output->As<CanAddress>();
  error = parser(socket, input, address);
  if (!error.ok()) return error;
  address->family = kAfCan;
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity& socket, const Address& input, AddressFields* output) {
  const CanAddress* address = input.As<CanAddress>();
  output->is_tuple = true;
  output->fields = {
      Field::Text(InterfaceName(socket.fd, static_cast<unsigned int>(address->interface_index)))};
  if (socket.proto == kCanIsotp) {
    output->fields.push_back(Field::Integer(address->isotp.receive_id));
    output->fields.push_back(Field::Integer(address->isotp.transmit_id));
  } else if (socket.proto == kCanJ1939) {
    output->fields.push_back(Field::Unsigned(address->j1939.name));
    output->fields.push_back(Field::Integer(address->j1939.group_number));
    output->fields.push_back(Field::Integer(address->j1939.address));
  }
  return AddressError::None();
}

}  // namespace

const FamilyCodec kCanFamily = {kAfCan, sizeof(CanAddress), Parse, Format};

}  // namespace berkeley
