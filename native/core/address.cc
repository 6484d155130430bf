// Finds the codec of an address family, and what the codecs share.
#include "core/address.h"

#include <net/if.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstring>

#include "core/families/families.h"
#include "core/result.h"

namespace berkeley {

namespace {

#define FAMILY(codec) &codec,
const FamilyCodec* const kFamilies[] = {
#include "core/families/families.list"
};
#undef FAMILY

}  // namespace

Field Field::Integer(int64_t value) {
  Field field;
  field.kind = Kind::kInteger;
  field.integer = value;
  return field;
}

Field Field::Unsigned(uint64_t value) {
  Field field = Integer(static_cast<int64_t>(value));
  field.huge = field.integer < 0;
  field.is_unsigned = field.huge;
  return field;
}

Field Field::Text(std::string value) {
  Field field;
  field.kind = Kind::kText;
  field.bytes = std::move(value);
  return field;
}

Field Field::Bytes(std::string value) {
  Field field;
  field.kind = Kind::kBytes;
  field.bytes = std::move(value);
  return field;
}

const FamilyCodec* FindFamily(int family) {
  for (const FamilyCodec* codec : kFamilies) {
    if (codec->family == family) return codec;
  }
  return nullptr;
}

AddressError ParseAddress(const SocketIdentity& socket, const AddressFields& input,
                          Address* output) {
  const FamilyCodec* codec = FindFamily(socket.family);
  if (codec == nullptr) return AddressError::System("{method}(): bad family");
  *output = Address();
  return codec->parse(socket, input, output);
}

AddressError FormatAddress(const SocketIdentity& socket, const Address& input,
                           AddressFields* output) {
  output->is_tuple = false;
  output->fields.clear();
  if (input.length == 0) {
    // A connected stream has no sender's address, an unnamed AF_UNIX datagram sender neither.
    output->fields.emplace_back();
    return AddressError::None();
  }
  const FamilyCodec* codec = FindFamily(input.generic.sa_family);
  if (codec != nullptr && codec->format != nullptr) return codec->format(socket, input, output);
  output->is_tuple = true;
  output->fields.push_back(Field::Integer(input.generic.sa_family));
  output->fields.push_back(
      Field::Bytes(std::string(input.generic.sa_data, sizeof(input.generic.sa_data))));
  return AddressError::None();
}

AddressError RequireTuple(const AddressFields& input, const char* family_name) {
  if (input.is_tuple) return AddressError::None();
  return AddressError::Type(std::string("{method}(): ") + family_name +
                            " address must be tuple, not {type}");
}

AddressError NotAnInteger(size_t index) {
  return AddressError::Type("'{type}' object cannot be interpreted as an integer",
                            static_cast<int>(index));
}

AddressError ReadInt(const AddressFields& input, size_t index, const char* overflow, int* output) {
  const Field& field = input.fields[index];
  if (!field.IsInteger()) return NotAnInteger(index);
  if (!field.FitsInt()) return AddressError::Overflow(overflow);
  *output = static_cast<int>(field.integer);
  return AddressError::None();
}

AddressError ReadUnsigned(const AddressFields& input, size_t index, const char* overflow,
                          uint32_t* output) {
  const Field& field = input.fields[index];
  if (!field.IsInteger()) return NotAnInteger(index);
  if (field.huge || field.integer < INT32_MIN || field.integer > UINT32_MAX) {
    return AddressError::Overflow(overflow);
  }
  *output = static_cast<uint32_t>(field.integer);
  return AddressError::None();
}

AddressError ReadPort(const AddressFields& input, size_t index, uint16_t* output) {
  int port = 0;
  const char* const text = "{method}(): port must be 0-65535.";
  const AddressError error = ReadInt(input, index, text, &port);
  if (!error.ok()) return error;
  if (port < 0 || port > 0xffff) return AddressError::Overflow(text);
  *output = static_cast<uint16_t>(port);
  return AddressError::None();
}

AddressError InterfaceIndex(int fd, const std::string& name, int* output) {
  ifreq request = {};
  name.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
  const Result result = Retry([&] { return ioctl(fd, SIOCGIFINDEX, &request); });
  if (result < 0) return AddressError::Errno(static_cast<int>(-result));
  *output = request.ifr_ifindex;
  return AddressError::None();
}

std::string InterfaceName(int fd, unsigned int index) {
  ifreq request = {};
  request.ifr_ifindex = static_cast<int>(index);
  if (index == 0 || Retry([&] { return ioctl(fd, SIOCGIFNAME, &request); }) < 0) return {};
  return std::string(request.ifr_name, strnlen(request.ifr_name, sizeof(request.ifr_name)));
}

}  // namespace berkeley
