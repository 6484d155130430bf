// Takes requests from the channel, together with the descriptors that come along.
#include "core/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "core/descriptor.h"
#include "core/system_calls.h"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace berkeley {

namespace {

// Room for one descriptor, aligned as its header wants it.
union Control {
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

#if defined(MSG_CMSG_CLOEXEC)
constexpr int kTakeFlags = MSG_CMSG_CLOEXEC;
#else
constexpr int kTakeFlags = 0;
#endif

// The descriptor in a message's control data; -1 if none came.
int PassedDescriptor(msghdr* message) {
  const cmsghdr* header = CMSG_FIRSTHDR(message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len < CMSG_LEN(sizeof(int))) {
    return -1;
  }
  int fd = -1;
  memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  if (kTakeFlags == 0) SetInheritable(fd, false);
  return fd;
}

}  // namespace

Result TakeMessage(int fd, uint8_t* data, size_t length) {
  Control control = {};
  iovec vector = {data, length};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof(control);
  const Result result = Once([&] { return SystemReceiveMessage(fd, &message, kTakeFlags); });
  if (result <= 0) return result;
  const int passed = PassedDescriptor(&message);
  if (passed >= 0 && static_cast<size_t>(result) >= sizeof(FirstWord)) {
    memcpy(data, &passed, sizeof(passed));
  } else if (passed >= 0) {
    Close(passed);
  }
  return result;
}

int DescriptorOf(const uint8_t* data, size_t length) {
  FirstWord word = kNoDescriptor;
  if (length >= sizeof(word)) memcpy(&word, data, sizeof(word));
  return word < 0 ? -1 : word;
}

#if defined(__linux__)

Result SignalAtParentsEnd(int signal) {
  return Once([&] { return prctl(PR_SET_PDEATHSIG, signal); });
}

#else

Result SignalAtParentsEnd(int) { return -ENOSYS; }

#endif

}  // namespace berkeley
