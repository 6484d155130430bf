// JavaScript values to plain data and back.
#include "binding/values.h"

#include <algorithm>
#include <climits>
#include <vector>

namespace berkeley {

namespace {

// No address has a text or bytes that long; more is not even copied to be refused.
constexpr size_t kLongestValue = 1 << 20;

constexpr char32_t kEscapeFirst = 0xdc80;
constexpr char32_t kEscapeLast = 0xdcff;

void AppendUtf8(char32_t code, std::string* text) {
  if (code < 0x80) {
    text->push_back(static_cast<char>(code));
    return;
  }
  const int following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr int kLead[] = {0, 0xc0, 0xe0, 0xf0};
  text->push_back(static_cast<char>(kLead[following] | (code >> (6 * following))));
  for (int index = following - 1; index >= 0; --index) {
    text->push_back(static_cast<char>(0x80 | ((code >> (6 * index)) & 0x3f)));
  }
}

Field ReadBigInt(napi_env env, napi_value value) {
  Field field = Field::Integer(0);
  bool lossless = false;
  napi_get_value_bigint_int64(env, value, &field.integer, &lossless);
  if (lossless) return field;
  uint64_t bits = 0;
  napi_get_value_bigint_uint64(env, value, &bits, &lossless);
  if (lossless) return Field::Unsigned(bits);
  field.huge = true;
  return field;
}

Field ReadNumber(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  // Whole numbers are integers, also beyond 2**53 where a number is not exact any more.
  constexpr double kLimit = 9223372036854775808.0;
  Field field = Field::Integer(0);
  if (!(number >= -kLimit && number < kLimit)) {
    field.huge = true;
    if (number != number) field.kind = Field::Kind::kOther;
    return field;
  }
  field.integer = static_cast<int64_t>(number);
  if (static_cast<double>(field.integer) != number) field.kind = Field::Kind::kOther;
  return field;
}

Field ReadObject(napi_env env, napi_value value) {
  Field field;
  ByteSpan span;
  bool is_view = false;
  if (ReadBytes(env, value, &span)) {
    return Field::Bytes(
        std::string(reinterpret_cast<char*>(span.data), std::min(span.length, kLongestValue)));
  }
  field.kind = Field::Kind::kOther;
  if (napi_is_dataview(env, value, &is_view) == napi_ok && is_view) {
    size_t length = 0;
    void* data = nullptr;
    napi_get_dataview_info(env, value, &length, &data, nullptr, nullptr);
    field.kind = Field::Kind::kByteView;
    if (data != nullptr) {
      field.bytes.assign(static_cast<char*>(data), std::min(length, kLongestValue));
    }
  }
  return field;
}

Field JavaScriptToField(napi_env env, napi_value value) {
  Field field;
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env, value, &type) != napi_ok) return field;
  switch (type) {
    case napi_number:
      return ReadNumber(env, value);
    case napi_bigint:
      return ReadBigInt(env, value);
    case napi_boolean: {
      bool truth = false;
      napi_get_value_bool(env, value, &truth);
      return Field::Integer(truth ? 1 : 0);
    }
    case napi_string:
      field.kind = ReadText(env, value, &field.bytes, &field.is_ascii) ? Field::Kind::kText
                                                                       : Field::Kind::kBadText;
      return field;
    case napi_object:
      return ReadObject(env, value);
    case napi_null:
    case napi_undefined:
      return field;
    default:
      field.kind = Field::Kind::kOther;
      return field;
  }
}

}  // namespace

bool ReadBytes(napi_env env, napi_value value, ByteSpan* span) {
  // One Node-API call, which refuses what is no typed array: this is on the way of every transfer.
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &span->length, &data, nullptr, nullptr) !=
          napi_ok ||
      type != napi_uint8_array) {
    return false;
  }
  span->data = static_cast<uint8_t*>(data);
  return true;
}

bool ReadText(napi_env env, napi_value value, std::string* text, bool* is_ascii) {
  size_t length = 0;
  if (napi_get_value_string_utf16(env, value, nullptr, 0, &length) != napi_ok) return false;
  std::vector<char16_t> units(std::min(length, kLongestValue) + 1);
  napi_get_value_string_utf16(env, value, units.data(), units.size(), &length);
  text->clear();
  text->reserve(length);
  *is_ascii = true;
  for (size_t index = 0; index < length; ++index) {
    char32_t code = units[index];
    if (code >= 0x80) *is_ascii = false;
    if (code >= 0xd800 && code < 0xdc00 && index + 1 < length && units[index + 1] >= 0xdc00 &&
        units[index + 1] < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (units[++index] - 0xdc00);
    } else if (code >= kEscapeFirst && code <= kEscapeLast) {
      text->push_back(static_cast<char>(code & 0xff));
      continue;
    } else if (code >= 0xd800 && code < 0xe000) {
      return false;
    }
    AppendUtf8(code, text);
  }
  return true;
}

AddressFields JavaScriptToFields(napi_env env, napi_value value) {
  AddressFields result;
  napi_is_array(env, value, &result.is_tuple);
  if (!result.is_tuple) {
    result.fields.push_back(JavaScriptToField(env, value));
    return result;
  }
  uint32_t length = 0;
  napi_get_array_length(env, value, &length);
  // No address has more items; one too many is enough for its codec to refuse it.
  constexpr uint32_t kMostItems = 8;
  for (uint32_t index = 0; index < length && index < kMostItems; ++index) {
    napi_value item = nullptr;
    if (napi_get_element(env, value, index, &item) != napi_ok) break;
    result.fields.push_back(JavaScriptToField(env, item));
  }
  return result;
}

bool IsUtf8(const std::string& bytes) {
  size_t index = 0;
  while (index < bytes.size()) {
    const uint8_t lead = static_cast<uint8_t>(bytes[index++]);
    if (lead < 0x80) continue;
    const size_t following = lead >= 0xc2 && lead < 0xe0   ? 1
                             : lead >= 0xe0 && lead < 0xf0 ? 2
                             : lead >= 0xf0 && lead < 0xf5 ? 3
                                                           : 0;
    if (following == 0 || index + following > bytes.size()) return false;
    const uint8_t second = static_cast<uint8_t>(bytes[index]);
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90)) {
      return false;
    }
    for (size_t end = index + following; index < end; ++index) {
      if ((static_cast<uint8_t>(bytes[index]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

napi_value MakeNumber(napi_env env, int64_t value) {
  napi_value result = nullptr;
  if (value >= INT32_MIN && value <= INT32_MAX) {
    napi_create_int32(env, static_cast<int32_t>(value), &result);
  } else {
    napi_create_int64(env, value, &result);
  }
  return result;
}

napi_value MakeString(napi_env env, const std::string& text) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

napi_value MakeBuffer(napi_env env, const void* data, size_t length) {
  napi_value result = nullptr;
  napi_create_buffer_copy(env, length, data, nullptr, &result);
  return result;
}

napi_value MakeArray(napi_env env, std::initializer_list<napi_value> items) {
  napi_value result = nullptr;
  napi_create_array_with_length(env, items.size(), &result);
  uint32_t index = 0;
  for (napi_value item : items) napi_set_element(env, result, index++, item);
  return result;
}

napi_value FieldToJavaScript(napi_env env, const Field& field) {
  constexpr int64_t kSafe = (INT64_C(1) << 53) - 1;
  napi_value result = nullptr;
  switch (field.kind) {
    case Field::Kind::kInteger:
      if (!field.huge && field.integer <= kSafe && field.integer >= -kSafe) {
        return MakeNumber(env, field.integer);
      }
      napi_create_bigint_uint64(env, static_cast<uint64_t>(field.integer), &result);
      return result;
    case Field::Kind::kText:
      if (IsUtf8(field.bytes)) return MakeString(env, field.bytes);
      return MakeBuffer(env, field.bytes.data(), field.bytes.size());
    case Field::Kind::kBytes:
    case Field::Kind::kByteView:
      return MakeBuffer(env, field.bytes.data(), field.bytes.size());
    default:
      napi_get_null(env, &result);
      return result;
  }
}

napi_value FieldsToJavaScript(napi_env env, const AddressFields& fields) {
  if (!fields.is_tuple) return FieldToJavaScript(env, fields.fields[0]);
  napi_value result = nullptr;
  napi_create_array_with_length(env, fields.fields.size(), &result);
  uint32_t index = 0;
  for (const Field& field : fields.fields) {
    napi_set_element(env, result, index++, FieldToJavaScript(env, field));
  }
  return result;
}

napi_value AddressErrorToJavaScript(napi_env env, const AddressError& error) {
  return MakeArray(env, {MakeNumber(env, static_cast<int>(error.kind)), MakeNumber(env, error.code),
                         MakeString(env, error.text), MakeNumber(env, error.field)});
}

}  // namespace berkeley
