// Takes bytes from a connection, discards them, and answers each full measure with one byte.

#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

static const long kChunk = 256 * 1024;

static void Discard(void) {
  const int connection = Accept(ListenAndAnnounce(1));
  char *chunk = malloc((size_t)kChunk);
  for (;;) {
    long missing = parameter_size;
    while (missing > 0) {
      const size_t wanted = (size_t)(missing < kChunk ? missing : kChunk);
      // With MSG_TRUNC, TCP throws the bytes away instead of copying them (tcp(7)), so that the
      // sender is what limits the rate.
      const long received = recv(connection, chunk, wanted, MSG_TRUNC);
      if (received <= 0) return;
      missing -= received;
    }
    if (send(connection, "x", 1, MSG_NOSIGNAL) < 0) return;
  }
}

const struct Contender kContenders[] = {{"Discard", Discard}, {NULL, NULL}};
