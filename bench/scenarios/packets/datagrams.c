// Datagrams in batches and as segments of one buffer, against one system call for each.

#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "trial.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { kMessages = 64, kSegments = 40, kLargest = 65535 };

static int receiver;
static int sender;
static struct sockaddr_in address;
static char *memory;
static struct mmsghdr messages[kMessages];
static struct iovec vectors[kMessages];
static struct sockaddr_in names[kMessages];

static void OpenUnread(void) {
  receiver = (int)Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  Check(bind(receiver, (const struct sockaddr *)&address, length), "bind");
  Check(getsockname(receiver, (struct sockaddr *)&address, &length), "getsockname");
  sender = (int)Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
}

static void PrepareMessages(void) {
  memory = calloc(kMessages, (size_t)parameter_size);
  for (int index = 0; index < kMessages; index++) {
    vectors[index].iov_base = memory + (size_t)index * (size_t)parameter_size;
    vectors[index].iov_len = (size_t)parameter_size;
    messages[index].msg_hdr.msg_iov = &vectors[index];
    messages[index].msg_hdr.msg_iovlen = 1;
  }
}

static void SendBatches(long operations) {
  for (long sent = 0; sent < operations;) {
    sent += Check(sendmmsg(sender, messages, kMessages, 0), "sendmmsg");
  }
}

static void SendMmsg(void) {
  OpenUnread();
  PrepareMessages();
  for (int index = 0; index < kMessages; index++) {
    messages[index].msg_hdr.msg_name = &address;
    messages[index].msg_hdr.msg_namelen = sizeof address;
  }
  Measure(parameter_count, SendBatches);
}

static void Fill(long count) {
  for (long sent = 0; sent < count; sent++) {
    Check(send(sender, memory, (size_t)parameter_size, 0), "send");
  }
}

static void DrainBatches(long count) {
  for (long received = 0; received < count;) {
    for (int index = 0; index < kMessages; index++) {
      messages[index].msg_hdr.msg_name = &names[index];
      messages[index].msg_hdr.msg_namelen = sizeof names[index];
    }
    received +=
        Check(recvmmsg(receiver, messages, kMessages, MSG_WAITFORONE, NULL), "recvmmsg");
  }
}

static void RecvMmsg(void) {
  OpenDatagramPair(&receiver, &sender);
  PrepareMessages();
  MeasureDrain(parameter_count, 256, Fill, DrainBatches);
}

static void SendSegments(long operations) {
  const size_t length = (size_t)parameter_size * kSegments;
  const uint16_t segment = (uint16_t)parameter_size;
  for (long sent = 0; sent < operations; sent += kSegments) {
    char control[CMSG_SPACE(sizeof segment)] = {0};
    struct iovec vector = {memory, length};
    struct msghdr message = {.msg_name = &address,
                             .msg_namelen = sizeof address,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(header), &segment, sizeof segment);
    Check(sendmsg(sender, &message, 0), "sendmsg");
  }
}

static void Gso(void) {
  OpenUnread();
  memory = calloc(kSegments, (size_t)parameter_size);
  Measure(parameter_count, SendSegments);
}

static void FillSegments(long count) {
  for (long sent = 0; sent < count; sent += kSegments) {
    const int segment = (int)parameter_size;
    Check(setsockopt(sender, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment), "setsockopt");
    Check(send(sender, memory, (size_t)parameter_size * kSegments, 0), "send");
  }
}

static void DrainSegments(long count) {
  static char buffer[kLargest];
  char control[CMSG_SPACE(sizeof(int))];
  for (long received = 0; received < count;) {
    struct sockaddr_in peer;
    struct iovec vector = {buffer, sizeof buffer};
    struct msghdr message = {.msg_name = &peer,
                             .msg_namelen = sizeof peer,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    received += Check(recvmsg(receiver, &message, 0), "recvmsg") / parameter_size;
  }
}

static void Gro(void) {
  OpenDatagramPair(&receiver, &sender);
  const int on = 1;
  Check(setsockopt(receiver, IPPROTO_UDP, UDP_GRO, &on, sizeof on), "setsockopt");
  memory = calloc(kSegments, (size_t)parameter_size);
  MeasureDrain(parameter_count, 4 * kSegments, FillSegments, DrainSegments);
}

const struct Contender kContenders[] = {
    {"SendMmsg", SendMmsg}, {"RecvMmsg", RecvMmsg}, {"Gso", Gso}, {"Gro", Gro}, {NULL, NULL}};
