// AF_INET addresses: (host, port).
#include "core/families/inet.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/families/families.h"
#include "core/resolver.h"

namespace berkeley {

AddressError ParseInet(const SocketIdentity&, const AddressFields& input, Address* output) {
  AddressError error = RequireTuple(input, "AF_INET");
  if (!error.ok()) return error;
  if (input.fields.size() != 2) {
    return AddressError::Type("AF_INET address must be a pair (host, port)");
  }
  // As in Python the host is resolved before the port's range is looked at, but the types of both
  // are checked first.
  if (!input.fields[1].IsInteger()) return NotAnInteger(1);
  std::string host;
  error = ReadHost(input, 0, &host);
  if (!error.ok()) return error;
  error = ResolveHost(host, AF_INET, output);
  if (!error.ok()) return error;
  uint16_t port = 0;
  error = ReadPort(input, 1, &port);
  if (!error.ok()) return error;
  sockaddr_in* address = output->As<sockaddr_in>();
  address->sin_family = AF_INET;
  address->sin_port = htons(port);
  output->length = sizeof(*address);
  return AddressError::None();
}

namespace {

AddressError Format(const SocketIdentity&, const Address& input, AddressFields* output) {
  const sockaddr_in* address = input.As<sockaddr_in>();
  char host[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &address->sin_addr, host, sizeof(host));
  output->is_tuple = true;
  output->fields.push_back(Field::Text(host));
  output->fields.push_back(Field::Integer(ntohs(address->sin_port)));
  return AddressError::None();
}

}  // namespace

const FamilyCodec kInetFamily = {AF_INET, sizeof(sockaddr_in), ParseInet, Format};

}  // namespace berkeley
