// Drains a filled UDP queue, with and without asking for the sender's address.

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "trial.h"

// Datagrams that fit into the receive buffer of any usual kernel, each counted with its header.
static const long kBatch = 256;

static int receiver;
static int sender;
static char *buffer;

static void Fill(long messages) {
  for (long message = 0; message < messages; message++) {
    Check(send(sender, buffer, (size_t)parameter_size, 0), "send");
  }
}

static void DrainWithRecv(long messages) {
  for (long message = 0; message < messages; message++) {
    Check(recv(receiver, buffer, (size_t)parameter_size, 0), "recv");
  }
}

static void DrainWithRecvFrom(long messages) {
  for (long message = 0; message < messages; message++) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    Check(recvfrom(receiver, buffer, (size_t)parameter_size, 0, (struct sockaddr *)&address,
                   &length),
          "recvfrom");
  }
}

static void Recv(void) {
  OpenDatagramPair(&receiver, &sender);
  buffer = calloc(1, (size_t)parameter_size);
  MeasureDrain(parameter_count, kBatch, Fill, DrainWithRecv);
}

static void RecvFrom(void) {
  OpenDatagramPair(&receiver, &sender);
  buffer = calloc(1, (size_t)parameter_size);
  MeasureDrain(parameter_count, kBatch, Fill, DrainWithRecvFrom);
}

const struct Contender kContenders[] = {{"Recv", Recv}, {"RecvFrom", RecvFrom}, {NULL, NULL}};
