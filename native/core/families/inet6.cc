// AF_INET6 addresses: (host, port[, flowinfo[, scope_id]]).
#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/families/families.h"
#include "core/resolver.h"

namespace berkeley {

namespace {

constexpr uint32_t kMaxFlowInfo = 0xfffff;
constexpr char kFlowInfoText[] = "{method}(): flowinfo must be 0-1048575.";
constexpr char kScopeIdText[] = "{method}(): scope id must be 0-4294967295.";

AddressError Parse(const SocketIdentity&, const AddressFields& input, Address* output) {
  AddressError error = RequireTuple(input, "AF_INET6");
  if (!error.ok()) return error;
  const size_t count = input.fields.size();
  if (count < 2 || count > 4) {
    return AddressError::Type(
        "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
  }
  uint32_t flowinfo = 0;
  uint32_t scope_id = 0;
  if (!input.fields[1].IsInteger()) return NotAnInteger(1);
  if (count > 2) error = ReadUnsigned(input, 2, kFlowInfoText, &flowinfo);
  if (error.ok() && count > 3) error = ReadUnsigned(input, 3, kScopeIdText, &scope_id);
  if (!error.ok()) return error;
  std::string host;
  error = ReadHost(input, 0, &host);
  if (!error.ok()) return error;
  error = ResolveHost(host, AF_INET6, output);
  if (!error.ok()) return error;
  uint16_t port = 0;
  error = ReadPort(input, 1, &port);
  if (!error.ok()) return error;
  if (flowinfo > kMaxFlowInfo) {
    return AddressError::Overflow(kFlowInfoText);
  }
  sockaddr_in6* address = output->As<sockaddr_in6>();
  address->sin6_family = AF_INET6;
  address->sin6_port = htons(port);
  address->sin6_flowinfo = htonl(flowinfo);
  // The tuple's scope id replaces that of a %zone in the host, also when it is left out.
  address->sin6_scope_id = scope_id;
  output->length = sizeof(*address);
  return AddressError::None();
}

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const sockaddr_in6* address = input.As<sockaddr_in6>();
  char host[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &address->sin6_addr, host, sizeof(host));
  output->is_tuple = true;
  output->fields.push_back(Field::Text(host));
  output->fields.push_back(Field::Integer(ntohs(address->sin6_port)));
  output->fields.push_back(Field::Integer(ntohl(address->sin6_flowinfo)));
  output->fields.push_back(Field::Integer(address->sin6_scope_id));
  return AddressError::None();
}

}  // namespace

const FamilyCodec kInet6Family = {AF_INET6, sizeof(sockaddr_in6), Parse, Format};

}  // namespace berkeley
