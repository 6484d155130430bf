// Socket options whose value is a structure with addresses or pointers in it.
#include "core/structured_options.h"

#include <netinet/in.h>

#include <cstring>

#include "core/descriptor.h"

namespace berkeley {

namespace {

constexpr size_t kInternetBytes = 4;
constexpr size_t kInternet6Bytes = 16;
constexpr size_t kMostInstructions = 4096;

// struct sock_fprog of the kernel, which no header of other systems has.
struct FilterProgram {
  unsigned short count;
  const void* instructions;
};

bool WriteAddress(RawAddress address, sockaddr_storage* storage) {
  *storage = {};
  if (address.length == kInternetBytes) {
    sockaddr_in internet = {};
    internet.sin_family = AF_INET;
    memcpy(&internet.sin_addr, address.bytes, kInternetBytes);
    memcpy(storage, &internet, sizeof(internet));
    return true;
  }
  if (address.length == kInternet6Bytes) {
    sockaddr_in6 internet = {};
    internet.sin6_family = AF_INET6;
    memcpy(&internet.sin6_addr, address.bytes, kInternet6Bytes);
    memcpy(storage, &internet, sizeof(internet));
    return true;
  }
  return false;
}

}  // namespace

Result AttachFilter(int fd, int level, int option, const void* instructions, size_t count) {
  if (count > kMostInstructions) return -EINVAL;
  const FilterProgram program = {static_cast<unsigned short>(count), instructions};
  return SetOption(fd, level, option, &program, sizeof(program));
}

Result ChangeMembership(int fd, int level, int option, uint32_t interface_index, RawAddress group,
                        RawAddress source) {
  if (source.length == 0) {
    group_req request = {};
    request.gr_interface = interface_index;
    if (!WriteAddress(group, &request.gr_group)) return -EINVAL;
    return SetOption(fd, level, option, &request, sizeof(request));
  }
  group_source_req request = {};
  request.gsr_interface = interface_index;
  if (!WriteAddress(group, &request.gsr_group)) return -EINVAL;
  if (!WriteAddress(source, &request.gsr_source)) return -EINVAL;
  return SetOption(fd, level, option, &request, sizeof(request));
}

}  // namespace berkeley
