// Lets the tests of errors say which system call of this thread fails; empty in any other build.
#ifdef BERKELEY_SOCKETS_FAULTS

#include "core/faults.h"

#include "binding/arguments.h"
#include "binding/functions.h"

namespace berkeley {

// armFault(countdown, errno): the system call after that many fails; with 0 a transfer is short
napi_value ArmFault(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  fault = {args.Long(0), args.Int(1), false, false};
  return args.Return(0);
}

// disarmFault(): 1 if it has happened, else 0
napi_value DisarmFault(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  const bool happened = fault.happened;
  fault = {};
  return args.Return(happened ? 1 : 0);
}

// holdFault(isHeld): whether system calls go unharmed for now
napi_value HoldFault(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  fault.is_held = args.Bool(0);
  return nullptr;
}

}  // namespace berkeley

#endif
