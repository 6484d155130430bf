// Makes short TCP connections, several at a time: a message, its echo, the end. Counts a second's.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

// Seconds: enough for V8 to have optimised the server and for its pool of workers to be complete,
// and enough to count. Each worker thread has a V8 of its own, which optimises for itself.
static const double kWarmUp = 1.5;
static const double kWarmUpOfThreads = 6.0;
static const double kTimed = 1.0;

static char *message;
static char *answer;
static struct pollfd *connections;
// How many bytes of each connection's answer have come.
static size_t *received;

static void Begin(long index) {
  const int descriptor = Connect();
  const size_t length = (size_t)parameter_size;
  if (Check(send(descriptor, message, length, MSG_NOSIGNAL), "send") != (long)length) {
    errno = ENOBUFS;
    Check(-1, "send");
  }
  connections[index] = (struct pollfd){.fd = descriptor, .events = POLLIN};
  received[index] = 0;
}

static void Fail(const char *what) {
  fprintf(stderr, "Error: the server %s\n", what);
  exit(1);
}

// Takes what has come; whether that was the end of the connection.
static int Take(long index) {
  const size_t length = (size_t)parameter_size;
  const long count = Check(recv(connections[index].fd, answer, length, 0), "recv");
  if (count > 0) {
    const size_t offset = received[index];
    if (offset + (size_t)count > length || memcmp(answer, message + offset, (size_t)count) != 0) {
      Fail("answers something else");
    }
    received[index] += (size_t)count;
    return 0;
  }
  if (received[index] != length) Fail("ended before its answer was complete");
  // The server has closed first, so it has the state TIME_WAIT, and the port is free again.
  close(connections[index].fd);
  return 1;
}

// Runs for that many seconds, or until so many connections are over; tells how many were.
static long Run(double seconds, long most) {
  const double end = Now() + seconds;
  long ended = 0;
  while (ended < most && Now() < end) {
    Check(poll(connections, (nfds_t)parameter_connections, 1000), "poll");
    for (long index = 0; index < parameter_connections; index++) {
      if (connections[index].revents == 0 || !Take(index)) continue;
      ended++;
      Begin(index);
    }
  }
  return ended;
}

static void Prepare(void) {
  message = malloc((size_t)parameter_size);
  answer = malloc((size_t)parameter_size);
  for (long index = 0; index < parameter_size; index++) message[index] = (char)('a' + index % 26);
  connections = calloc((size_t)parameter_connections, sizeof *connections);
  received = calloc((size_t)parameter_connections, sizeof *received);
  for (long index = 0; index < parameter_connections; index++) Begin(index);
}

static void LoadAfter(double warm_up) {
  Prepare();
  Run(warm_up, parameter_count);
  const struct Clocks start = ReadClocks(parameter_pid);
  const long ended = Run(kTimed, parameter_count);
  PrintTrial((double)ended, Since(start, parameter_pid));
}

static void Load(void) { LoadAfter(kWarmUp); }

static void LoadThreads(void) { LoadAfter(kWarmUpOfThreads); }

// The same for a server whose children do the work: the clock of its own process tells little.
static void LoadProcesses(void) {
  Prepare();
  Run(kWarmUp, parameter_count);
  const double start = Now();
  const long ended = Run(kTimed, parameter_count);
  printf("{\"amount\":%ld,\"seconds\":%.9f}\n", ended, Now() - start);
}

// Connections that come one at a time, for a server that measures something itself: until it ends.
static void LoadOneByOne(void) {
  parameter_connections = 1;
  Prepare();
  for (;;) Run(1, parameter_count);
}

const struct Contender kContenders[] = {{"Load", Load},
                                        {"LoadThreads", LoadThreads},
                                        {"LoadProcesses", LoadProcesses},
                                        {"LoadOneByOne", LoadOneByOne},
                                        {NULL, NULL}};
