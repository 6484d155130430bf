// Sends datagrams with an address each time, to a loopback socket that nobody reads.

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

static int sender;
static struct sockaddr_in address;
static char *message;

static void Send(long operations) {
  for (long operation = 0; operation < operations; operation++) {
    Check(sendto(sender, message, (size_t)parameter_size, 0, (const struct sockaddr *)&address,
                 sizeof address),
          "sendto");
  }
}

static void SendTo(void) {
  const int receiver = (int)Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  Check(bind(receiver, (const struct sockaddr *)&address, length), "bind");
  Check(getsockname(receiver, (struct sockaddr *)&address, &length), "getsockname");
  sender = (int)Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  message = calloc(1, (size_t)parameter_size);
  Measure(parameter_count, Send);
}

const struct Contender kContenders[] = {{"SendTo", SendTo}, {NULL, NULL}};
