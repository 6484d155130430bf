// Look-ups of names, services and protocols as plain data, so that any thread can do them.
#pragma once

#include <netdb.h>

#include <optional>
#include <string>
#include <vector>

#include "core/address.h"

namespace berkeley {

// What getaddrinfo(3) found; frees it.
class AddressList {
 public:
  AddressList() = default;
  ~AddressList();
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;

  // A failure is a kName, or a kErrno where getaddrinfo(3) says that errno tells more.
  AddressError Find(const char* host, const char* service, const addrinfo& hints);
  const addrinfo* first() const { return first_; }

 private:
  addrinfo* first_ = nullptr;
};

// One question. lib/native-resolver.ts numbers the kinds in this order and fills in `first`,
// `second` and `numbers` as the comments say.
struct LookupRequest {
  enum class Kind {
    kAddresses,      // host or nothing, service or nothing; family, type, proto, flags
    kNameOfAddress,  // numeric host, port as digits; flowinfo, scope id, flags, length of the tuple
    kHostByName,     // host
    kHostEntry,      // host
    kHostByAddress,  // host
    kServiceByName,  // name, protocol or nothing
    kServiceByPort,  // nothing, protocol or nothing; port
    kProtocolByName,  // name
  };
  static constexpr int kKindCount = 8;
  static constexpr size_t kNumberCount = 4;

  Kind kind = Kind::kAddresses;
  std::optional<std::string> first;
  std::optional<std::string> second;
  int64_t numbers[kNumberCount] = {};
};

struct AddressEntry {
  int family;
  int type;
  int proto;
  std::string canonical_name;
  Address address;
};

// The answer; which members are filled in depends on the question.
struct LookupAnswer {
  enum class Failure {
    kNone,
    kErrno,  // `code` is an errno
    kName,   // `code` is an EAI_ number
    kHost,   // `code` is an h_errno
    kText,   // `text` is all there is to say
  };
  Failure failure = Failure::kNone;
  int code = 0;
  std::string text;

  LookupRequest::Kind kind = LookupRequest::Kind::kAddresses;
  std::vector<AddressEntry> addresses;  // of kAddresses
  std::string name;                     // of all that ask for a name, and of kHostByName
  std::string service;                  // of kNameOfAddress
  std::vector<std::string> aliases;     // of kHostEntry and kHostByAddress
  std::vector<std::string> hosts;       // of the same, as numeric addresses
  int number = 0;                       // of kServiceByName and kProtocolByName
};

// Answers a question; may wait for a name server. Any thread may call it.
LookupAnswer Lookup(const LookupRequest& request);

// The texts of EAI_ numbers and of h_errno numbers.
std::string NameErrorText(int code);
std::string HostErrorText(int code);

}  // namespace berkeley
