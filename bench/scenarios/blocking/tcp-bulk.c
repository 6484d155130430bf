// Receives a TCP stream and times how fast the bytes arrive.

#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

static int connection;
static char *buffer;

static long Receive(long bytes) {
  long received = 0;
  while (received < bytes) {
    received += Check(recv(connection, buffer, (size_t)parameter_size, 0), "recv");
  }
  return received;
}

static void Recv(void) {
  connection = Connect();
  buffer = calloc(1, (size_t)parameter_size);
  Receive(parameter_count / 10);
  const struct Clocks start = ReadClocks(0);
  const long received = Receive(parameter_count);
  PrintTrial((double)received, Since(start, 0));
}

const struct Contender kContenders[] = {{"Recv", Recv}, {NULL, NULL}};
