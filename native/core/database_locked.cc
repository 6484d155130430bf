// The databases of netdb.h where libc keeps the answer in its own memory: one look-up at a time.
#include <netdb.h>

// A unit test has it also where it is not needed.
#if !defined(__GLIBC__) || defined(BERKELEY_SOCKETS_LOCKED_DATABASE)

#include <netinet/in.h>

#include <mutex>

#include "core/database_copy.h"

namespace berkeley {

namespace {

// The memory is libc's and so is shared by all threads; the lock has to be as well.
std::mutex& DatabaseLock() {
  static std::mutex lock;
  return lock;
}

}  // namespace

int FindHostByName(const std::string& name, HostEntry* output) {
  const std::lock_guard<std::mutex> guard(DatabaseLock());
  const hostent* found = gethostbyname(name.c_str());
  if (found == nullptr) return HostFailure(h_errno);
  CopyHostEntry(*found, output);
  return 0;
}

int FindHostByAddress(const void* host, socklen_t length, int family, HostEntry* output) {
  const std::lock_guard<std::mutex> guard(DatabaseLock());
  const hostent* found = gethostbyaddr(static_cast<const char*>(host), length, family);
  if (found == nullptr) return HostFailure(h_errno);
  CopyHostEntry(*found, output);
  return 0;
}

bool FindServiceByName(const std::string& name, const char* proto, int* port) {
  const std::lock_guard<std::mutex> guard(DatabaseLock());
  const servent* found = getservbyname(name.c_str(), proto);
  if (found == nullptr) return false;
  *port = ntohs(static_cast<uint16_t>(found->s_port));
  return true;
}

bool FindServiceByPort(int port, const char* proto, std::string* name) {
  const std::lock_guard<std::mutex> guard(DatabaseLock());
  const servent* found = getservbyport(htons(static_cast<uint16_t>(port)), proto);
  if (found == nullptr) return false;
  *name = found->s_name;
  return true;
}

bool FindProtocolByName(const std::string& name, int* number) {
  const std::lock_guard<std::mutex> guard(DatabaseLock());
  const protoent* found = getprotobyname(name.c_str());
  if (found == nullptr) return false;
  *number = found->p_proto;
  return true;
}

}  // namespace berkeley

#endif
