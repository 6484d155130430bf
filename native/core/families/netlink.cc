// AF_NETLINK addresses: (pid, groups).
#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  AddressError error = RequireTuple(input, "AF_NETLINK");
  if (!error.ok()) return error;
  if (input.fields.size() != 2) {
    return AddressError::Type("AF_NETLINK address must be a pair (pid, groups)");
  }
  uint32_t port = 0;
  uint32_t groups = 0;
  error = ReadUnsigned32(input, 0, &port);
  if (error.ok()) error = ReadUnsigned32(input, 1, &groups);
  if (!error.ok()) return error;
  NetlinkAddress* address = output->As<NetlinkAddress>();
  address->family = kAfNetlink;
  address->port = port;
  address->groups = groups;
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const NetlinkAddress* address = input.As<NetlinkAddress>();
  output->is_tuple = true;
  output->fields = {Field::Integer(address->port), Field::Integer(address->groups)};
  return AddressError::None();
}

}  // namespace

const FamilyCodec kNetlinkFamily = {kAfNetlink, sizeof(NetlinkAddress), Parse, Format};

}  // namespace berkeley
