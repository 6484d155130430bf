// AF_VSOCK addresses: (cid, port).
#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  if (!input.is_tuple) {
    return AddressError::Type("getsockaddrarg: AF_VSOCK address must be tuple, not {type}");
  }
  AddressError error = RequireCount(input, "getsockaddrarg()", 2);
  uint32_t cid = 0;
  uint32_t port = 0;
  if (error.ok()) error = ReadUnsigned32(input, 0, &cid);
  if (error.ok()) error = ReadUnsigned32(input, 1, &port);
  if (!error.ok()) return error;
  VsockAddress* address = output->As<VsockAddress>();
  address->family = kAfVsock;
  address->port = port;
  address->cid = cid;
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const VsockAddress* address = input.As<VsockAddress>();
  output->is_tuple = true;
  output->fields = {Field::Integer(address->cid), Field::Integer(address->port)};
  return AddressError::None();
}

}  // namespace

const FamilyCodec kVsockFamily = {kAfVsock, sizeof(VsockAddress), Parse, Format};

}  // namespace berkeley
