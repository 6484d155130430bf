// Sends bytes to whoever connects, as fast as they are taken, until the receiver goes away.

#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

static const size_t kChunk = 256 * 1024;

static void Send(void) {
  const int connection = Accept(ListenAndAnnounce(1));
  const char *chunk = calloc(1, kChunk);
  while (send(connection, chunk, kChunk, MSG_NOSIGNAL) > 0) {
  }
}

const struct Contender kContenders[] = {{"Send", Send}, {NULL, NULL}};
