// AF_QIPCRTR addresses, of the router to Qualcomm's processors: (node, port).
#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  if (!input.is_tuple) {
    return AddressError::Type("getsockaddrarg: AF_QIPCRTR address must be tuple, not {type}");
  }
  AddressError error = RequireCount(input, "getsockaddrarg()", 2);
  uint32_t node = 0;
  uint32_t port = 0;
  if (error.ok()) error = ReadUnsigned32(input, 0, &node);
  if (error.ok()) error = ReadUnsigned32(input, 1, &port);
  if (!error.ok()) return error;
  QipcrtrAddress* address = output->As<QipcrtrAddress>();
  address->family = kAfQipcrtr;
  address->node = node;
  address->port = port;
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const QipcrtrAddress* address = input.As<QipcrtrAddress>();
  output->is_tuple = true;
  output->fields = {Field::Integer(address->node), Field::Integer(address->port)};
  return AddressError::None();
}

}  // namespace

const FamilyCodec kQipcrtrFamily = {kAfQipcrtr, sizeof(QipcrtrAddress), Parse, Format};

}  // namespace berkeley
