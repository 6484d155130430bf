// Fuzzes control messages: arbitrary bytes are walked within their bounds, and what was laid out is
// found again.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstring>
#include <string>

#include "core/ancillary.h"

namespace berkeley {

namespace {

void WalkAnything(const std::vector<uint8_t>& bytes) {
  bool is_malformed = false;
  const std::vector<AncillaryItem> items = WalkAncillary(bytes.data(), bytes.size(), &is_malformed);
  for (const AncillaryItem& item : items) {
    const bool is_within =
        item.data >= bytes.data() && item.data + item.length <= bytes.data() + bytes.size();
    if (!is_within) __builtin_trap();
  }
}

void FindAgain(FuzzedDataProvider* provider) {
  std::vector<std::string> texts;
  std::vector<AncillaryItem> items;
  const size_t count = provider->ConsumeIntegralInRange<size_t>(0, 8);
  for (size_t index = 0; index < count; ++index) {
    texts.push_back(provider->ConsumeRandomLengthString(64));
  }
  for (const std::string& text : texts) {
    items.push_back({provider->ConsumeIntegral<int>(), provider->ConsumeIntegral<int>(),
                     reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  AncillaryBuffer buffer;
  if (buffer.Build(items) != 0) return;
  bool is_malformed = false;
  const std::vector<AncillaryItem> found = buffer.Walk(buffer.size(), &is_malformed);
  if (is_malformed || found.size() != items.size()) __builtin_trap();
  for (size_t index = 0; index < items.size(); ++index) {
    const bool is_same = found[index].level == items[index].level &&
                         found[index].type == items[index].type &&
                         found[index].length == items[index].length &&
                         memcmp(found[index].data, items[index].data, items[index].length) == 0;
    if (!is_same) __builtin_trap();
  }
}

}  // namespace

}  // namespace berkeley

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  if (provider.ConsumeBool()) {
    berkeley::FindAgain(&provider);
  } else {
    berkeley::WalkAnything(provider.ConsumeRemainingBytes<uint8_t>());
  }
  return 0;
}
