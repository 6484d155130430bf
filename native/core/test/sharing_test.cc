// Tests descriptors that many threads use at once: a channel, a listener, streams that one thread
// waits for while another sends, shuts down, signals it or tells it to stop.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "core/channel.h"
#include "core/descriptor.h"
#include "core/test/check.h"
#include "core/transfer.h"

namespace berkeley::test {

namespace {

// A thread's way to wait: in slices of a millisecond, until `is_over`.
WaitPolicy Sliced(std::atomic<bool>* is_over) {
  WaitPolicy policy;
  policy.polled = true;
  policy.slice = 1;
  policy.context = is_over;
  policy.is_stopping = [](void* context) {
    return static_cast<std::atomic<bool>*>(context)->load();
  };
  return policy;
}

void SendRequest(int fd, FirstWord word, uint32_t number, int passed) {
  char control[CMSG_SPACE(sizeof(int))] = {};
  uint32_t words[2] = {static_cast<uint32_t>(word), number};
  iovec vector = {words, sizeof(words)};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (passed >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof(passed));
  }
  CheckNumber("a request is sent", sizeof(words), Retry([&] { return sendmsg(fd, &message, 0); }));
}

// Servers send requests, every second one with a descriptor; workers take them. Each comes to one.
void TestChannel(int rounds) {
  constexpr int kServers = 3;
  constexpr int kWorkers = 4;
  int ends[2];
  CheckNumber("a channel", 0, OpenSocketPair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
  // Idle workers look around now and then.
  const timeval limit = {0, 1000};
  setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  std::vector<std::atomic<int>> taken(static_cast<size_t>(kServers * rounds));
  std::atomic<int> passed = 0;
  std::thread workers([&] {
    OnThreads(kWorkers, [&](int) {
      for (;;) {
        uint8_t data[16];
        const Result length = TakeMessage(ends[1], data, sizeof(data));
        if (length == 0) return;
        if (WouldBlock(length)) continue;
        CheckNumber("a request has its length", 8, length);
        const int fd = DescriptorOf(data, sizeof(data));
        if (fd >= 0) {
          ++passed;
          CheckNumber("what was passed is this thread's own", 0, Close(fd));
        }
        uint32_t number = 0;
        memcpy(&number, data + sizeof(FirstWord), sizeof(number));
        ++taken[number];
      }
    });
  });
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  OnThreads(kServers, [&](int index) {
    for (int round = 0; round < rounds; ++round) {
      const bool passes = round % 2 == 0;
      SendRequest(ends[0], passes ? kPassedDescriptor : kNoDescriptor,
                  static_cast<uint32_t>(index * rounds + round), passes ? file : -1);
    }
  });
  shutdown(ends[0], SHUT_WR);
  workers.join();
  int once = 0;
  for (const std::atomic<int>& count : taken) once += count == 1 ? 1 : 0;
  CheckNumber("each request came to one worker", kServers * rounds, once);
  CheckNumber("with its descriptor", kServers * ((rounds + 1) / 2), passed);
  for (const int fd : {ends[0], ends[1], file}) Close(fd);
}

// A listener that threads share which wait in slices, in the system call, and not at all.
void TestListener(int rounds) {
  Address address;
  address.generic.sa_family = AF_INET;
  address.As<sockaddr_in>()->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.length = sizeof(sockaddr_in);
  const int listener = static_cast<int>(OpenSocket(AF_INET, SOCK_STREAM, 0));
  CheckNumber("an address", 0, Bind(listener, address));
  CheckNumber("a listener", 0, Listen(listener, 128));
  GetSocketName(listener, &address);
  constexpr int kClients = 3;
  std::atomic<int> accepted = 0;
  std::atomic<bool> is_over = false;
  std::thread servers([&] {
    OnThreads(6, [&](int index) {
      const WaitPolicy plain;
      const WaitPolicy policy = index % 3 == 0 ? Sliced(&is_over) : plain;
      const Timeout timeout = index % 3 == 2 ? kAttempt : -1;
      for (;;) {
        Address peer;
        const Result result = Accept(policy, listener, timeout, &peer);
        if (result >= 0) {
          ++accepted;
          CheckNumber("a connection blocks", 0, IsNonBlocking(static_cast<int>(result)));
          Close(static_cast<int>(result));
        } else if (timeout == kAttempt && WouldBlock(result)) {
          sched_yield();
        } else {
          CheckNumber("a listener ends with its shutdown", -EINVAL, result);
          return;
        }
      }
    });
  });
  OnThreads(kClients, [&](int index) {
    const WaitPolicy policy = index == 0 ? WaitPolicy() : Sliced(&is_over);
    for (int round = 0; round < rounds; ++round) {
      const int client = static_cast<int>(OpenSocket(AF_INET, SOCK_STREAM, 0));
      CheckNumber("a connection", 0, Connect(policy, client, address, -1));
      char byte;
      CheckNumber("which is closed", 0, Receive(policy, client, &byte, 1, 0, -1));
      Close(client);
    }
  });
  Shutdown(listener, SHUT_RDWR);
  servers.join();
  CheckNumber("each connection came to one thread", kClients * rounds, accepted);
  CheckNumber("the listener is as it was", 0, IsNonBlocking(listener));
  Close(listener);
}

// Calls that block in the kernel, and begin while another thread has made the descriptor
// O_NONBLOCK.
void TestMoment() {
  const auto receive = [](int fd) {
    char byte;
    return Receive(WaitPolicy(), fd, &byte, 1, 0, -1);
  };
  const auto receive_message = [](int fd) {
    char byte;
    iovec vector = {&byte, 1};
    msghdr message = {};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    return ReceiveMessage(WaitPolicy(), fd, &message, 0, -1);
  };
  for (int round = 0; round < 2; ++round) {
    int ends[2];
    CheckNumber("a pair", 0, OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, ends));
    std::atomic<bool> has_begun = false;
    std::thread other([&] {
      {
        const NonBlockingMoment moment(ends[0]);
        has_begun = true;
        usleep(20'000);
      }
      CheckNumber("a byte", 1, Send(WaitPolicy(), ends[1], "x", 1, 0, -1));
    });
    while (!has_begun) sched_yield();
    const Result result = round == 0 ? receive(ends[0]) : receive_message(ends[0]);
    CheckNumber("a blocking call blocks", 1, result);
    char byte;
    CheckNumber("but one that must not does not", -EAGAIN,
                Receive(WaitPolicy(), ends[0], &byte, 1, MSG_DONTWAIT, -1));
    other.join();
    Close(ends[0]);
    Close(ends[1]);
  }
}

void Ignore(int) {}

// Threads that receive, each from a peer of its own that sends, while signals come to them and to
// the peers.
void TestStreams(int rounds) {
  struct sigaction action = {};
  action.sa_handler = Ignore;
  sigaction(SIGUSR2, &action, nullptr);
  std::atomic<bool> never = false;
  std::atomic<bool> is_over = false;
  const size_t total = static_cast<size_t>(rounds) * 4096;
  OnThreads(3, [&](int index) {
    int ends[2];
    CheckNumber("a pair", 0, OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, ends));
    WaitPolicy policy = index == 0 ? WaitPolicy() : Sliced(&never);
    policy.interruptible = index == 2;
    sigemptyset(&policy.held);
    std::atomic<bool> has_sent = false;
    std::thread sender([&] {
      std::vector<uint8_t> bytes(5000);
      size_t sent = 0;
      while (sent < total) {
        const size_t length = std::min(bytes.size(), total - sent);
        for (size_t at = 0; at < length; ++at) bytes[at] = static_cast<uint8_t>((sent + at) % 251);
        const Result result = Send(policy, ends[1], bytes.data(), length, 0, -1);
        if (result > 0) sent += static_cast<size_t>(result);
        if (result < 0) CheckNumber("only a signal ends a send", -EINTR, result);
      }
      Shutdown(ends[1], SHUT_WR);
      while (!has_sent) sched_yield();
    });
    const pthread_t receiving = pthread_self();
    const pthread_t sending = sender.native_handle();
    std::thread signals([&] {
      while (!has_sent) {
        pthread_kill(receiving, SIGUSR2);
        pthread_kill(sending, SIGUSR2);
        sched_yield();
      }
    });
    size_t received = 0;
    size_t wrong = 0;
    for (;;) {
      uint8_t bytes[3000];
      const Result result = Receive(policy, ends[0], bytes, sizeof(bytes), 0, -1);
      if (result == 0) break;
      if (result < 0) {
        CheckNumber("only a signal ends a receive", -EINTR, result);
        continue;
      }
      for (Result at = 0; at < result; ++at) {
        if (bytes[at] != (received + static_cast<size_t>(at)) % 251) ++wrong;
      }
      received += static_cast<size_t>(result);
    }
    has_sent = true;
    signals.join();
    sender.join();
    CheckNumber("all bytes came", static_cast<int64_t>(total), static_cast<int64_t>(received));
    CheckNumber("in their order", 0, static_cast<int64_t>(wrong));
    Close(ends[0]);
    Close(ends[1]);
  });
}

// A connect(2) that only a signal ends is one system call: between two a signal would be lost.
void TestInterruptedConnect() {
  Address address;
  address.generic.sa_family = AF_UNIX;
  address.length = sizeof(sa_family_t);
  const int listener = static_cast<int>(OpenSocket(AF_UNIX, SOCK_STREAM, 0));
  // The kernel finds a name (unix(7)).
  CheckNumber("an address", 0, Bind(listener, address));
  CheckNumber("a listener", 0, Listen(listener, 0));
  GetSocketName(listener, &address);
  const int first = static_cast<int>(OpenSocket(AF_UNIX, SOCK_STREAM, 0));
  CheckNumber("its queue is full", 0, Connect(WaitPolicy(), first, address, -1));
  const int second = static_cast<int>(OpenSocket(AF_UNIX, SOCK_STREAM, 0));
  WaitPolicy policy;
  policy.polled = true;
  policy.interruptible = true;
  sigemptyset(&policy.held);
  std::atomic<bool> is_over = false;
  std::thread connecting([&] {
    CheckNumber("a signal ends a connect", -EINTR, Connect(policy, second, address, -1));
    is_over = true;
  });
  timeval limit = {};
  while (limit.tv_sec == 0 && limit.tv_usec == 0 && !is_over) {
    GetOption(second, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    sched_yield();
  }
  Check("it is not cut into slices", limit.tv_sec > 3600);
  while (!is_over) {
    pthread_kill(connecting.native_handle(), SIGUSR2);
    sched_yield();
  }
  connecting.join();
  for (const int fd : {listener, first, second}) Close(fd);
}

// Threads that wait for what never comes, each in a call of its own, until they are told to stop.
void TestStops(int rounds) {
  for (int round = 0; round < rounds; ++round) {
    std::atomic<bool> is_over = false;
    std::atomic<int> waiting = 0;
    constexpr int kThreads = 5;
    std::thread threads([&] {
      OnThreads(kThreads, [&](int index) {
        int ends[2];
        CheckNumber("a pair", 0, OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, ends));
        const WaitPolicy policy = Sliced(&is_over);
        std::vector<char> bytes(1 << 20);
        msghdr message = {};
        iovec vector = {bytes.data(), 1};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        const Timeout timeout = round % 2 == 0 ? -1 : 1e9;
        ++waiting;
        Result result = 0;
        do {
          if (index == 0) result = Receive(policy, ends[0], bytes.data(), 1, 0, timeout);
          if (index == 1) result = ReceiveMessage(policy, ends[0], &message, 0, timeout);
          if (index == 2) result = Send(policy, ends[0], bytes.data(), bytes.size(), 0, timeout);
          if (index == 3) result = WaitFor(policy, ends[0], POLLIN, timeout);
          if (index == 4) result = Receive(policy, ends[0], bytes.data(), 2, MSG_WAITALL, timeout);
          // What fits goes first.
        } while (result > 0);
        CheckNumber("a wait stops", kStopped, result);
        Close(ends[0]);
        Close(ends[1]);
      });
    });
    while (waiting < kThreads) sched_yield();
    is_over = true;
    threads.join();
  }
}

}  // namespace

}  // namespace berkeley::test

int main(int argc, char** argv) {
  using namespace berkeley::test;
  const int rounds = Rounds(argc, argv, 100);
  const int before = OpenDescriptors();
  TestChannel(rounds);
  TestListener(rounds);
  TestMoment();
  TestStreams(rounds);
  TestInterruptedConnect();
  TestStops(rounds / 10 + 1);
  CheckNumber("no descriptor is left open", before, OpenDescriptors());
  return Finish("sharing");
}
