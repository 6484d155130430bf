// Start-up: the state of one environment, and one table of exported functions.
#include <napi.h>

#include "binding/environment.h"
#include "binding/functions.h"
#include "binding/values.h"
#include "core/result.h"
#include "core/threads.h"
#include "gen/constant_headers.inc"

namespace berkeley {

namespace {

struct NativeFunction {
  const char* name;
  napi_callback callback;
};

#define FUNCTION(name, callback) {#name, callback},
const NativeFunction kFunctions[] = {
#include "binding/functions.list"
};
#undef FUNCTION

struct IntegerConstant {
  const char* name;
  double value;
};

struct StringConstant {
  const char* name;
  const char* value;
};

const IntegerConstant kIntegerConstants[] = {
#include "gen/constants.inc"
};

const StringConstant kStringConstants[] = {
#include "gen/string_constants.inc"
};

const IntegerConstant kErrnos[] = {
#include "gen/errnos.inc"
};

void SetNumber(napi_env env, napi_value object, const char* name, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

napi_value MakeObject(napi_env env, napi_value exports, const char* name) {
  napi_value object = nullptr;
  napi_create_object(env, &object);
  napi_set_named_property(env, exports, name, object);
  return object;
}

napi_value Initialize(napi_env env, napi_value exports) {
  Environment* environment = new (std::nothrow) Environment(env);
  if (environment == nullptr) return nullptr;
  napi_set_instance_data(
      env, environment, [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); },
      nullptr);
  for (const NativeFunction& function : kFunctions) {
    napi_value value = nullptr;
    napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.callback, environment,
                         &value);
    napi_set_named_property(env, exports, function.name, value);
  }
  napi_value constants = MakeObject(env, exports, "constants");
  for (const IntegerConstant& constant : kIntegerConstants) {
    SetNumber(env, constants, constant.name, constant.value);
  }
  for (const StringConstant& constant : kStringConstants) {
    napi_set_named_property(env, constants, constant.name, MakeString(env, constant.value));
  }
  napi_value errnos = MakeObject(env, exports, "errnos");
  for (const IntegerConstant& constant : kErrnos) {
    SetNumber(env, errnos, constant.name, constant.value);
  }
  SetNumber(env, exports, "timedOut", static_cast<double>(kTimedOut));
  napi_value is_main_thread = nullptr;
  napi_get_boolean(env, OnMainThread(), &is_main_thread);
  napi_set_named_property(env, exports, "isMainThread", is_main_thread);
  return exports;
}

}  // namespace

}  // namespace berkeley

napi_value InitializeModule(napi_env env, napi_value exports) {
  return berkeley::Initialize(env, exports);
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, InitializeModule)
