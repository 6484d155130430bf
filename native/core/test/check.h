// Counts what the unit tests check and says what was expected where it came out otherwise.
#pragma once

#include <cstdint>
#include <string>

namespace berkeley::test {

// Compares two texts; `name` says in words what is compared.
void CheckText(const std::string& name, const std::string& expected, const std::string& actual);
void CheckNumber(const std::string& name, int64_t expected, int64_t actual);
void Check(const std::string& name, bool holds);

// Prints the numbers of checks and failures; the program's exit status.
int Finish(const char* program);

}  // namespace berkeley::test
