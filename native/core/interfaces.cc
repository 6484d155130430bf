// Asks the system for its network interfaces and its host name.
#include "core/interfaces.h"

#include <net/if.h>
#include <unistd.h>

namespace berkeley {

namespace {

// Linux allows 64 bytes for a host name, POSIX 255; a name that is cut has no terminator.
constexpr size_t kMaxHostName = 1024;

// Calls a function that gives a pointer, or none and the errno: 0 or -errno.
template <typename Call>
Result Find(Call call) {
  ClearErrno();
  return Retry([&] { return call() != nullptr ? 0 : -1; });
}

}  // namespace

Result ListInterfaces(std::vector<Interface>* output) {
  struct if_nameindex* list = nullptr;
  const Result result = Find([&] { return list = if_nameindex(); });
  if (result < 0) return result;
  for (const struct if_nameindex* item = list; item->if_index != 0 && item->if_name != nullptr;
       ++item) {
    output->push_back({item->if_index, item->if_name});
  }
  if_freenameindex(list);
  return 0;
}

unsigned int FindInterface(const std::string& name) { return if_nametoindex(name.c_str()); }

Result NameInterface(unsigned int index, std::string* name) {
  char text[IF_NAMESIZE + 1] = "";
  const Result result = Find([&] { return if_indextoname(index, text); });
  if (result >= 0) *name = text;
  return result;
}

Result GetHostName(std::string* name) {
  char text[kMaxHostName + 1] = "";
  const Result result = Retry([&] { return gethostname(text, kMaxHostName); });
  if (result >= 0) *name = text;
  return result;
}

Result SetHostName(const void* name, size_t length) {
  const char* text = static_cast<const char*>(name);
  return Retry([&] { return sethostname(text, length); });
}

}  // namespace berkeley
