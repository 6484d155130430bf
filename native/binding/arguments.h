// Reading the arguments of a native function. TypeScript has checked them; what is read here only
// has to be safe: a wrong type gives a default, never an abort.
#pragma once

#include <napi.h>

#include "binding/environment.h"
#include "binding/values.h"

namespace berkeley {

template <size_t kCount>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kCount;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, values_, nullptr, &data);
    environment_ = static_cast<Environment*>(data);
  }

  napi_env env() const { return env_; }
  Environment& environment() const { return *environment_; }
  const WaitPolicy& policy() const { return environment_->wait_policy(); }
  Scratch& scratch() const { return *environment_->scratch(); }
  napi_value value(size_t index) const { return values_[index]; }

  int Int(size_t index, int otherwise = 0) const {
    int32_t result = otherwise;
    napi_get_value_int32(env_, values_[index], &result);
    return result;
  }
  // A descriptor; -1, which the kernel refuses, for anything else.
  int Descriptor(size_t index) const { return Int(index, -1); }

  int64_t Long(size_t index) const {
    int64_t result = 0;
    napi_get_value_int64(env_, values_[index], &result);
    return result;
  }

  // Milliseconds, or kAttempt; left out it is for ever.
  Timeout Milliseconds(size_t index) const {
    double result = -1;
    napi_get_value_double(env_, values_[index], &result);
    return result;
  }

  bool Bool(size_t index) const {
    bool result = false;
    napi_get_value_bool(env_, values_[index], &result);
    return result;
  }

  napi_value Return(Result result) const { return MakeNumber(env_, result); }

 private:
  napi_env env_;
  napi_value values_[kCount];
  Environment* environment_ = nullptr;
};

}  // namespace berkeley
