// JavaScript values to plain data and back.
#pragma once

#include <napi.h>

#include <string>

#include "binding/environment.h"
#include "core/address.h"

namespace berkeley {

// The bytes of a Uint8Array (a Buffer too). False where it is none.
bool ReadBytes(napi_env env, napi_value value, ByteSpan* span);

// A JavaScript string as UTF-8, where U+DC80 to U+DCFF stand for single bytes that are no UTF-8
// (Python's surrogateescape). False where it has another lone surrogate, or is no string.
bool ReadText(napi_env env, napi_value value, std::string* text, bool* is_ascii);

// An address of JavaScript's: an array is a tuple, anything else a single field.
AddressFields JavaScriptToFields(napi_env env, napi_value value);

// A tuple is an array, text a string, bytes a Buffer, nothing null. A text that is not UTF-8
// becomes a Buffer, so that the address still names the same file.
napi_value FieldsToJavaScript(napi_env env, const AddressFields& fields);
napi_value FieldToJavaScript(napi_env env, const Field& field);

// An error as [kind, code, text, field] for lib/socket/address.ts.
napi_value AddressErrorToJavaScript(napi_env env, const AddressError& error);

bool IsUtf8(const std::string& bytes);

napi_value MakeNumber(napi_env env, int64_t value);
napi_value MakeString(napi_env env, const std::string& text);
napi_value MakeBuffer(napi_env env, const void* data, size_t length);
napi_value MakeArray(napi_env env, std::initializer_list<napi_value> items);

}  // namespace berkeley
