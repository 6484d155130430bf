// Control messages between JavaScript and C++.
#pragma once

#include <napi.h>

#include <vector>

#include "core/ancillary.h"

namespace berkeley {

// [level, type, bytes] items. False if one is no such thing.
bool ReadAncillaryItems(napi_env env, napi_value array, std::vector<AncillaryItem>* items);

// [items, malformed] of what was received; nullptr if there is no memory for that, and then the
// descriptors in it are closed.
napi_value AncillaryToJavaScript(napi_env env, const uint8_t* memory, size_t length);

}  // namespace berkeley
