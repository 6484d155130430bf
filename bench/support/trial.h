// What every C contender shares: parameters, timing, the line of JSON, and giving up with a reason.

#pragma once

#include <stddef.h>
#include <stdint.h>

// A function that the harness can ask for by name.
struct Contender {
  const char *name;
  void (*run)(void);
};

// Each program defines this table; a row without a name ends it.
extern const struct Contender kContenders[];

// The parameters of the trial, read from BENCH_COUNT, BENCH_SIZE and so on.
extern long parameter_count;
extern long parameter_size;
extern long parameter_connections;
extern int parameter_pid;
extern uint16_t parameter_port;
extern const char *parameter_file;

// What a trial reads from clocks, in seconds: one that never jumps, and the processor time of a
// process.
struct Clocks {
  double seconds;
  double cpu;
};

// Seconds on a clock that never jumps.
double Now(void);

// Reads both clocks; the process is this one if its number is 0.
struct Clocks ReadClocks(int pid);

// What has passed since.
struct Clocks Since(struct Clocks start, int pid);

// Times body(count) after a shorter warm-up and prints the result.
void Measure(long count, void (*body)(long operations));

// Times only the draining of a queue that is filled again and again, and prints the result.
void MeasureDrain(long count, long batch, void (*fill)(long), void (*drain)(long));

// Prints the result of a trial as its line of JSON.
void PrintTrial(double amount, struct Clocks elapsed);

// Returns its argument, or ends the process with the name of the failed call if it is negative.
long Check(long result, const char *call);

// A listening TCP socket on a free port of the loopback interface, its port announced.
int ListenAndAnnounce(int backlog);

// A TCP connection to parameter_port on the loopback interface, without Nagle's delay.
int Connect(void);

// A connection taken from the listening socket, without Nagle's delay.
int Accept(int listener);

// Two UDP sockets on the loopback interface, the second connected to the first.
void OpenDatagramPair(int *receiver, int *sender);
