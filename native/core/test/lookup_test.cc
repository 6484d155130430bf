// Tests that look-ups of many threads at once give each thread its own answer.
#include "core/lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>
#include <vector>

#include "core/test/check.h"

namespace berkeley::test {

namespace {

using Kind = LookupRequest::Kind;

struct Question {
  Kind kind;
  const char* first;
  const char* second;
  int64_t number;
};

// Answers come from files that every system has; whatever they are, they are the same for all. The
// number of questions is a prime.
const std::vector<Question> kQuestions = {
    {Kind::kAddresses, "localhost", "http", AF_INET},
    {Kind::kAddresses, "::1", "1", AF_INET6},
    {Kind::kNameOfAddress, "127.0.0.1", "22", 0},
    {Kind::kHostByName, "localhost", nullptr, 0},
    {Kind::kHostByName, "10.1.2.3", nullptr, 0},
    {Kind::kHostEntry, "localhost", nullptr, 0},
    {Kind::kHostEntry, "192.0.2.1", nullptr, 0},
    {Kind::kHostEntry, "192.0.2.200", nullptr, 0},
    {Kind::kHostByAddress, "127.0.0.1", nullptr, 0},
    {Kind::kServiceByName, "http", "tcp", 0},
    {Kind::kServiceByName, "domain", "udp", 0},
    {Kind::kServiceByName, "no such service", nullptr, 0},
    {Kind::kServiceByPort, nullptr, "tcp", 22},
    {Kind::kServiceByPort, nullptr, "tcp", 443},
    {Kind::kServiceByPort, nullptr, nullptr, 53},
    {Kind::kProtocolByName, "tcp", nullptr, 0},
    {Kind::kProtocolByName, "icmp", nullptr, 0},
};

std::string Ask(const Question& question) {
  LookupRequest request;
  request.kind = question.kind;
  if (question.first != nullptr) request.first = question.first;
  if (question.second != nullptr) request.second = question.second;
  request.numbers[0] = question.number;
  if (question.kind == Kind::kNameOfAddress) {
    request.numbers[2] = NI_NUMERICHOST;
    request.numbers[3] = 2;
  }
  const LookupAnswer answer = Lookup(request);
  std::string text = std::to_string(static_cast<int>(answer.failure)) + " " +
                     std::to_string(answer.code) + " " + answer.text;
  for (const AddressEntry& entry : answer.addresses) {
    text += " " + std::to_string(entry.type) + ":" + entry.canonical_name + ":";
    text.append(reinterpret_cast<const char*>(entry.address.bytes), entry.address.length);
  }
  text += " " + answer.name + " " + answer.service + " " + std::to_string(answer.number);
  for (const std::string& alias : answer.aliases) text += " " + alias;
  for (const std::string& host : answer.hosts) text += " " + host;
  return text;
}

void TestThreads(int rounds) {
  std::vector<std::string> expected;
  for (const Question& question : kQuestions) expected.push_back(Ask(question));
  Check("answers differ", expected[6] != expected[7] && expected[12] != expected[13]);
  constexpr int kThreads = 6;
  OnThreads(kThreads, [&](int index) {
    const size_t count = kQuestions.size();
    for (int round = 0; round < rounds; ++round) {
      for (size_t step = 0; step < count; ++step) {
        // Each thread asks in an order of its own; all these strides visit every question.
        const size_t stride = static_cast<size_t>(index) + 1;
        const size_t at = (step * stride + static_cast<size_t>(round)) % count;
        CheckText("each has its own answer", expected[at], Ask(kQuestions[at]));
      }
    }
  });
}

}  // namespace

}  // namespace berkeley::test

int main(int argc, char** argv) {
  using namespace berkeley::test;
  const int before = OpenDescriptors();
  TestThreads(Rounds(argc, argv, 20));
  CheckNumber("no descriptor is left open", before, OpenDescriptors());
  return Finish("lookup");
}
