// recvmmsg and sendmmsg over a batch that lib/socket/batch.ts lays out, and control messages in
// memory of JavaScript's.
#include "binding/arguments.h"
#include "binding/functions.h"
#include "binding/messages.h"
#include "core/ancillary.h"
#include "core/batch.h"

namespace berkeley {

namespace {

// Arguments from `index` on: the entries, the data, the control messages, the first message and
// how many follow. False if they do not fit together.
bool ReadBatch(const Arguments<8>& args, size_t index, Batch* batch) {
  ByteSpan entries;
  ByteSpan data;
  ByteSpan control;
  const napi_env env = args.env();
  if (!ReadBytes(env, args.value(index), &entries) ||
      !ReadBytes(env, args.value(index + 1), &data) ||
      !ReadBytes(env, args.value(index + 2), &control)) {
    return false;
  }
  const size_t most = entries.length / (sizeof(BatchEntry) + kAddressRoom);
  const int64_t first = args.Int(index + 3);
  const int64_t count = args.Int(index + 4);
  if (first < 0 || count < 0 || first + count > static_cast<int64_t>(most)) return false;
  BatchEntry* table = reinterpret_cast<BatchEntry*>(entries.data);
  uint8_t* addresses = entries.data + most * sizeof(BatchEntry);
  *batch = {table + first,
            static_cast<size_t>(count),
            addresses + static_cast<size_t>(first) * kAddressRoom,
            data.data,
            data.length,
            control.data,
            control.length};
  return batch->IsSound();
}

template <typename Call>
napi_value WithBatch(napi_env env, napi_callback_info info, Call call) {
  const Arguments<8> args(env, info);
  Batch batch;
  if (!ReadBatch(args, 1, &batch)) return args.Return(-EFAULT);
  const Result result =
      call(args.policy(), args.Descriptor(0), batch, args.Int(6), args.Milliseconds(7));
  args.scratch().interrupted = args.environment().TakeInterrupted();
  return args.Return(result);
}

}  // namespace

// recvmmsg(fd, entries, data, control, first, count, flags, timeout): how many messages came
napi_value RecvMessages(napi_env env, napi_callback_info info) {
  return WithBatch(env, info, ReceiveBatch);
}

// sendmmsg(fd, entries, data, control, first, count, flags, timeout): how many messages went
napi_value SendMessages(napi_env env, napi_callback_info info) {
  return WithBatch(env, info, SendBatch);
}

// packAncillary(items): their bytes as the kernel wants them, or a negative error number
napi_value PackAncillary(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  std::vector<AncillaryItem> items;
  if (!ReadAncillaryItems(env, args.value(0), &items)) return args.Return(-EFAULT);
  const int64_t room = AncillaryRoom(items);
  if (room < 0) return args.Return(room);
  void* memory = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_buffer(env, static_cast<size_t>(room), &memory, &buffer) != napi_ok) {
    return args.Return(-ENOMEM);
  }
  if (room > 0) LayOutAncillary(items, static_cast<uint8_t*>(memory));
  return buffer;
}

// unpackAncillary(bytes): [items, malformed], or a negative error number; descriptors among them
// are closed then
napi_value UnpackAncillary(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  ByteSpan span;
  if (!ReadBytes(env, args.value(0), &span)) return args.Return(-EFAULT);
  napi_value items = AncillaryToJavaScript(env, span.data, span.length);
  return items == nullptr ? args.Return(-ENOMEM) : items;
}

}  // namespace berkeley
