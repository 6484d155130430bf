// The epoll sets of programs: epoll(7) as it is.
#include "core/multiplex.h"

#ifdef __linux__

#include <sys/epoll.h>

#include <algorithm>
#include <cstring>

namespace berkeley {

Result EpollOpen() {
  return Retry([] { return epoll_create1(EPOLL_CLOEXEC); });
}

Result EpollControl(int set, EpollOperation operation, int fd, uint32_t events) {
  constexpr int kOperations[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  const auto control = [&] {
    return epoll_ctl(set, kOperations[static_cast<int>(operation)], fd, &event);
  };
  return operation == EpollOperation::kRemove ? Always(control) : Retry(control);
}

Result EpollWait(const WaitPolicy& policy, int set, void* memory, size_t length, int most,
                 Timeout timeout) {
  epoll_event* events = static_cast<epoll_event*>(memory);
  const size_t room = length / sizeof(epoll_event);
  const int count = static_cast<int>(std::min(room, static_cast<size_t>(std::max(most, 0))));
  const Result result = WaitForAny(policy, timeout, [&](int milliseconds) {
    return epoll_wait(set, events, count, milliseconds);
  });
  // An answer is shorter than what the kernel wrote: the front ones do not touch the ones behind.
  static_assert(sizeof(EpollAnswer) <= sizeof(epoll_event), "answers fit where events were");
  EpollAnswer* answers = static_cast<EpollAnswer*>(memory);
  for (Result index = 0; index < result; ++index) {
    epoll_event event;
    memcpy(&event, &events[index], sizeof(event));
    const EpollAnswer answer = {event.data.fd, event.events};
    memcpy(&answers[index], &answer, sizeof(answer));
  }
  return result;
}

bool IsEpoll(int fd) {
  // Only a set can be asked for events. This takes no descriptor, of which there may be no more.
  epoll_event unused = {};
  return Retry([&] { return epoll_wait(fd, &unused, 1, 0); }) >= 0;
}

}  // namespace berkeley

#endif
