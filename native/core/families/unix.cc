// AF_UNIX addresses: a path, an abstract name that begins with a NUL byte, or nothing.
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "core/families/families.h"

namespace berkeley {

namespace {

constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  if (input.is_tuple) {
    return AddressError::Type("a bytes-like object is required, not 'tuple'");
  }
  const Field& field = input.fields[0];
  switch (field.kind) {
    case Field::Kind::kText:
    case Field::Kind::kBytes:
    case Field::Kind::kByteView:
      break;
    case Field::Kind::kBadText:
      return AddressError::Value("surrogates not allowed in a path");
    default:
      return AddressError::Type("a bytes-like object is required, not '{type}'");
  }
  sockaddr_un* address = output->As<sockaddr_un>();
  const std::string& path = field.bytes;
  // An abstract name may use the last byte, a path needs it for its NUL (unix(7)).
  const bool has_no_terminator = path.empty() || path[0] == '\0';
  const size_t room = sizeof(address->sun_path) - (has_no_terminator ? 0 : 1);
  if (path.size() > room) return AddressError::System("AF_UNIX path too long");
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path.data(), path.size());
  output->length = static_cast<socklen_t>(kPathOffset + path.size() + (has_no_terminator ? 0 : 1));
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const sockaddr_un* address = input.As<sockaddr_un>();
  size_t length = input.length > kPathOffset ? input.length - kPathOffset : 0;
  if (length > sizeof(address->sun_path)) length = sizeof(address->sun_path);
  if (length > 0 && address->sun_path[0] == '\0') {
    output->fields.push_back(Field::Bytes(std::string(address->sun_path, length)));
    return AddressError::None();
  }
  output->fields.push_back(
      Field::Text(std::string(address->sun_path, strnlen(address->sun_path, length))));
  return AddressError::None();
}

}  // namespace

const FamilyCodec kUnixFamily = {AF_UNIX, sizeof(sockaddr_un), Parse, Format};

}  // namespace berkeley
