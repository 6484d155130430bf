// UDP's segmentation offload: several datagrams in one buffer (udp(7), UDP_SEGMENT and UDP_GRO).
#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>

#include "core/ancillary.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

// Linux's numbers, for headers that are older than the kernel. Other systems refuse them.
constexpr int kSegment = 103;
constexpr int kReceiveOffload = 104;

// The size that a control message tells; 0 if there is none.
int32_t ToldSize(const msghdr& message) {
  bool is_malformed = false;
  const uint8_t* control = static_cast<const uint8_t*>(message.msg_control);
  for (const AncillaryItem& item : WalkAncillary(control, message.msg_controllen, &is_malformed)) {
    int size = 0;
    if (item.level != IPPROTO_UDP || item.type != kReceiveOffload) continue;
    if (item.length < sizeof(size)) continue;
    memcpy(&size, item.data, sizeof(size));
    return size;
  }
  return 0;
}

}  // namespace

Result ReceiveSegments(const WaitPolicy& policy, int fd, void* data, size_t length, int flags,
                       Timeout timeout, Address* address, int32_t* segment_size) {
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
  iovec vector = {data, length};
  msghdr message = {};
  message.msg_name = &address->storage;
  message.msg_namelen = sizeof(address->storage);
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const Result result = ReceiveMessage(policy, fd, &message, flags | MSG_CMSG_CLOEXEC, timeout);
  if (result < 0) return result;
  address->length = message.msg_namelen;
  // Another kind of socket may bring descriptors along that nobody asked for here.
  CloseAncillaryDescriptors(control, message.msg_controllen);
  const int32_t told = message.msg_controllen > 0 ? ToldSize(message) : 0;
  *segment_size = told > 0 ? told : static_cast<int32_t>(result);
  return result;
}

Result SendSegments(const WaitPolicy& policy, int fd, const void* data, size_t length, int flags,
                    Timeout timeout, const Address& address, uint16_t segment_size) {
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(segment_size))];
  iovec vector = {const_cast<void*>(data), length};
  Address target = address;
  msghdr message = {};
  message.msg_name = target.length > 0 ? &target.storage : nullptr;
  message.msg_namelen = target.length;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  // The kernel wants no size for a datagram that is a single one.
  if (length > segment_size) {
    LayOutAncillary({{IPPROTO_UDP, kSegment, reinterpret_cast<const uint8_t*>(&segment_size),
                      sizeof(segment_size)}},
                    control);
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
  }
  return SendMessage(policy, fd, &message, flags, timeout);
}

}  // namespace berkeley
