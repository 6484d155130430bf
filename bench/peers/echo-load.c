// Keeps many connections busy, one request on each at a time, and counts the answers of a second.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "trial.h"

// Seconds: enough for V8 to have optimised the server, and enough to count.
static const double kWarmUp = 0.4;
static const double kTimed = 1.0;

enum { kEvents = 512 };

struct Connection {
  int descriptor;
  // How many bytes of the answer have not come yet.
  size_t missing;
};

static char *message;
static char *answer;

static void Request(struct Connection *connection) {
  const size_t length = (size_t)parameter_size;
  if (Check(send(connection->descriptor, message, length, MSG_NOSIGNAL), "send") != (long)length) {
    errno = ENOBUFS;
    Check(-1, "send");
  }
  connection->missing = length;
}

// Takes what has come and asks again once the answer is complete; whether it was.
static int TakeAnswer(struct Connection *connection) {
  const long received =
      Check(recv(connection->descriptor, answer, connection->missing, 0), "recv");
  const size_t offset = (size_t)parameter_size - connection->missing;
  if (received == 0 || memcmp(answer, message + offset, (size_t)received) != 0) {
    fprintf(stderr, "Error: the server %s\n", received == 0 ? "ended" : "answers something else");
    exit(1);
  }
  connection->missing -= (size_t)received;
  if (connection->missing > 0) return 0;
  Request(connection);
  return 1;
}

static void Load(void) {
  message = malloc((size_t)parameter_size);
  answer = malloc((size_t)parameter_size);
  for (long index = 0; index < parameter_size; index++) message[index] = (char)('a' + index % 26);

  const int set = (int)Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  struct Connection *connections = calloc((size_t)parameter_connections, sizeof *connections);
  for (long index = 0; index < parameter_connections; index++) {
    connections[index].descriptor = Connect();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[index]};
    Check(epoll_ctl(set, EPOLL_CTL_ADD, connections[index].descriptor, &event), "epoll_ctl");
  }
  for (long index = 0; index < parameter_connections; index++) Request(&connections[index]);

  const double begin = Now() + kWarmUp;
  struct Clocks start = {0};
  long answers = 0;
  while (answers < parameter_count) {
    struct epoll_event events[kEvents];
    const long ready = Check(epoll_wait(set, events, kEvents, 1000), "epoll_wait");
    for (long index = 0; index < ready; index++) answers += TakeAnswer(events[index].data.ptr);
    const double now = Now();
    if (start.seconds == 0) {
      if (now < begin) continue;
      start = ReadClocks(parameter_pid);
      answers = 0;
    } else if (now >= start.seconds + kTimed) {
      break;
    }
  }
  PrintTrial((double)answers, Since(start, parameter_pid));
}

const struct Contender kContenders[] = {{"Load", Load}, {NULL, NULL}};
