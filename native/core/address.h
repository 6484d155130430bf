// Socket addresses: between the kernel's bytes and plain fields, by one codec per address family.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace berkeley {

// A socket address as the kernel takes and gives it.
struct Address {
  union {
    sockaddr generic;
    sockaddr_storage storage;
    uint8_t bytes[sizeof(sockaddr_storage)];
  };
  socklen_t length;

  Address() : storage(), length(0) {}

  // The address as the family's own structure; all of them fit into sockaddr_storage.
  template <typename T>
  T* As() {
    static_assert(sizeof(T) <= sizeof(sockaddr_storage), "an address is at most 128 bytes");
    return reinterpret_cast<T*>(bytes);
  }
  template <typename T>
  const T* As() const {
    static_assert(sizeof(T) <= sizeof(sockaddr_storage), "an address is at most 128 bytes");
    return reinterpret_cast<const T*>(bytes);
  }
};

// One item of an address, in no language's terms.
struct Field {
  enum class Kind {
    kNothing,   // null
    kInteger,   // `integer`; `huge` tells that the number does not fit into it
    kText,      // `bytes` is UTF-8, where U+DC80..U+DCFF stood for single bytes
    kBadText,   // a text that UTF-8 has no bytes for (a lone surrogate)
    kBytes,     // `bytes`, of an immutable or growable byte array
    kByteView,  // `bytes`, of a view that is no byte array: some addresses refuse it
    kOther,     // anything else
  };
  Kind kind = Kind::kNothing;
  int64_t integer = 0;
  bool huge = false;
  bool is_unsigned = false;  // of a huge one: a number of 64 bits after all, `integer` has the bits
  std::string bytes;
  bool is_ascii = true;  // of kText

  static Field Integer(int64_t value);
  static Field Unsigned(uint64_t value);
  static Field Text(std::string value);
  static Field Bytes(std::string value);

  bool IsInteger() const { return kind == Kind::kInteger; }
  bool FitsInt() const { return !huge && integer >= INT32_MIN && integer <= INT32_MAX; }
};

// An address in no language's terms: a tuple of fields, or a single field that is no tuple.
struct AddressFields {
  bool is_tuple = true;
  std::vector<Field> fields;
};

// Why an address could not be used; which exception it becomes is decided above.
// In the text, {method} stands for the calling method and {type} for the type of the value at
// fault: item number `field` of the tuple, or the address itself when that is -1.
struct AddressError {
  enum class Kind {
    kNone,
    kErrno,  // `code` is an errno
    kName,   // `code` is an EAI_ number of getaddrinfo(3)
    kType,   // the others carry a text
    kValue,
    kOverflow,
    kSystem,  // an OSError without a number
  };
  Kind kind = Kind::kNone;
  int code = 0;
  std::string text;
  int field = -1;

  bool ok() const { return kind == Kind::kNone; }

  static AddressError None() { return {}; }
  static AddressError Errno(int code) { return {Kind::kErrno, code, {}, -1}; }
  static AddressError Name(int code) { return {Kind::kName, code, {}, -1}; }
  static AddressError Type(std::string text, int field = -1) {
    return {Kind::kType, 0, std::move(text), field};
  }
  static AddressError Value(std::string text) { return {Kind::kValue, 0, std::move(text), -1}; }
  static AddressError Overflow(std::string text) {
    return {Kind::kOverflow, 0, std::move(text), -1};
  }
  static AddressError System(std::string text) { return {Kind::kSystem, 0, std::move(text), -1}; }
};

// What a codec may need of the socket: CAN and Bluetooth have an address form per protocol, and an
// interface name is looked up through a descriptor.
struct SocketIdentity {
  int fd;
  int family;
  int proto;
};

// One address family: its file under families/ defines it, its row in families/families.list
// makes it known.
struct FamilyCodec {
  int family;
  // The room for an address that the kernel fills in.
  socklen_t capacity;
  AddressError (*parse)(const SocketIdentity& socket, const AddressFields& input, Address* output);
  // Null when the kernel answers with addresses of another family.
  AddressError (*format)(const SocketIdentity& socket, const Address& input, AddressFields* output);
};

// The codec of a family, or null.
const FamilyCodec* FindFamily(int family);

// Fields to bytes; an unknown family is refused with "{method}(): bad family".
AddressError ParseAddress(const SocketIdentity& socket, const AddressFields& input,
                          Address* output);

// Bytes to fields, by the family that stands in the address. A zero length gives a single kNothing
// field; an unknown family gives (family, bytes).
AddressError FormatAddress(const SocketIdentity& socket, const Address& input,
                           AddressFields* output);

// Helpers that the codecs share.

// "{method}(): NAME address must be tuple, not {type}" unless the input is a tuple.
AddressError RequireTuple(const AddressFields& input, const char* family_name);

// Reads item `index` as a C int; otherwise Python's TypeError, or the OverflowError `overflow`.
AddressError ReadInt(const AddressFields& input, size_t index, const char* overflow, int* output);

// Reads item `index` as 32 bits: -2**31 to 2**32-1, where -1 is all ones as in C; otherwise
// Python's TypeError, or the OverflowError `overflow`.
AddressError ReadUnsigned(const AddressFields& input, size_t index, const char* overflow,
                          uint32_t* output);

// "'{type}' object cannot be interpreted as an integer", for item `index`.
AddressError NotAnInteger(size_t index);

// "{method}(): port must be 0-65535." unless it is; used by INET and INET6.
AddressError ReadPort(const AddressFields& input, size_t index, uint16_t* output);

// The index of an interface by its name (SIOCGIFINDEX); names are cut at 15 characters.
AddressError InterfaceIndex(int fd, const std::string& name, int* output);
// The name of an interface by its index (SIOCGIFNAME); "" when there is none.
std::string InterfaceName(int fd, unsigned int index);

}  // namespace berkeley
