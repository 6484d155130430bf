// Opens many connections, sends nothing over them, and keeps them until it is ended.

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

static void RaiseLimit(void) {
  struct rlimit limit;
  Check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

static void Hold(void) {
  RaiseLimit();
  // Closing with a reset leaves nothing in TIME_WAIT, see socket(7).
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  for (long made = 0; made < parameter_connections; made++) {
    const int connection = Connect();
    Check(setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), "setsockopt");
  }
  pause();
}

const struct Contender kContenders[] = {{"Hold", Hold}, {NULL, NULL}};
