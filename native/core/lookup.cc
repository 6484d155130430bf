// Answers look-ups with getaddrinfo(3), getnameinfo(3) and the databases of netdb.h.
#include "core/lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "core/database.h"
#include "core/resolver.h"
#include "core/result.h"

namespace berkeley {

namespace {

// RFC 2553 suggests these for getnameinfo(3); netdb.h has them only with extensions.
constexpr size_t kMaxHost = 1025;
constexpr size_t kMaxService = 32;

void Fail(LookupAnswer* answer, const AddressError& error) {
  answer->code = error.code;
  answer->text = error.text;
  switch (error.kind) {
    case AddressError::Kind::kErrno:
      answer->failure = LookupAnswer::Failure::kErrno;
      return;
    case AddressError::Kind::kName:
      answer->failure = LookupAnswer::Failure::kName;
      return;
    default:
      answer->failure = LookupAnswer::Failure::kText;
  }
}

void Fail(LookupAnswer* answer, const char* text) { Fail(answer, AddressError::System(text)); }

// Asks the resolver, whose functions give a number of their own.
template <typename Call>
AddressError Ask(Call call) {
  if (const Result injected = TakeFault(); injected != 0) {
    return AddressError::Errno(static_cast<int>(-injected));
  }
  ClearErrno();
  const int code = call();
  if (code == 0) return AddressError::None();
  return code == EAI_SYSTEM ? AddressError::Errno(LastErrno()) : AddressError::Name(code);
}

const char* OrNull(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

void FindAddresses(const LookupRequest& request, LookupAnswer* answer) {
  addrinfo hints = {};
  hints.ai_family = static_cast<int>(request.numbers[0]);
  hints.ai_socktype = static_cast<int>(request.numbers[1]);
  hints.ai_protocol = static_cast<int>(request.numbers[2]);
  hints.ai_flags = static_cast<int>(request.numbers[3]);
  AddressList list;
  const AddressError error = list.Find(OrNull(request.first), OrNull(request.second), hints);
  if (!error.ok()) return Fail(answer, error);
  for (const addrinfo* info = list.first(); info != nullptr; info = info->ai_next) {
    AddressEntry entry = {info->ai_family, info->ai_socktype, info->ai_protocol, {}, {}};
    if (info->ai_canonname != nullptr) entry.canonical_name = info->ai_canonname;
    if (info->ai_addrlen <= sizeof(entry.address.bytes)) {
      memcpy(entry.address.bytes, info->ai_addr, info->ai_addrlen);
      entry.address.length = info->ai_addrlen;
    }
    answer->addresses.push_back(entry);
  }
}

void FindNameOfAddress(const LookupRequest& request, LookupAnswer* answer) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICHOST;
  AddressList list;
  const AddressError error = list.Find(OrNull(request.first), OrNull(request.second), hints);
  if (!error.ok()) return Fail(answer, error);
  if (list.first()->ai_next != nullptr) {
    return Fail(answer, "sockaddr resolved to multiple addresses");
  }
  Address address;
  if (list.first()->ai_addrlen > sizeof(address.bytes)) return Fail(answer, "unknown family");
  memcpy(address.bytes, list.first()->ai_addr, list.first()->ai_addrlen);
  address.length = list.first()->ai_addrlen;
  if (address.generic.sa_family == AF_INET && request.numbers[3] != 2) {
    return Fail(answer, "IPv4 sockaddr must be 2 tuple");
  }
  if (address.generic.sa_family == AF_INET6) {
    sockaddr_in6* inet6 = address.As<sockaddr_in6>();
    inet6->sin6_flowinfo = htonl(static_cast<uint32_t>(request.numbers[0]));
    inet6->sin6_scope_id = static_cast<uint32_t>(request.numbers[1]);
  }
  char host[kMaxHost] = "";
  char service[kMaxService] = "";
  const AddressError refusal = Ask([&] {
    return getnameinfo(&address.generic, address.length, host, sizeof(host), service,
                       sizeof(service), static_cast<int>(request.numbers[2]));
  });
  if (!refusal.ok()) return Fail(answer, refusal);
  answer->name = host;
  answer->service = service;
}

// The host part of an address, and where it stands in it.
const void* HostPart(const Address& address, socklen_t* length) {
  if (address.generic.sa_family == AF_INET6) {
    *length = sizeof(in6_addr);
    return &address.As<sockaddr_in6>()->sin6_addr;
  }
  *length = sizeof(in_addr);
  return &address.As<sockaddr_in>()->sin_addr;
}

std::string NumericHost(int family, const void* host) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, host, text, sizeof(text));
  return text;
}

void FindHost(const LookupRequest& request, LookupAnswer* answer) {
  const bool by_address = request.kind == LookupRequest::Kind::kHostByAddress;
  const std::string host = request.first.value_or("");
  // Even the name of the entry is resolved first, which is where most names fail.
  Address address;
  const AddressError error = ResolveHost(host, by_address ? AF_UNSPEC : AF_INET, &address);
  if (!error.ok()) return Fail(answer, error);
  const int family = address.generic.sa_family;
  socklen_t length = 0;
  const void* part = HostPart(address, &length);
  if (request.kind == LookupRequest::Kind::kHostByName) {
    answer->name = NumericHost(family, part);
    return;
  }
  HostEntry entry;
  const int host_error =
      by_address ? FindHostByAddress(part, length, family, &entry) : FindHostByName(host, &entry);
  if (host_error != 0) {
    answer->failure = LookupAnswer::Failure::kHost;
    answer->code = host_error;
    return;
  }
  if (entry.family != family) return Fail(answer, AddressError::Errno(EAFNOSUPPORT));
  answer->name = entry.name;
  answer->aliases = entry.aliases;
  for (const std::string& bytes : entry.hosts) {
    if (bytes.size() == length) answer->hosts.push_back(NumericHost(family, bytes.data()));
  }
}

void FindInDatabase(const LookupRequest& request, LookupAnswer* answer) {
  const std::string name = request.first.value_or("");
  const char* proto = OrNull(request.second);
  switch (request.kind) {
    case LookupRequest::Kind::kServiceByName:
      if (!FindServiceByName(name, proto, &answer->number)) {
        Fail(answer, "service/proto not found");
      }
      return;
    case LookupRequest::Kind::kServiceByPort:
      if (!FindServiceByPort(static_cast<int>(request.numbers[0]), proto, &answer->name)) {
        Fail(answer, "port/proto not found");
      }
      return;
    default:
      if (!FindProtocolByName(name, &answer->number)) Fail(answer, "protocol not found");
  }
}

}  // namespace

AddressList::~AddressList() {
  if (first_ != nullptr) freeaddrinfo(first_);
}

AddressError AddressList::Find(const char* host, const char* service, const addrinfo& hints) {
  const AddressError error = Ask([&] { return getaddrinfo(host, service, &hints, &first_); });
  if (!error.ok()) first_ = nullptr;
  return error;
}

LookupAnswer Lookup(const LookupRequest& request) {
  LookupAnswer answer;
  answer.kind = request.kind;
  switch (request.kind) {
    case LookupRequest::Kind::kAddresses:
      FindAddresses(request, &answer);
      break;
    case LookupRequest::Kind::kNameOfAddress:
      FindNameOfAddress(request, &answer);
      break;
    case LookupRequest::Kind::kHostByName:
    case LookupRequest::Kind::kHostEntry:
    case LookupRequest::Kind::kHostByAddress:
      FindHost(request, &answer);
      break;
    default:
      FindInDatabase(request, &answer);
  }
  return answer;
}

std::string NameErrorText(int code) { return gai_strerror(code); }

std::string HostErrorText(int code) { return hstrerror(code); }

}  // namespace berkeley
