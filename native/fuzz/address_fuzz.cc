// Fuzzes one address family: arbitrary fields to bytes, and arbitrary bytes to fields. The build
// says which family (FUZZED_FAMILY).
#include <fuzzer/FuzzedDataProvider.h>

#include <cstring>

#include "core/address.h"
#include "core/families/structures.h"
#include "core/resolver.h"

namespace berkeley {

namespace {

Field FieldFrom(FuzzedDataProvider* provider) {
  constexpr Field::Kind kKinds[] = {
      Field::Kind::kNothing, Field::Kind::kInteger,  Field::Kind::kText, Field::Kind::kBadText,
      Field::Kind::kBytes,   Field::Kind::kByteView, Field::Kind::kOther};
  Field field;
  field.kind = provider->PickValueInArray(kKinds);
  if (field.kind == Field::Kind::kInteger) {
    field.integer = provider->ConsumeIntegral<int64_t>();
    field.huge = provider->ConsumeBool() && provider->ConsumeBool();
    field.is_unsigned = field.huge && provider->ConsumeBool();
  } else {
    field.bytes = provider->ConsumeRandomLengthString(140);
    for (const char byte : field.bytes) field.is_ascii = field.is_ascii && byte >= 0;
  }
  return field;
}

// Names would be asked of a server.
bool AsksNobody(const AddressFields& input) {
  for (const Field& field : input.fields) {
    const bool is_name = field.kind != Field::Kind::kInteger && !field.bytes.empty();
    if (is_name && field.bytes.find('\0') == std::string::npos && NeedsLookup(field.bytes, 0)) {
      return false;
    }
  }
  return true;
}

bool TakesNames(int family) { return family == AF_INET || family == AF_INET6 || family == AF_RDS; }

void Fuzz(FuzzedDataProvider* provider) {
  const int protocols[] = {0, 1, 2, 3, 6, 7};
  const SocketIdentity socket = {-1, FUZZED_FAMILY, provider->PickValueInArray(protocols)};
  AddressFields input;
  input.is_tuple = provider->ConsumeBool();
  const size_t count = input.is_tuple ? provider->ConsumeIntegralInRange<size_t>(0, 6) : 1;
  for (size_t index = 0; index < count; ++index) input.fields.push_back(FieldFrom(provider));
  Address parsed;
  AddressFields output;
  if (!TakesNames(FUZZED_FAMILY) || AsksNobody(input)) {
    const AddressError error = ParseAddress(socket, input, &parsed);
    if (error.ok()) {
      if (parsed.length > sizeof(sockaddr_storage)) __builtin_trap();
      FormatAddress(socket, parsed, &output);
    }
  }
  // What a kernel might write, of any length.
  Address received;
  received.length =
      static_cast<socklen_t>(provider->ConsumeData(received.bytes, sizeof(sockaddr_storage)));
  if (provider->ConsumeBool()) received.generic.sa_family = FUZZED_FAMILY;
  AddressFields again;
  FormatAddress(socket, received, &again);
}

}  // namespace

}  // namespace berkeley

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  berkeley::Fuzz(&provider);
  return 0;
}
