// Copies a hostent out of memory that the next look-up may overwrite.
#pragma once

#include <netdb.h>

#include "core/database.h"

namespace berkeley {

inline void CopyHostEntry(const hostent& source, HostEntry* output) {
  output->family = source.h_addrtype;
  if (source.h_name != nullptr) output->name = source.h_name;
  if (source.h_aliases != nullptr) {
    for (char** alias = source.h_aliases; *alias != nullptr; ++alias) {
      output->aliases.emplace_back(*alias);
    }
  }
  if (source.h_addr_list != nullptr) {
    for (char** host = source.h_addr_list; *host != nullptr; ++host) {
      output->hosts.emplace_back(*host, static_cast<size_t>(source.h_length));
    }
  }
}

// A failed look-up may leave h_errno at 0 (NETDB_SUCCESS), which is no error to report.
inline int HostFailure(int host_error) { return host_error == 0 ? NO_RECOVERY : host_error; }

}  // namespace berkeley
