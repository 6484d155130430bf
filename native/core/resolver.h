// Names to addresses for the address families: what a host in an address stands for.
#pragma once

#include <string>

#include "core/address.h"

namespace berkeley {

// A host as an address of a family (AF_INET, AF_INET6 or AF_UNSPEC): '' is the wildcard address,
// '<broadcast>' and '255.255.255.255' are taken literally, a numeric address is only converted,
// anything else is looked up, which may block. The port stays zero.
AddressError ResolveHost(const std::string& host, int family, Address* output);

// True when ResolveHost would have to look up a name, and might wait for a server's answer.
bool NeedsLookup(const std::string& host, int family);

// A field of an address as a host name: a text or a byte array without NUL bytes. A text that is
// not ASCII must have been encoded by IDNA rules before it comes here.
AddressError ReadHost(const AddressFields& input, size_t index, std::string* output);

}  // namespace berkeley
