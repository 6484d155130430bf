// The databases of netdb.h through glibc's functions that keep their answer in the caller's memory.
#include <netdb.h>

#if defined(__GLIBC__)

#include <netinet/in.h>

#include "core/database_copy.h"
#include "core/result.h"

namespace berkeley {

namespace {

constexpr size_t kFirstSize = 1024;
constexpr size_t kLastSize = 1024 * 1024;

// Calls a function with more and more memory until the answer fits; `call` returns an errno.
template <typename Call>
void WithMemory(Call call) {
  std::vector<char> memory(kFirstSize);
  while (call(memory.data(), memory.size()) == ERANGE && memory.size() < kLastSize) {
    memory.resize(memory.size() * 2);
  }
}

}  // namespace

int FindHostByName(const std::string& name, HostEntry* output) {
  hostent entry;
  hostent* found = nullptr;
  int host_error = 0;
  WithMemory([&](char* memory, size_t size) {
    const int code = gethostbyname_r(name.c_str(), &entry, memory, size, &found, &host_error);
    if (found != nullptr) CopyHostEntry(*found, output);
    return code;
  });
  return found != nullptr ? 0 : HostFailure(host_error);
}

int FindHostByAddress(const void* host, socklen_t length, int family, HostEntry* output) {
  hostent entry;
  hostent* found = nullptr;
  int host_error = 0;
  WithMemory([&](char* memory, size_t size) {
    const int code =
        gethostbyaddr_r(host, length, family, &entry, memory, size, &found, &host_error);
    if (found != nullptr) CopyHostEntry(*found, output);
    return code;
  });
  return found != nullptr ? 0 : HostFailure(host_error);
}

bool FindServiceByName(const std::string& name, const char* proto, int* port) {
  servent entry;
  servent* found = nullptr;
  WithMemory([&](char* memory, size_t size) {
    const int code = getservbyname_r(name.c_str(), proto, &entry, memory, size, &found);
    if (found != nullptr) *port = ntohs(static_cast<uint16_t>(found->s_port));
    return code;
  });
  return found != nullptr;
}

bool FindServiceByPort(int port, const char* proto, std::string* name) {
  servent entry;
  servent* found = nullptr;
  WithMemory([&](char* memory, size_t size) {
    const int code =
        getservbyport_r(htons(static_cast<uint16_t>(port)), proto, &entry, memory, size, &found);
    if (found != nullptr) *name = found->s_name;
    return code;
  });
  return found != nullptr;
}

bool FindProtocolByName(const std::string& name, int* number) {
  protoent entry;
  protoent* found = nullptr;
  WithMemory([&](char* memory, size_t size) {
    const int code = getprotobyname_r(name.c_str(), &entry, memory, size, &found);
    if (found != nullptr) *number = found->p_proto;
    return code;
  });
  return found != nullptr;
}

}  // namespace berkeley

#endif
