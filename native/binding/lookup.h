// Look-ups between JavaScript and plain data, for whoever runs them on this thread or another.
#pragma once

#include <napi.h>

#include "core/lookup.h"

namespace berkeley {

// Reads (kind, first, second, number, number, number, number); false where they are no request.
bool ReadLookup(napi_env env, napi_callback_info info, LookupRequest* request);

// An answer as [failure, what], as lib/native-resolver.ts declares it.
napi_value LookupToJavaScript(napi_env env, const LookupAnswer& answer);

}  // namespace berkeley
