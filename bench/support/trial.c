// Implements what every C contender shares and dispatches to the contender asked for.

#include "trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

long parameter_count;
long parameter_size;
long parameter_connections;
int parameter_pid;
uint16_t parameter_port;
const char *parameter_file;

static const double kWarmUpShare = 0.1;

double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double ProcessorTime(int pid) {
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  // The clock of another process counts all its threads, in nanoseconds; /proc counts in ticks.
  const int error = pid == 0 ? 0 : clock_getcpuclockid(pid, &clock);
  if (error != 0) {
    fprintf(stderr, "clock_getcpuclockid: %s\n", strerror(error));
    exit(1);
  }
  struct timespec time;
  Check(clock_gettime(clock, &time), "clock_gettime");
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct Clocks ReadClocks(int pid) {
  const double cpu = ProcessorTime(pid);
  return (struct Clocks){.seconds = Now(), .cpu = cpu};
}

struct Clocks Since(struct Clocks start, int pid) {
  const double now = Now();
  const double cpu = ProcessorTime(pid);
  return (struct Clocks){.seconds = now - start.seconds, .cpu = cpu - start.cpu};
}

void PrintTrial(double amount, struct Clocks elapsed) {
  printf("{\"amount\":%.0f,\"seconds\":%.9f,\"cpu\":%.9f}\n", amount, elapsed.seconds,
         elapsed.cpu);
}

void Measure(long count, void (*body)(long operations)) {
  body((long)((double)count * kWarmUpShare) + 1);
  const struct Clocks start = ReadClocks(0);
  body(count);
  PrintTrial((double)count, Since(start, 0));
}

void MeasureDrain(long count, long batch, void (*fill)(long), void (*drain)(long)) {
  struct Clocks total = {0};
  const long rounds = (count + batch - 1) / batch;
  for (long round = -(long)((double)rounds * kWarmUpShare) - 1; round < rounds; round++) {
    fill(batch);
    const struct Clocks start = ReadClocks(0);
    drain(batch);
    const struct Clocks elapsed = Since(start, 0);
    if (round < 0) continue;
    total.seconds += elapsed.seconds;
    total.cpu += elapsed.cpu;
  }
  PrintTrial((double)(rounds * batch), total);
}

long Check(long result, const char *call) {
  if (result < 0) {
    fprintf(stderr, "%s: %s\n", call, strerror(errno));
    exit(1);
  }
  return result;
}

static struct sockaddr_in Loopback(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void SetNoDelay(int descriptor) {
  const int on = 1;
  Check(setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
}

int ListenAndAnnounce(int backlog) {
  const int listener = (int)Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  struct sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  Check(bind(listener, (struct sockaddr *)&address, length), "bind");
  Check(listen(listener, backlog), "listen");
  Check(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int Connect(void) {
  const int connection = (int)Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  const struct sockaddr_in address = Loopback(parameter_port);
  Check(connect(connection, (const struct sockaddr *)&address, sizeof address), "connect");
  SetNoDelay(connection);
  return connection;
}

int Accept(int listener) {
  const int connection = (int)Check(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept4");
  SetNoDelay(connection);
  return connection;
}

void OpenDatagramPair(int *receiver, int *sender) {
  *receiver = (int)Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  *sender = (int)Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  const int buffer_size = 1 << 20;
  Check(setsockopt(*receiver, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size),
        "setsockopt");
  struct sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  Check(bind(*receiver, (struct sockaddr *)&address, length), "bind");
  Check(getsockname(*receiver, (struct sockaddr *)&address, &length), "getsockname");
  Check(connect(*sender, (struct sockaddr *)&address, length), "connect");
}

static long NumberFromEnvironment(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? 0 : strtol(text, NULL, 10);
}

int main(int argc, char **argv) {
  parameter_count = NumberFromEnvironment("BENCH_COUNT");
  parameter_size = NumberFromEnvironment("BENCH_SIZE");
  parameter_port = (uint16_t)NumberFromEnvironment("BENCH_PORT");
  parameter_connections = NumberFromEnvironment("BENCH_CONNECTIONS");
  parameter_pid = (int)NumberFromEnvironment("BENCH_PID");
  parameter_file = getenv("BENCH_FILE");
  for (const struct Contender *contender = kContenders; contender->name != NULL; contender++) {
    if (argc == 2 && strcmp(contender->name, argv[1]) == 0) {
      contender->run();
      return 0;
    }
  }
  fprintf(stderr, "%s: no such contender\n", argc == 2 ? argv[1] : "usage");
  return 1;
}
