// Counts what the unit tests check and says what was expected where it came out otherwise.
#include "core/test/check.h"

#include <cstdio>

namespace berkeley::test {

namespace {

int checks = 0;
int failures = 0;

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

int Finish(const char* program) {
  printf("%s: %d checks, %d failed\n", program, checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}

}  // namespace berkeley::test
