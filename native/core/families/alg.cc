// AF_ALG addresses, which name an algorithm of the kernel: (type, name[, feat[, mask]]).
#include <cstring>

#include "core/families/families.h"
#include "core/families/fields.h"
#include "core/families/structures.h"

namespace berkeley {

namespace {

constexpr char kShapeText[] = "AF_ALG address must be a tuple (type, name[, feat[, mask]])";

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  AddressError error = RequireTuple(input, "AF_ALG");
  if (!error.ok()) return error;
  const size_t count = input.fields.size();
  if (count < 2 || count > 4) return AddressError::Type(kShapeText);
  std::string type;
  std::string name;
  uint32_t features = 0;
  uint32_t mask = 0;
  error = ReadText(input, 0, kShapeText, &type);
  if (error.ok()) error = ReadText(input, 1, kShapeText, &name);
  if (error.ok() && count > 2) error = ReadUnsigned32(input, 2, &features);
  if (error.ok() && count > 3) error = ReadUnsigned32(input, 3, &mask);
  if (!error.ok()) return error;
  AlgAddress* address = output->As<AlgAddress>();
  // The kernel writes a NUL over the last byte of both, so that it is not theirs to use.
  if (type.size() >= sizeof(address->type)) return AddressError::Value("AF_ALG type too long.");
  if (name.size() >= sizeof(address->name)) return AddressError::Value("AF_ALG name too long.");
  address->family = kAfAlg;
  memcpy(address->type, type.data(), type.size());
  address->features = features;
  address->mask = mask;
  memcpy(address->name, name.data(), name.size());
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const AlgAddress* address = input.As<AlgAddress>();
  output->is_tuple = true;
  output->fields = {Field::Text(BoundedText(address->type, sizeof(address->type))),
                    Field::Text(BoundedText(address->name, sizeof(address->name))),
                    Field::Integer(address->features), Field::Integer(address->mask)};
  return AddressError::None();
}

}  // namespace

const FamilyCodec kAlgFamily = {kAfAlg, sizeof(AlgAddress), Parse, Format};

}  // namespace berkeley
