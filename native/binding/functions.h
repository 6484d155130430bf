// Declares every native function that functions.list names.
#pragma once

#include <napi.h>

namespace berkeley {

#define FUNCTION(name, callback) napi_value callback(napi_env env, napi_callback_info info);
#include "binding/functions.list"
#undef FUNCTION

}  // namespace berkeley
