// Resolves the hosts of addresses as Python does, without a look-up wherever none is needed.
#include "core/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

#include "core/lookup.h"
#include "core/result.h"

namespace berkeley {

namespace {

void SetInet(Address* output, const in_addr& host) {
  *output = Address();
  sockaddr_in* address = output->As<sockaddr_in>();
  address->sin_family = AF_INET;
  address->sin_addr = host;
  output->length = sizeof(*address);
}

bool IsBroadcast(const std::string& host) {
  return host == "<broadcast>" || host == "255.255.255.255";
}

bool ParseNumericInet(const std::string& host, int family, Address* output) {
  if (family != AF_INET && family != AF_UNSPEC) return false;
  in_addr parsed;
  if (inet_pton(AF_INET, host.c_str(), &parsed) <= 0) return false;
  SetInet(output, parsed);
  return true;
}

bool ParseNumericInet6(const std::string& host, int family, Address* output) {
  if (family != AF_INET6 && family != AF_UNSPEC) return false;
  // Only getaddrinfo(3) understands the zone behind a per cent sign.
  if (host.find('%') != std::string::npos) return false;
  in6_addr parsed;
  if (inet_pton(AF_INET6, host.c_str(), &parsed) <= 0) return false;
  *output = Address();
  sockaddr_in6* address = output->As<sockaddr_in6>();
  address->sin6_family = AF_INET6;
  address->sin6_addr = parsed;
  output->length = sizeof(*address);
  return true;
}

bool ParseNumeric(const std::string& host, int family, Address* output) {
  return ParseNumericInet(host, family, output) || ParseNumericInet6(host, family, output);
}

AddressError TakeFirst(const addrinfo& first, Address* output) {
  if (first.ai_family != AF_INET && first.ai_family != AF_INET6) {
    return AddressError::System("unknown address family");
  }
  *output = Address();
  memcpy(output->bytes, first.ai_addr, first.ai_addrlen);
  output->length = first.ai_addrlen;
  return AddressError::None();
}

AddressError FindWildcard(int family, Address* output) {
  addrinfo hints = {};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_PASSIVE;
  AddressList list;
  const AddressError error = list.Find(nullptr, "0", hints);
  if (!error.ok()) return error;
  // AF_UNSPEC has a wildcard of either version, and nothing tells which one is meant.
  if (list.first()->ai_next != nullptr) {
    return AddressError::System("wildcard resolved to multiple address");
  }
  return TakeFirst(*list.first(), output);
}

}  // namespace

AddressError ResolveHost(const std::string& host, int family, Address* output) {
  if (host.empty()) return FindWildcard(family, output);
  if (IsBroadcast(host)) {
    if (family != AF_INET && family != AF_UNSPEC) {
      return AddressError::System("address family mismatched");
    }
    SetInet(output, {INADDR_BROADCAST});
    return AddressError::None();
  }
  if (ParseNumeric(host, family, output)) return AddressError::None();
  addrinfo hints = {};
  hints.ai_family = family;
  AddressList list;
  const AddressError error = list.Find(host.c_str(), nullptr, hints);
  return error.ok() ? TakeFirst(*list.first(), output) : error;
}

bool NeedsLookup(const std::string& host, int family) {
  Address ignored;
  return !host.empty() && !IsBroadcast(host) && !ParseNumeric(host, family, &ignored);
}

AddressError ReadHost(const AddressFields& input, size_t index, std::string* output) {
  const Field& field = input.fields[index];
  switch (field.kind) {
    case Field::Kind::kText:
      if (!field.is_ascii) return AddressError::Type("encoding of hostname failed");
      break;
    case Field::Kind::kBadText:
      return AddressError::Type("encoding of hostname failed");
    case Field::Kind::kBytes:
      break;
    default:
      return AddressError::Type("str, bytes or bytearray expected, not {type}",
                                static_cast<int>(index));
  }
  if (field.bytes.find('\0') != std::string::npos) {
    return AddressError::Type("host name must not contain null character");
  }
  *output = field.bytes;
  return AddressError::None();
}

}  // namespace berkeley
