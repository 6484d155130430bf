// The host, service and protocol databases of netdb.h, in a form that threads can share.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

namespace berkeley {

// A copy of a hostent: `hosts` are addresses in network order.
struct HostEntry {
  int family = AF_UNSPEC;
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> hosts;
};

// Both return 0 or an h_errno number, which is never 0 for a failure.
int FindHostByName(const std::string& name, HostEntry* output);
int FindHostByAddress(const void* host, socklen_t length, int family, HostEntry* output);

// False where there is no such entry. A null protocol stands for any.
bool FindServiceByName(const std::string& name, const char* proto, int* port);
bool FindServiceByPort(int port, const char* proto, std::string* name);
bool FindProtocolByName(const std::string& name, int* number);

}  // namespace berkeley
