// Tests the channel: messages with and without a descriptor, its end, and how long taking one
// waits.
#include "core/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>

#include "core/test/check.h"

namespace berkeley::test {

namespace {

// Sends a message whose first word is `word`, with a descriptor if `passed` is one.
void SendMessage(int fd, FirstWord word, int passed) {
  char control[CMSG_SPACE(sizeof(int))] = {};
  char text[8] = {};
  memcpy(text, &word, sizeof(word));
  iovec vector = {text, sizeof(text)};
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
  CheckNumber("the message is sent", sizeof(text), sendmsg(fd, &message, 0));
}

void TestMessages(int server, int worker) {
  uint8_t data[64] = {};
  SendMessage(server, 7, -1);
  CheckNumber("a message has its length", 8, TakeMessage(worker, data, sizeof(data)));
  CheckNumber("a number is what it is about", 7, DescriptorOf(data, 8));
  SendMessage(server, kNoDescriptor, -1);
  CheckNumber("a message without descriptor", 8, TakeMessage(worker, data, sizeof(data)));
  CheckNumber("is about none", -1, DescriptorOf(data, 8));

  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  SendMessage(server, kPassedDescriptor, file);
  CheckNumber("a message with descriptor", 8, TakeMessage(worker, data, sizeof(data)));
  const int passed = DescriptorOf(data, 8);
  Check("is about a descriptor of its own", passed >= 0 && passed != file);
  CheckNumber("which is close-on-exec", FD_CLOEXEC, fcntl(passed, F_GETFD));
  close(passed);
  SendMessage(server, kPassedDescriptor, file);
  CheckNumber("one that has no room for it", 2, TakeMessage(worker, data, 2));
  CheckNumber("brings none", file,
              Once([&] { return open("/dev/null", O_RDONLY | O_CLOEXEC); }) - 1);
  close(file + 1);
  close(file);
  CheckNumber("a short message is about nothing", -1, DescriptorOf(data, 2));
}

void TestWaiting(int server, int worker) {
  uint8_t data[64];
  const timeval limit = {0, 1000};
  setsockopt(worker, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  CheckNumber("nothing comes in time", -EAGAIN, TakeMessage(worker, data, sizeof(data)));
  SendMessage(server, kNoDescriptor, -1);
  shutdown(server, SHUT_WR);
  CheckNumber("what was sent before the end", 8, TakeMessage(worker, data, sizeof(data)));
  CheckNumber("and the end", 0, TakeMessage(worker, data, sizeof(data)));
  CheckNumber("which is for all", 0, TakeMessage(worker, data, sizeof(data)));
  CheckNumber("no descriptor", -EBADF, TakeMessage(-1, data, sizeof(data)));
}

}  // namespace

}  // namespace berkeley::test

int main() {
  int ends[2] = {-1, -1};
  berkeley::test::CheckNumber("a channel", 0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
  berkeley::test::TestMessages(ends[0], ends[1]);
  berkeley::test::TestWaiting(ends[0], ends[1]);
  close(ends[0]);
  close(ends[1]);
  return berkeley::test::Finish("channel");
}
