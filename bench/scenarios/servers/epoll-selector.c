// Finds the one ready socket among many with epoll_wait.

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

static int set;
static int ready;
static struct epoll_event *events;

static void Register(int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  Check(epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

static void SelectOften(long operations) {
  for (long operation = 0; operation < operations; operation++) {
    Check(epoll_wait(set, events, (int)parameter_size, -1), "epoll_wait");
    Check(events[0].data.fd == ready ? 0 : -1, "finding the ready socket");
  }
}

static void Select(void) {
  // Node raises the limit by itself.
  struct rlimit limit;
  Check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  int ends[2];
  Check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
  Check(send(ends[1], "x", 1, 0), "send");
  ready = ends[0];
  set = (int)Check(epoll_create1(0), "epoll_create1");
  events = calloc((size_t)parameter_size, sizeof *events);
  Register(ready);
  for (long registered = 1; registered < parameter_size; registered++) {
    Register((int)Check(dup(ends[1]), "dup"));
  }
  Measure(parameter_count, SelectOften);
}

const struct Contender kContenders[] = {{"Select", Select}, {NULL, NULL}};
