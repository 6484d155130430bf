// Network interfaces by name and number, and the name of this host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace berkeley {

struct Interface {
  unsigned int index;
  std::string name;
};

Result ListInterfaces(std::vector<Interface>* output);
// 0 where no interface has the name.
unsigned int FindInterface(const std::string& name);
Result NameInterface(unsigned int index, std::string* name);

Result GetHostName(std::string* name);
Result SetHostName(const void* name, size_t length);

}  // namespace berkeley
