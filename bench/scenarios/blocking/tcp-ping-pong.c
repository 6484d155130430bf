// Sends messages back and forth over TCP: the client times, the server echoes.

#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

static int connection;
static char *buffer;

static void SendAndReceive(long operations) {
  for (long operation = 0; operation < operations; operation++) {
    Check(send(connection, buffer, (size_t)parameter_size, 0), "send");
    Check(recv(connection, buffer, (size_t)parameter_size, 0), "recv");
  }
}

static void Client(void) {
  connection = Connect();
  buffer = calloc(1, (size_t)parameter_size);
  Measure(parameter_count, SendAndReceive);
}

static void Server(void) {
  connection = Accept(ListenAndAnnounce(1));
  buffer = calloc(1, (size_t)parameter_size);
  while (recv(connection, buffer, (size_t)parameter_size, 0) > 0) {
    if (send(connection, buffer, (size_t)parameter_size, MSG_NOSIGNAL) < 0) return;
  }
}

const struct Contender kContenders[] = {{"Client", Client}, {"Server", Server}, {NULL, NULL}};
