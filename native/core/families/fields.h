// How the Linux families read the items of an address.
#pragma once

#include <string>

#include "core/address.h"

namespace berkeley {

// Of a number that its place in the address has no room for. Python cuts some of those silently,
// which would address somebody else.
constexpr char kOutOfRange[] = "{method}(): address argument out of range";

// Reads item `index` as a number of 8, 16, 32 or 64 bits: unsigned, or negative for the same
// pattern, so that -1 is all ones as in C. Otherwise Python's TypeError, or kOutOfRange.
AddressError ReadUnsigned8(const AddressFields& input, size_t index, uint8_t* output);
AddressError ReadUnsigned16(const AddressFields& input, size_t index, uint16_t* output);
AddressError ReadUnsigned32(const AddressFields& input, size_t index, uint32_t* output);
AddressError ReadUnsigned64(const AddressFields& input, size_t index, uint64_t* output);

// Reads item `index` as a text for a C string. A value of another type is refused with
// `wrong_type`, which has no placeholders for the type.
AddressError ReadText(const AddressFields& input, size_t index, const char* wrong_type,
                      std::string* output);

// Reads item `index` as a name in the file system's sense: a text or a byte array.
AddressError ReadFileSystemName(const AddressFields& input, size_t index, std::string* output);

// "NAME() takes exactly N arguments (M given)" unless there are as many items.
AddressError RequireCount(const AddressFields& input, const char* function, size_t count);

// What a C string in a field of fixed size holds, whether it is terminated or not.
std::string BoundedText(const char* text, size_t size);

}  // namespace berkeley
