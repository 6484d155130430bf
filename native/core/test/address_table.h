// Tables of addresses: fields to bytes, bytes to fields, and what is refused with which text.
//
// Everything is compared as text. Bytes are hexadecimal digits, "00*12" stands for twelve zero
// bytes. Fields look as in Python: ('lo', 1, b'\x00'). An error is "TypeError: text", where
// {item 2} stands for the type of the item at fault and {address} for the type of the whole
// address, "errno 19" or "EAI -2".
#pragma once

#include <string>
#include <vector>

#include "core/address.h"

namespace berkeley::test {

// Makes a field from a literal.
struct Item : Field {
  Item(int value) : Field(Integer(value)) {}                  // NOLINT(google-explicit-constructor)
  Item(int64_t value) : Field(Integer(value)) {}              // NOLINT(google-explicit-constructor)
  Item(const char* value) : Field(Text(value)) {}             // NOLINT(google-explicit-constructor)
  Item(std::string value) : Field(Text(std::move(value))) {}  // NOLINT
  Item(Field field) : Field(std::move(field)) {}              // NOLINT
};

Field View(std::string bytes);
Field None();
Field OfKind(Field::Kind kind);
// 2**64, which no integer has room for.
Field TooLarge();

AddressFields Tuple(std::vector<Item> items);
AddressFields Single(Item item);

struct ParseRow {
  const char* name;
  int protocol;
  AddressFields input;
  std::string expected;
  // Whether formatting and parsing again gives the same bytes.
  bool survives = true;
};

struct FormatRow {
  const char* name;
  int protocol;
  std::string hexadecimal;
  std::string expected;
};

void CheckParsing(int family, const std::vector<ParseRow>& rows);
void CheckFormatting(int family, const std::vector<FormatRow>& rows);

// Formats arbitrary bytes of every length: whatever comes out, nothing may be read out of bounds,
// and no text or byte string may be longer than the address was.
void CheckHostileBytes(int family, const std::vector<int>& protocols);

// A datagram socket that the interfaces are looked up through; open until the program ends.
int LookupSocket();

}  // namespace berkeley::test
