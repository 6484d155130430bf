// Accepts TCP connections that wait already, and closes them.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

// Connections that wait at once: fewer than the backlog, whose end the kernel refuses.
enum { kBatch = 100, kBacklog = 128 };

static int listener;
static struct sockaddr_in target;
static int connections[kBatch];

static void Fill(long count) {
  // Closing with a reset leaves nothing in TIME_WAIT, see socket(7).
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  for (long index = 0; index < count; index++) {
    if (connections[index] > 0) close(connections[index]);
    const int connection = (int)Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    Check(setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), "setsockopt");
    Check(connect(connection, (const struct sockaddr *)&target, sizeof target), "connect");
    connections[index] = connection;
  }
}

static void AcceptAndClose(long count) {
  for (long index = 0; index < count; index++) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    close((int)Check(accept4(listener, (struct sockaddr *)&address, &length, SOCK_CLOEXEC),
                     "accept4"));
  }
}

static void AcceptQueued(void) {
  listener = (int)Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  target.sin_family = AF_INET;
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof target;
  Check(bind(listener, (struct sockaddr *)&target, length), "bind");
  Check(listen(listener, kBacklog), "listen");
  Check(getsockname(listener, (struct sockaddr *)&target, &length), "getsockname");
  MeasureDrain(parameter_count, kBatch, Fill, AcceptAndClose);
}

const struct Contender kContenders[] = {{"Accept", AcceptQueued}, {NULL, NULL}};
