// Sends and receives small messages over one AF_UNIX stream pair within one process.

#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

static int pair[2];
static char *message;
static char *buffer;

static void SendAndReceive(long operations) {
  for (long operation = 0; operation < operations; operation++) {
    Check(send(pair[0], message, (size_t)parameter_size, 0), "send");
    Check(recv(pair[1], buffer, (size_t)parameter_size, 0), "recv");
  }
}

static void Recv(void) {
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
  message = calloc(1, (size_t)parameter_size);
  buffer = calloc(1, (size_t)parameter_size);
  Measure(parameter_count, SendAndReceive);
}

const struct Contender kContenders[] = {{"Recv", Recv}, {NULL, NULL}};
