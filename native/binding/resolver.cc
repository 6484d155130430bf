// Names, services and numbers for JavaScript: every function takes any argument and never throws.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "binding/lookup.h"
#include "binding/values.h"
#include "core/interfaces.h"
#include "core/result.h"

namespace berkeley {

namespace {

constexpr size_t kLookupArguments = 3 + LookupRequest::kNumberCount;

napi_value Null(napi_env env) {
  napi_value value = nullptr;
  napi_get_null(env, &value);
  return value;
}

// The arguments of a call; those that were left out are undefined.
template <size_t count>
struct Arguments {
  napi_value values[count] = {};

  Arguments(napi_env env, napi_callback_info info) {
    size_t given = count;
    napi_get_cb_info(env, info, &given, values, nullptr, nullptr);
  }
  napi_value operator[](size_t index) const { return values[index]; }
};

bool ReadNumber(napi_env env, napi_value value, int64_t* number) {
  return napi_get_value_int64(env, value, number) == napi_ok;
}

// A string or the bytes of an array; null is no text.
bool ReadOptionalText(napi_env env, napi_value value, std::optional<std::string>* output) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  if (type == napi_null) return true;
  std::string text;
  bool is_ascii = true;
  ByteSpan span;
  if (type == napi_string) {
    if (!ReadText(env, value, &text, &is_ascii)) return false;
  } else if (ReadBytes(env, value, &span)) {
    // As of strings, more than any name has is not even copied to be refused.
    constexpr size_t kLongestName = 1 << 20;
    text.assign(reinterpret_cast<const char*>(span.data), std::min(span.length, kLongestName));
  } else {
    return false;
  }
  *output = text;
  return true;
}

bool ReadRequiredText(napi_env env, napi_value value, std::string* output) {
  std::optional<std::string> text;
  if (!ReadOptionalText(env, value, &text) || !text) return false;
  *output = *text;
  return true;
}

// A name in the file system's encoding: the bytes, which TypeScript decodes.
napi_value NameBuffer(napi_env env, const std::string& name) {
  return MakeBuffer(env, name.data(), name.size());
}

napi_value TextArray(napi_env env, const std::vector<std::string>& texts) {
  napi_value array = nullptr;
  napi_create_array_with_length(env, texts.size(), &array);
  for (size_t i = 0; i < texts.size(); ++i) {
    napi_set_element(env, array, static_cast<uint32_t>(i), MakeString(env, texts[i]));
  }
  return array;
}

napi_value AddressArray(napi_env env, const std::vector<AddressEntry>& entries) {
  napi_value array = nullptr;
  napi_create_array_with_length(env, entries.size(), &array);
  uint32_t index = 0;
  for (const AddressEntry& entry : entries) {
    AddressFields fields;
    FormatAddress({-1, entry.family, entry.proto}, entry.address, &fields);
    napi_set_element(
        env, array, index++,
        MakeArray(env, {MakeNumber(env, entry.family), MakeNumber(env, entry.type),
                        MakeNumber(env, entry.proto), MakeString(env, entry.canonical_name),
                        FieldsToJavaScript(env, fields)}));
  }
  return array;
}

napi_value AnswerValue(napi_env env, const LookupAnswer& answer) {
  switch (answer.kind) {
    case LookupRequest::Kind::kAddresses:
      return AddressArray(env, answer.addresses);
    case LookupRequest::Kind::kNameOfAddress:
      return MakeArray(env, {MakeString(env, answer.name), MakeString(env, answer.service)});
    case LookupRequest::Kind::kHostEntry:
    case LookupRequest::Kind::kHostByAddress:
      return MakeArray(env, {MakeString(env, answer.name), TextArray(env, answer.aliases),
                             TextArray(env, answer.hosts)});
    case LookupRequest::Kind::kHostByName:
    case LookupRequest::Kind::kServiceByPort:
      return MakeString(env, answer.name);
    default:
      return MakeNumber(env, answer.number);
  }
}

}  // namespace

bool ReadLookup(napi_env env, napi_callback_info info, LookupRequest* request) {
  const Arguments<kLookupArguments> arguments(env, info);
  int64_t kind = -1;
  if (!ReadNumber(env, arguments[0], &kind)) return false;
  if (kind < 0 || kind >= LookupRequest::kKindCount) return false;
  request->kind = static_cast<LookupRequest::Kind>(kind);
  if (!ReadOptionalText(env, arguments[1], &request->first)) return false;
  if (!ReadOptionalText(env, arguments[2], &request->second)) return false;
  for (size_t i = 0; i < LookupRequest::kNumberCount; ++i) {
    if (!ReadNumber(env, arguments[3 + i], &request->numbers[i])) return false;
  }
  return true;
}

napi_value LookupToJavaScript(napi_env env, const LookupAnswer& answer) {
  napi_value value = nullptr;
  switch (answer.failure) {
    case LookupAnswer::Failure::kNone:
      value = AnswerValue(env, answer);
      break;
    case LookupAnswer::Failure::kText:
      value = MakeString(env, answer.text);
      break;
    default:
      value = MakeNumber(env, answer.code);
  }
  return MakeArray(env, {MakeNumber(env, static_cast<int64_t>(answer.failure)), value});
}

napi_value LookUp(napi_env env, napi_callback_info info) {
  LookupRequest request;
  if (ReadLookup(env, info, &request)) return LookupToJavaScript(env, Lookup(request));
  LookupAnswer answer;
  answer.failure = LookupAnswer::Failure::kErrno;
  answer.code = EINVAL;
  return LookupToJavaScript(env, answer);
}

napi_value GetNameErrorText(napi_env env, napi_callback_info info) {
  int64_t code = 0;
  ReadNumber(env, Arguments<1>(env, info)[0], &code);
  return MakeString(env, NameErrorText(static_cast<int>(code)));
}

napi_value GetHostErrorText(napi_env env, napi_callback_info info) {
  int64_t code = 0;
  ReadNumber(env, Arguments<1>(env, info)[0], &code);
  return MakeString(env, HostErrorText(static_cast<int>(code)));
}

napi_value GetHostNameBytes(napi_env env, napi_callback_info) {
  std::string name;
  const Result result = GetHostName(&name);
  return result < 0 ? MakeNumber(env, result) : NameBuffer(env, name);
}

napi_value SetHostNameBytes(napi_env env, napi_callback_info info) {
  std::string name;
  if (!ReadRequiredText(env, Arguments<1>(env, info)[0], &name)) return MakeNumber(env, -EINVAL);
  return MakeNumber(env, SetHostName(name.data(), name.size()));
}

napi_value GetInterfaces(napi_env env, napi_callback_info) {
  std::vector<Interface> interfaces;
  const Result result = ListInterfaces(&interfaces);
  if (result < 0) return MakeNumber(env, result);
  napi_value array = nullptr;
  napi_create_array_with_length(env, interfaces.size(), &array);
  uint32_t index = 0;
  for (const Interface& item : interfaces) {
    napi_set_element(env, array, index++,
                     MakeArray(env, {MakeNumber(env, item.index), NameBuffer(env, item.name)}));
  }
  return array;
}

napi_value GetInterfaceIndex(napi_env env, napi_callback_info info) {
  std::string name;
  if (!ReadRequiredText(env, Arguments<1>(env, info)[0], &name)) return MakeNumber(env, 0);
  return MakeNumber(env, FindInterface(name));
}

napi_value GetInterfaceName(napi_env env, napi_callback_info info) {
  int64_t index = 0;
  ReadNumber(env, Arguments<1>(env, info)[0], &index);
  std::string name;
  const Result result = NameInterface(static_cast<unsigned int>(index), &name);
  return result < 0 ? MakeNumber(env, result) : NameBuffer(env, name);
}

napi_value InternetTextToBytes(napi_env env, napi_callback_info info) {
  std::string text;
  in_addr host;
  if (!ReadRequiredText(env, Arguments<1>(env, info)[0], &text)) return Null(env);
  if (inet_aton(text.c_str(), &host) == 0) return Null(env);
  return MakeBuffer(env, &host, sizeof(host));
}

napi_value PresentationToBytes(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  int64_t family = 0;
  std::string text;
  uint8_t host[sizeof(in6_addr)];
  if (!ReadNumber(env, arguments[0], &family)) return MakeNumber(env, -EINVAL);
  if (!ReadRequiredText(env, arguments[1], &text)) return Null(env);
  if (family != AF_INET && family != AF_INET6) return MakeNumber(env, -EAFNOSUPPORT);
  if (inet_pton(static_cast<int>(family), text.c_str(), host) <= 0) return Null(env);
  return MakeBuffer(env, host, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
}

napi_value BytesToPresentation(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  int64_t family = 0;
  ByteSpan span;
  ReadNumber(env, arguments[0], &family);
  if (family != AF_INET && family != AF_INET6) return MakeNumber(env, -EAFNOSUPPORT);
  const size_t length = family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
  if (!ReadBytes(env, arguments[1], &span) || span.length != length) return Null(env);
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(static_cast<int>(family), span.data, text, sizeof(text));
  return MakeString(env, text);
}

}  // namespace berkeley
