// Accepts TCP connections and closes them at once.

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

static int listener;

static void AcceptAndClose(long operations) {
  for (long operation = 0; operation < operations; operation++) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    close((int)Check(accept4(listener, (struct sockaddr *)&address, &length, SOCK_CLOEXEC),
                     "accept4"));
  }
}

static void AcceptLoop(void) {
  listener = ListenAndAnnounce(128);
  Measure(parameter_count, AcceptAndClose);
}

const struct Contender kContenders[] = {{"Accept", AcceptLoop}, {NULL, NULL}};
