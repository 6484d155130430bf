// The hot calls: numbers and bytes in, a number out, no JavaScript object made, nothing thrown.
#include "binding/arguments.h"
#include "binding/functions.h"
#include "core/descriptor.h"
#include "core/transfer.h"

namespace berkeley {

namespace {

// What a call gets whose bytes are not there: its buffer was detached or shrunk.
constexpr Result kNoBytes = -EFAULT;

// A transfer: its numbers are in the scratch, where its result goes, too, and its memory is that of
// the Uint8Array passed, or of the last one in the same direction if none is.
class Transfer {
 public:
  Transfer(napi_env env, napi_callback_info info, ByteSpan& (Environment::*memory)()) {
    napi_value value = nullptr;
    size_t count = 1;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, &value, nullptr, &data);
    environment_ = static_cast<Environment*>(data);
    ByteSpan& span = (environment_->*memory)();
    if (count > 0 && !ReadBytes(env, value, &span)) span = ByteSpan();
    const Scratch& numbers = scratch();
    const int64_t end = int64_t{numbers.offset} + numbers.length;
    is_valid_ =
        numbers.offset >= 0 && numbers.length >= 0 && end <= static_cast<int64_t>(span.length);
    data_ = span.data + (is_valid_ ? numbers.offset : 0);
  }

  Environment& environment() const { return *environment_; }
  const WaitPolicy& policy() const { return environment_->wait_policy(); }
  Scratch& scratch() const { return *environment_->scratch(); }
  int fd() const { return scratch().fd; }
  uint8_t* data() const { return data_; }
  size_t length() const { return static_cast<size_t>(scratch().length); }
  int flags() const { return scratch().flags; }
  Timeout timeout() const { return scratch().timeout; }

  // Makes the call unless its memory is gone.
  template <typename Call>
  napi_value Perform(Call call) const {
    Scratch& numbers = scratch();
    numbers.result = static_cast<int32_t>(is_valid_ ? call() : kNoBytes);
    numbers.interrupted = environment_->TakeInterrupted();
    return nullptr;
  }

 private:
  Environment* environment_;
  uint8_t* data_;
  bool is_valid_;
};

}  // namespace

// recv(bytes?)
napi_value Recv(napi_env env, napi_callback_info info) {
  const Transfer transfer(env, info, &Environment::received_into);
  return transfer.Perform([&] {
    return Receive(transfer.policy(), transfer.fd(), transfer.data(), transfer.length(),
                   transfer.flags(), transfer.timeout());
  });
}

// recvfrom(bytes?); the sender is in the scratch.
napi_value RecvFrom(napi_env env, napi_callback_info info) {
  const Transfer transfer(env, info, &Environment::received_into);
  return transfer.Perform([&] {
    Address address;
    const Result result =
        ReceiveFrom(transfer.policy(), transfer.fd(), transfer.data(), transfer.length(),
                    transfer.flags(), transfer.timeout(), &address);
    if (result >= 0) transfer.scratch().SetSource(address);
    return result;
  });
}

// send(bytes?)
napi_value SendBytes(napi_env env, napi_callback_info info) {
  const Transfer transfer(env, info, &Environment::sent_from);
  return transfer.Perform([&] {
    return Send(transfer.policy(), transfer.fd(), transfer.data(), transfer.length(),
                transfer.flags(), transfer.timeout());
  });
}

// sendto(bytes?); the target is in the scratch.
napi_value SendBytesTo(napi_env env, napi_callback_info info) {
  const Transfer transfer(env, info, &Environment::sent_from);
  return transfer.Perform([&] {
    const Scratch& scratch = transfer.scratch();
    const int32_t room = static_cast<int32_t>(sizeof(scratch.target));
    const socklen_t length = static_cast<socklen_t>(std::clamp(scratch.target_length, 0, room));
    return SendTo(transfer.policy(), transfer.fd(), transfer.data(), transfer.length(),
                  transfer.flags(), transfer.timeout(), scratch.target, length);
  });
}

// recvsegments(bytes?); the sender and the size of the segments are in the scratch.
napi_value RecvSegments(napi_env env, napi_callback_info info) {
  const Transfer transfer(env, info, &Environment::received_into);
  return transfer.Perform([&] {
    Address address;
    Scratch& scratch = transfer.scratch();
    const Result result =
        ReceiveSegments(transfer.policy(), transfer.fd(), transfer.data(), transfer.length(),
                        transfer.flags(), transfer.timeout(), &address, &scratch.segment_size);
    if (result >= 0) scratch.SetSource(address);
    return result;
  });
}

// sendsegments(bytes?); the target, of length 0 for none, and the size are in the scratch.
napi_value SendSegmentBytes(napi_env env, napi_callback_info info) {
  const Transfer transfer(env, info, &Environment::sent_from);
  return transfer.Perform([&] {
    const Scratch& scratch = transfer.scratch();
    return SendSegments(transfer.policy(), transfer.fd(), transfer.data(), transfer.length(),
                        transfer.flags(), transfer.timeout(), scratch.Target(),
                        static_cast<uint16_t>(scratch.segment_size));
  });
}

// accept(fd, timeout): a descriptor; the peer is in the scratch.
napi_value AcceptConnection(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  Address address;
  const Result result = Accept(args.policy(), args.Descriptor(0), args.Milliseconds(1), &address);
  if (result >= 0) {
    args.environment().Own(result);
    args.scratch().SetSource(address);
  }
  return args.Return(result);
}

// connect(fd, timeout); the target is in the scratch.
napi_value ConnectSocket(napi_env env, napi_callback_info info) {
  const Arguments<2> args(env, info);
  return args.Return(
      Connect(args.policy(), args.Descriptor(0), args.scratch().Target(), args.Milliseconds(1)));
}

// sendfile(fd, file, offset, count, timeout)
napi_value SendFileBytes(napi_env env, napi_callback_info info) {
  const Arguments<5> args(env, info);
  const int64_t count = args.Long(3);
  if (count < 0) return args.Return(-EINVAL);
  const Result result =
      SendFile(args.policy(), args.Descriptor(0), args.Descriptor(1),
               static_cast<off_t>(args.Long(2)), static_cast<size_t>(count), args.Milliseconds(4));
  args.scratch().interrupted = args.environment().TakeInterrupted();
  return args.Return(result);
}

// wait(fd, events, timeout)
napi_value WaitForEvents(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  return args.Return(WaitFor(args.policy(), args.Descriptor(0), static_cast<short>(args.Int(1)),
                             args.Milliseconds(2)));
}

// close(fd)
napi_value CloseDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  const int fd = args.Descriptor(0);
  args.environment().Disown(fd);
  return args.Return(Close(fd));
}

// closeOwned(fd): 0, or -errno where it is not the socket any more that this environment has
napi_value CloseOwnedDescriptor(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  return args.Return(args.environment().CloseOwned(args.Descriptor(0)));
}

}  // namespace berkeley
