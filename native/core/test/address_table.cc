// Runs tables of addresses through the codecs.
#include "core/test/address_table.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "core/test/check.h"

namespace berkeley::test {

namespace {

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const size_t position = text.find(from);
  return position == std::string::npos ? text : text.replace(position, from.size(), to);
}

std::string ErrorText(const AddressError& error) {
  const std::string type =
      error.field < 0 ? "{address}" : "{item " + std::to_string(error.field) + "}";
  const std::string text = Replace(error.text, "{type}", type);
  switch (error.kind) {
    case AddressError::Kind::kNone:
      return "no error";
    case AddressError::Kind::kErrno:
      return "errno " + std::to_string(error.code);
    case AddressError::Kind::kName:
      return "EAI " + std::to_string(error.code);
    case AddressError::Kind::kType:
      return "TypeError: " + text;
    case AddressError::Kind::kValue:
      return "ValueError: " + text;
    case AddressError::Kind::kOverflow:
      return "OverflowError: " + text;
    case AddressError::Kind::kSystem:
      return "OSError: " + text;
  }
  return "an unknown kind of error";
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char character : text) {
    if (character >= ' ' && character <= '~') {
      quoted += character;
      continue;
    }
    char escape[8];
    snprintf(escape, sizeof(escape), "\\x%02x", static_cast<unsigned char>(character));
    quoted += escape;
  }
  return quoted + "'";
}

std::string FieldText(const Field& field) {
  switch (field.kind) {
    case Field::Kind::kNothing:
      return "None";
    case Field::Kind::kInteger:
      if (field.is_unsigned) return std::to_string(static_cast<uint64_t>(field.integer));
      return std::to_string(field.integer);
    case Field::Kind::kText:
      return Quoted(field.bytes);
    case Field::Kind::kBytes:
      return "b" + Quoted(field.bytes);
    default:
      return "no result can be of this kind";
  }
}

std::string FieldsText(const AddressFields& address) {
  if (!address.is_tuple) {
    return address.fields.size() == 1 ? FieldText(address.fields[0]) : "no single field";
  }
  std::string text = "(";
  for (const Field& field : address.fields) text += FieldText(field) + ", ";
  if (address.fields.size() == 1) return text.substr(0, text.size() - 1) + ")";
  return text.substr(0, text.size() - 2) + ")";
}

std::string BytesText(const Address& address) {
  std::string text;
  for (size_t index = 0; index < address.length && index < sizeof(address.bytes); ++index) {
    char digits[4];
    snprintf(digits, sizeof(digits), "%02x", address.bytes[index]);
    text += digits;
  }
  return text;
}

// Spells "00*12" out and takes spaces away. A text with other characters stays as it is.
std::string Expanded(const std::string& text) {
  if (text.find_first_not_of("0123456789abcdef *") != std::string::npos) return text;
  std::string digits;
  for (size_t index = 0; index < text.size(); ++index) {
    if (text[index] == ' ') continue;
    if (text[index] != '*') {
      digits += text[index];
      continue;
    }
    const size_t count = strtoul(text.c_str() + index + 1, nullptr, 10);
    const std::string last = digits.substr(digits.size() - 2);
    for (size_t copy = 1; copy < count; ++copy) digits += last;
    index = text.find_first_not_of("0123456789", index + 1);
    if (index == std::string::npos) break;
    --index;
  }
  return digits;
}

Address FromHexadecimal(const std::string& text) {
  const std::string digits = Expanded(text);
  Address address;
  address.length = static_cast<socklen_t>(digits.size() / 2);
  for (size_t index = 0; index < address.length; ++index) {
    address.bytes[index] =
        static_cast<uint8_t>(strtoul(digits.substr(index * 2, 2).c_str(), nullptr, 16));
  }
  return address;
}

std::string Parsed(const SocketIdentity& socket, const AddressFields& input) {
  Address address;
  const AddressError error = ParseAddress(socket, input, &address);
  return error.ok() ? BytesText(address) : ErrorText(error);
}

}  // namespace

Field View(std::string bytes) {
  Field field = Field::Bytes(std::move(bytes));
  field.kind = Field::Kind::kByteView;
  return field;
}

Field OfKind(Field::Kind kind) {
  Field field;
  field.kind = kind;
  return field;
}

Field None() { return OfKind(Field::Kind::kNothing); }

Field TooLarge() {
  Field field = Field::Integer(0);
  field.huge = true;
  return field;
}

AddressFields Tuple(std::vector<Item> items) {
  AddressFields address;
  for (Item& item : items) address.fields.push_back(std::move(item));
  return address;
}

AddressFields Single(Item item) {
  AddressFields address;
  address.is_tuple = false;
  address.fields.push_back(std::move(item));
  return address;
}

void CheckParsing(int family, const std::vector<ParseRow>& rows) {
  for (const ParseRow& row : rows) {
    const SocketIdentity socket = {LookupSocket(), family, row.protocol};
    const std::string actual = Parsed(socket, row.input);
    CheckText(row.name, Expanded(row.expected), actual);
    const bool is_error = actual.find(' ') != std::string::npos;
    if (is_error || !row.survives) continue;
    AddressFields again;
    const AddressError error = FormatAddress(socket, FromHexadecimal(actual), &again);
    const std::string name = std::string(row.name) + ", formatted and parsed again";
    CheckText(name, actual, error.ok() ? Parsed(socket, again) : ErrorText(error));
  }
}

void CheckFormatting(int family, const std::vector<FormatRow>& rows) {
  for (const FormatRow& row : rows) {
    const SocketIdentity socket = {LookupSocket(), family, row.protocol};
    AddressFields output;
    const AddressError error = FormatAddress(socket, FromHexadecimal(row.hexadecimal), &output);
    CheckText(row.name, row.expected, error.ok() ? FieldsText(output) : ErrorText(error));
  }
}

void CheckHostileBytes(int family, const std::vector<int>& protocols) {
  std::minstd_rand random(static_cast<unsigned int>(family));
  bool bounded = true;
  for (const int protocol : protocols) {
    // The kernel may also tell a length that the structure had no room for.
    for (socklen_t length = 0; length <= sizeof(sockaddr_storage) + 8; ++length) {
      Address address;
      for (uint8_t& byte : address.bytes) byte = static_cast<uint8_t>(random() >> 8);
      address.generic.sa_family = static_cast<sa_family_t>(family);
      address.length = length;
      AddressFields output;
      FormatAddress({LookupSocket(), family, protocol}, address, &output);
      for (const Field& field : output.fields) {
        bounded = bounded && field.bytes.size() <= sizeof(sockaddr_storage);
      }
    }
  }
  Check("family " + std::to_string(family) + " makes bounded fields of any bytes", bounded);
}

int LookupSocket() {
  static const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  return descriptor;
}

}  // namespace berkeley::test
