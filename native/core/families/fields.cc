// Reads the items of an address by type and range, with Python's texts.
#include "core/families/fields.h"

#include <cstring>

namespace berkeley {

namespace {

// Reads item `index` when it is within [lowest, highest].
AddressError ReadWithin(const AddressFields& input, size_t index, int64_t lowest, int64_t highest,
                        int64_t* output) {
  const Field& field = input.fields[index];
  if (!field.IsInteger()) return NotAnInteger(index);
  if (field.huge || field.integer < lowest || field.integer > highest) {
    return AddressError::Overflow(kOutOfRange);
  }
  *output = field.integer;
  return AddressError::None();
}

bool HasNul(const std::string& text) { return text.find('\0') != std::string::npos; }

}  // namespace

AddressError ReadUnsigned8(const AddressFields& input, size_t index, uint8_t* output) {
  int64_t value = 0;
  const AddressError error = ReadWithin(input, index, INT8_MIN, UINT8_MAX, &value);
  if (error.ok()) *output = static_cast<uint8_t>(value);
  return error;
}

AddressError ReadUnsigned16(const AddressFields& input, size_t index, uint16_t* output) {
  int64_t value = 0;
  const AddressError error = ReadWithin(input, index, INT16_MIN, UINT16_MAX, &value);
  if (error.ok()) *output = static_cast<uint16_t>(value);
  return error;
}

AddressError ReadUnsigned32(const AddressFields& input, size_t index, uint32_t* output) {
  return ReadUnsigned(input, index, kOutOfRange, output);
}

AddressError ReadUnsigned64(const AddressFields& input, size_t index, uint64_t* output) {
  const Field& field = input.fields[index];
  if (!field.IsInteger()) return NotAnInteger(index);
  if (field.huge && !field.is_unsigned) return AddressError::Overflow(kOutOfRange);
  *output = static_cast<uint64_t>(field.integer);
  return AddressError::None();
}

AddressError ReadText(const AddressFields& input, size_t index, const char* wrong_type,
                      std::string* output) {
  const Field& field = input.fields[index];
  if (field.kind == Field::Kind::kBadText) {
    return AddressError::Value("surrogates not allowed in a name");
  }
  if (field.kind != Field::Kind::kText) return AddressError::Type(wrong_type);
  if (HasNul(field.bytes)) return AddressError::Value("embedded null character");
  *output = field.bytes;
  return AddressError::None();
}

AddressError ReadFileSystemName(const AddressFields& input, size_t index, std::string* output) {
  const Field& field = input.fields[index];
  switch (field.kind) {
    case Field::Kind::kText:
    case Field::Kind::kBytes:
      break;
    case Field::Kind::kBadText:
      return AddressError::Value("surrogates not allowed in a name");
    default:
      return AddressError::Type("expected str, bytes or os.PathLike object, not {type}",
                                static_cast<int>(index));
  }
  if (HasNul(field.bytes)) return AddressError::Value("embedded null byte");
  *output = field.bytes;
  return AddressError::None();
}

AddressError RequireCount(const AddressFields& input, const char* function, size_t count) {
  if (input.fields.size() == count) return AddressError::None();
  return AddressError::Type(std::string(function) + " takes exactly " + std::to_string(count) +
                            " arguments (" + std::to_string(input.fields.size()) + " given)");
}

std::string BoundedText(const char* text, size_t size) {
  return std::string(text, strnlen(text, size));
}

}  // namespace berkeley
