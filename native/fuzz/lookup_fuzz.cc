// Fuzzes look-ups that ask no server: numeric hosts and addresses, whatever else is in the request.
#include <fuzzer/FuzzedDataProvider.h>

#include "core/lookup.h"

namespace berkeley {

namespace {

std::optional<std::string> TextFrom(FuzzedDataProvider* provider) {
  if (provider->ConsumeBool()) return std::nullopt;
  std::string text = provider->ConsumeRandomLengthString(64);
  return text.substr(0, text.find('\0'));
}

void Fuzz(FuzzedDataProvider* provider) {
  LookupRequest request;
  const bool is_name = provider->ConsumeBool();
  request.kind = is_name ? LookupRequest::Kind::kNameOfAddress : LookupRequest::Kind::kAddresses;
  request.first = TextFrom(provider);
  request.second = TextFrom(provider);
  for (int64_t& number : request.numbers) number = provider->ConsumeIntegral<int32_t>();
  if (is_name) {
    request.numbers[2] |= NI_NUMERICHOST | NI_NUMERICSERV;
  } else {
    request.numbers[3] |= AI_NUMERICHOST | AI_NUMERICSERV;
    // IDNA converts names by tables that are read from files.
    request.numbers[3] &= AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE | AI_V4MAPPED | AI_ALL;
  }
  const LookupAnswer answer = Lookup(request);
  for (const AddressEntry& entry : answer.addresses) {
    AddressFields fields;
    FormatAddress({-1, entry.family, entry.proto}, entry.address, &fields);
  }
}

}  // namespace

}  // namespace berkeley

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  berkeley::Fuzz(&provider);
  return 0;
}
