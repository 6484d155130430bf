// Sends a file over TCP with sendfile(2), again and again, each time until it has arrived.

#include <fcntl.h>
#include <stddef.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "trial.h"

static int connection;
static int descriptor;

static void SendOnce(void) {
  off_t offset = 0;
  while (offset < parameter_size) {
    Check(sendfile(connection, descriptor, &offset, (size_t)(parameter_size - offset)),
          "sendfile");
  }
  char receipt;
  Check(recv(connection, &receipt, 1, 0), "recv");
}

static void SendFile(void) {
  connection = Connect();
  descriptor = (int)Check(open(parameter_file, O_RDONLY | O_CLOEXEC), "open");
  SendOnce();
  const struct Clocks start = ReadClocks(0);
  for (long pass = 0; pass < parameter_count; pass++) SendOnce();
  PrintTrial((double)parameter_count * (double)parameter_size, Since(start, 0));
}

const struct Contender kContenders[] = {{"SendFile", SendFile}, {NULL, NULL}};
