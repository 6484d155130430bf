// AF_TIPC addresses: (addr_type, v1, v2, v3[, scope]).
#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

constexpr char kTypeText[] = "Invalid address type";

// A negative scope withdraws a binding, so this number keeps its sign.
AddressError ReadScope(const AddressFields& input, size_t index, int8_t* output) {
  int scope = 0;
  const AddressError error = ReadInt(input, index, kOutOfRange, &scope);
  if (!error.ok()) return error;
  if (scope < INT8_MIN || scope > INT8_MAX) return AddressError::Overflow(kOutOfRange);
  *output = static_cast<int8_t>(scope);
  return AddressError::None();
}

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  AddressError error = RequireTuple(input, "AF_TIPC");
  if (!error.ok()) return error;
  const size_t count = input.fields.size();
  if (count < 4 || count > 5) {
    return AddressError::Type("AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])");
  }
  uint32_t type = 0;
  uint32_t values[3] = {};
  int8_t scope = kTipcClusterScope;
  error = ReadUnsigned32(input, 0, &type);
  for (size_t index = 0; index < 3 && error.ok(); ++index) {
    error = ReadUnsigned32(input, index + 1, &values[index]);
  }
  if (error.ok() && count > 4) error = ReadScope(input, 4, &scope);
  if (!error.ok()) return error;
  TipcAddress* address = output->As<TipcAddress>();
  switch (type) {
    case kTipcServiceRange:
      address->words[0] = values[0];
      address->words[1] = values[1];
      address->words[2] = values[2];
      break;
    case kTipcServiceAddress:
      // The third value has no place of its own; a lookup domain of 0 means anywhere.
      address->words[0] = values[0];
      address->words[1] = values[1];
      break;
    case kTipcSocketAddress:
      address->words[0] = values[1];
      address->words[1] = values[0];
      break;
    default:
      return AddressError::Type(kTypeText);
  }
  address->family = kAfTipc;
  address->type = static_cast<uint8_t>(type);
  address->scope = scope;
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const TipcAddress* address = input.As<TipcAddress>();
  const uint32_t* words = address->words;
  uint32_t values[3] = {};
  switch (address->type) {
    case kTipcServiceRange:
      values[0] = words[0];
      values[1] = words[1];
      values[2] = words[2];
      break;
    case kTipcServiceAddress:
      values[0] = words[0];
      values[1] = words[1];
      values[2] = words[1];
      break;
    case kTipcSocketAddress:
      values[0] = words[1];
      values[1] = words[0];
      break;
    default:
      return AddressError::Value(kTypeText);
  }
  output->is_tuple = true;
  output->fields = {Field::Integer(address->type), Field::Integer(values[0]),
                    Field::Integer(values[1]), Field::Integer(values[2]),
                    Field::Integer(address->scope)};
  return AddressError::None();
}

}  // namespace

const FamilyCodec kTipcFamily = {kAfTipc, sizeof(TipcAddress), Parse, Format};

}  // namespace berkeley
