// Counts what the unit tests check and says what was expected where it came out otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace berkeley::test {

// Compares two texts; `name` says in words what is compared.
void CheckText(const std::string& name, const std::string& expected, const std::string& actual);
void CheckNumber(const std::string& name, int64_t expected, int64_t actual);
void Check(const std::string& name, bool holds);

// Runs `work(index)` on that many threads at once, and waits for their ends.
void OnThreads(int count, const std::function<void(int)>& work);

// How often something is tried that goes wrong only sometimes: what the program's first argument
// says, or `usual`.
int Rounds(int argc, char** argv, int usual);

// How many descriptors the process has open; -1 where that cannot be told.
int OpenDescriptors();

// Prints the numbers of checks and failures; the program's exit status.
int Finish(const char* program);

}  // namespace berkeley::test
