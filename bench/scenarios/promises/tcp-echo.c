// Echoes whatever comes over any number of TCP connections, one thread, on epoll(7).

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

enum { kEvents = 512, kBuffer = 4096, kBacklog = 1024 };

static int set;

static void Watch(int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  Check(epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

static void Echo(int connection) {
  char buffer[kBuffer];
  const long received = recv(connection, buffer, sizeof buffer, 0);
  if (received > 0 &&
      send(connection, buffer, (size_t)received, MSG_NOSIGNAL | MSG_DONTWAIT) == received) {
    return;
  }
  close(connection);
}

static void Serve(void) {
  set = (int)Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  const int listener = ListenAndAnnounce(kBacklog);
  Watch(listener);
  for (;;) {
    struct epoll_event events[kEvents];
    const long ready = Check(epoll_wait(set, events, kEvents, -1), "epoll_wait");
    for (long index = 0; index < ready; index++) {
      const int descriptor = events[index].data.fd;
      if (descriptor == listener) {
        Watch(Accept(listener));
      } else {
        Echo(descriptor);
      }
    }
  }
}

const struct Contender kContenders[] = {{"Serve", Serve}, {NULL, NULL}};
