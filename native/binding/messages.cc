// recvmsg and sendmsg: vectors of buffers, and control messages.
#include "binding/messages.h"

#include "binding/arguments.h"
#include "binding/functions.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

// The bytes of each item of an array of Uint8Arrays. False if one is none.
bool ReadVectors(napi_env env, napi_value array, std::vector<iovec>* vectors) {
  uint32_t count = 0;
  if (napi_get_array_length(env, array, &count) != napi_ok) return false;
  vectors->reserve(count);
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    ByteSpan span;
    if (napi_get_element(env, array, index, &item) != napi_ok || !ReadBytes(env, item, &span)) {
      return false;
    }
    vectors->push_back({span.data, span.length});
  }
  return true;
}

// Closes the descriptors of the last message if nobody took its control messages.
void DropUntaken(Environment& environment) {
  Scratch& scratch = *environment.scratch();
  if (scratch.control_length <= 0) return;
  environment.ancillary().CloseDescriptors(static_cast<size_t>(scratch.control_length));
  scratch.control_length = 0;
}

}  // namespace

bool ReadAncillaryItems(napi_env env, napi_value array, std::vector<AncillaryItem>* items) {
  uint32_t count = 0;
  if (napi_get_array_length(env, array, &count) != napi_ok) return false;
  for (uint32_t index = 0; index < count; ++index) {
    napi_value item = nullptr;
    napi_value level = nullptr;
    napi_value type = nullptr;
    napi_value data = nullptr;
    ByteSpan span;
    AncillaryItem entry = {};
    if (napi_get_element(env, array, index, &item) != napi_ok ||
        napi_get_element(env, item, 0, &level) != napi_ok ||
        napi_get_element(env, item, 1, &type) != napi_ok ||
        napi_get_element(env, item, 2, &data) != napi_ok ||
        napi_get_value_int32(env, level, &entry.level) != napi_ok ||
        napi_get_value_int32(env, type, &entry.type) != napi_ok || !ReadBytes(env, data, &span)) {
      return false;
    }
    entry.data = span.data;
    entry.length = span.length;
    items->push_back(entry);
  }
  return true;
}

napi_value AncillaryToJavaScript(napi_env env, const uint8_t* memory, size_t length) {
  bool is_malformed = false;
  const std::vector<AncillaryItem> items = WalkAncillary(memory, length, &is_malformed);
  napi_value array = nullptr;
  bool is_complete = napi_create_array_with_length(env, items.size(), &array) == napi_ok;
  for (uint32_t index = 0; is_complete && index < items.size(); ++index) {
    const AncillaryItem& item = items[index];
    napi_value bytes = MakeBuffer(env, item.data, item.length);
    is_complete = bytes != nullptr &&
                  napi_set_element(env, array, index,
                                   MakeArray(env, {MakeNumber(env, item.level),
                                                   MakeNumber(env, item.type), bytes})) == napi_ok;
  }
  if (!is_complete) {
    // Nobody will ever hear of the descriptors in it.
    CloseAncillaryDescriptors(memory, length);
    return nullptr;
  }
  napi_value malformed = nullptr;
  napi_get_boolean(env, is_malformed, &malformed);
  return MakeArray(env, {array, malformed});
}

// recvmsg(fd, buffers, ancillaryLength, flags, timeout); the rest of what came is in the scratch.
napi_value RecvMessage(napi_env env, napi_callback_info info) {
  const Arguments<5> args(env, info);
  std::vector<iovec> vectors;
  if (!ReadVectors(env, args.value(1), &vectors)) return args.Return(-EFAULT);
  const int64_t ancillary_length = args.Long(2);
  if (ancillary_length < 0) return args.Return(-EINVAL);
  DropUntaken(args.environment());
  AncillaryBuffer& ancillary = args.environment().ancillary();
  const int reserved = ancillary.Reserve(static_cast<size_t>(ancillary_length));
  if (reserved < 0) return args.Return(reserved);

  Address address;
  msghdr message = {};
  message.msg_name = &address.storage;
  message.msg_namelen = sizeof(address.storage);
  message.msg_iov = vectors.data();
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(vectors.size());
  message.msg_control = ancillary_length > 0 ? ancillary.data() : nullptr;
  message.msg_controllen = static_cast<decltype(message.msg_controllen)>(ancillary_length);

  // A received descriptor is close-on-exec from birth; the kernel reports the flag back.
  const int flags = args.Int(3);
  const Result result = ReceiveMessage(args.policy(), args.Descriptor(0), &message,
                                       flags | MSG_CMSG_CLOEXEC, args.Milliseconds(4));
  Scratch& scratch = args.scratch();
  scratch.interrupted = args.environment().TakeInterrupted();
  scratch.control_length = 0;
  if (result < 0) return args.Return(result);
  address.length = message.msg_namelen;
  scratch.SetSource(address);
  scratch.control_length = static_cast<int32_t>(message.msg_controllen);
  scratch.message_flags = message.msg_flags & ~(MSG_CMSG_CLOEXEC & ~flags);
  return args.Return(result);
}

// takeAncillary(): [items, malformed] of the last recvmsg, an item being [level, type, bytes].
napi_value TakeAncillary(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  Scratch& scratch = args.scratch();
  const size_t length = static_cast<size_t>(std::max(scratch.control_length, 0));
  scratch.control_length = 0;
  const AncillaryBuffer& ancillary = args.environment().ancillary();
  napi_value items =
      AncillaryToJavaScript(env, ancillary.bytes(), std::min(length, ancillary.size()));
  return items == nullptr ? args.Return(-ENOMEM) : items;
}

// sendmsg(fd, buffers, items, flags, timeout, hasTarget); the target is in the scratch.
napi_value SendMessageParts(napi_env env, napi_callback_info info) {
  const Arguments<6> args(env, info);
  std::vector<iovec> vectors;
  std::vector<AncillaryItem> items;
  if (!ReadVectors(env, args.value(1), &vectors) ||
      !ReadAncillaryItems(env, args.value(2), &items)) {
    return args.Return(-EFAULT);
  }
  DropUntaken(args.environment());
  AncillaryBuffer& ancillary = args.environment().ancillary();
  const int built = ancillary.Build(items);
  if (built < 0) return args.Return(built);
  Address address = args.scratch().Target();
  msghdr message = {};
  if (args.Bool(5)) {
    message.msg_name = &address.storage;
    message.msg_namelen = address.length;
  }
  message.msg_iov = vectors.data();
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(vectors.size());
  if (!items.empty()) {
    message.msg_control = ancillary.data();
    message.msg_controllen = static_cast<decltype(message.msg_controllen)>(ancillary.size());
  }
  const Result result =
      SendMessage(args.policy(), args.Descriptor(0), &message, args.Int(3), args.Milliseconds(4));
  args.scratch().interrupted = args.environment().TakeInterrupted();
  return args.Return(result);
}

// ancillaryLength(n): CMSG_LEN, or -1
napi_value AncillaryLengthOf(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(AncillaryLength(args.Long(0)));
}

// ancillarySpace(n): CMSG_SPACE, or -1
napi_value AncillarySpaceOf(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(AncillarySpace(args.Long(0)));
}

}  // namespace berkeley
