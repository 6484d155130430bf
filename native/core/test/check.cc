// Counts what the unit tests check and says what was expected where it came out otherwise.
#include "core/test/check.h"

#include <dirent.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace berkeley::test {

namespace {

// Threads check, too.
std::atomic<int> checks = 0;
std::atomic<int> failures = 0;

}  // namespace

void CheckText(const std::string& name, const std::string& expected, const std::string& actual) {
  ++checks;
  if (expected == actual) return;
  ++failures;
  printf("FAILED: %s\n  expected: %s\n  actual:   %s\n", name.c_str(), expected.c_str(),
         actual.c_str());
}

void CheckNumber(const std::string& name, int64_t expected, int64_t actual) {
  CheckText(name, std::to_string(expected), std::to_string(actual));
}

void Check(const std::string& name, bool holds) {
  CheckText(name, "true", holds ? "true" : "false");
}

void OnThreads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int index = 0; index < count; ++index) threads.emplace_back(work, index);
  for (std::thread& thread : threads) thread.join();
}

int Rounds(int argc, char** argv, int usual) { return argc > 1 ? atoi(argv[1]) : usual; }

int OpenDescriptors() {
  DIR* directory = opendir("/dev/fd");
  if (directory == nullptr) return -1;
  int count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

int Finish(const char* program) {
  printf("%s: %d checks, %d failed\n", program, checks.load(), failures.load());
  return failures == 0 && checks > 0 ? 0 : 1;
}

}  // namespace berkeley::test
