// Connects and closes in a loop until nobody listens any more, a few connections at a time.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

// How far this process runs ahead of the one that accepts. When the queue of a listening socket is
// full the kernel drops the SYN, and the next attempt follows only a second later, so the queue
// must never fill: this is less than the backlog of the listener.
enum { kAhead = 64 };

static int Open(const struct sockaddr_in *address) {
  // Closing with a reset leaves nothing in TIME_WAIT; otherwise the ephemeral ports would run out
  // within seconds (SO_LINGER in socket(7)).
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  const int connection = (int)Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  Check(setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), "setsockopt");
  if (connect(connection, (const struct sockaddr *)address, sizeof *address) == 0) {
    return connection;
  }
  close(connection);
  return -1;
}

static void ConnectLoop(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(parameter_port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int connections[kAhead];
  for (long made = 0;; made++) {
    int *place = &connections[made % kAhead];
    if (made >= kAhead) {
      // Returns when the other side has accepted the connection and closed it.
      char nothing;
      recv(*place, &nothing, 1, 0);
      close(*place);
    }
    *place = Open(&address);
    if (*place < 0) return;
  }
}

const struct Contender kContenders[] = {{"Connect", ConnectLoop}, {NULL, NULL}};
