#include "server/rpc/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::rpc {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

std::unique_ptr<HttpServer> Listening(HttpServer::Paths paths) {
  auto server = HttpServer::Listen("127.0.0.1", 0, std::move(paths));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(HttpServerTest, AnswersItsPathsAndNoOthers) {
  const auto server = Listening(
      {{"/here", [] { return HttpAnswer{.status = 503, .body = "busy\n"}; }},
       {"/a.b", [] { return HttpAnswer{.body = "{}", .content_type = "application/json"}; }}});
  httplib::Client client("http://" + server->address());
  const auto here = client.Get("/here");
  ASSERT_TRUE(here);
  EXPECT_EQ(here->status, 503);
  EXPECT_EQ(here->body, "busy\n");
  EXPECT_EQ(here->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  const auto json = client.Get("/a.b?x=1");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->status, 200);
  EXPECT_EQ(json->get_header_value("Content-Type"), "application/json");
  // Paths are no patterns.
  for (const char* const path : {"/aXb", "/", "/here/", "/nowhere", "/%2e%2e/etc/passwd"}) {
    const auto nothing = client.Get(path);
    ASSERT_TRUE(nothing) << path;
    EXPECT_EQ(nothing->status, 404) << path;
  }
  EXPECT_EQ(client.Head("/here")->status, 503);
  EXPECT_EQ(client.Post("/here", "x", "text/plain")->status, 404);
}

TEST(HttpServerTest, APortThatIsTakenIsAnError) {
  const auto server = Listening({});
  const std::string& address = server->address();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  // Two servers that take turns would be worse than none.
  EXPECT_THAT(HttpServer::Listen("127.0.0.1", port, {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address)));
}

TEST(HttpServerTest, StopsAtOnceAlsoWithAClientThatStays) {
  auto server = Listening({{"/x", [] { return HttpAnswer{}; }}});
  httplib::Client client("http://" + server->address());
  client.set_keep_alive(true);
  EXPECT_TRUE(client.Get("/x"));
  const auto begin = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
  EXPECT_FALSE(client.Get("/x"));
  Listening({}).reset();  // Before anybody came.
}

TEST(HttpServerTest, AnswersAndStopsWhenMoreConnectThanItAccepts) {
  auto server = Listening({{"/x", [] { return HttpAnswer{.body = "well"}; }}});
  const std::string& address = server->address();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  std::vector<int> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)connect(silent.back(), reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  }
  for (const int socket : silent) close(socket);
  httplib::Client client("http://" + address);
  client.set_connection_timeout(60);
  client.set_read_timeout(60);
  const auto answer = client.Get("/x");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "well");
  server.reset();
}

TEST(HttpServerTest, SurvivesWhatIsNoHttp) {
  const auto server = Listening({{"/x", [] { return HttpAnswer{.body = "well"}; }}});
  const std::string& address = server->address();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  for (const std::string& bytes :
       {std::string("\0\1\2\3\n\n", 6), std::string(100'000, 'A'), std::string("GET\r\n\r\n"),
        std::string("GET /x HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        "GET /x HTTP/1.1\r\n" + std::string(100'000, 'h') + "\r\n\r\n"}) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    (void)!send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    close(socket);
  }
  std::atomic<int> answers = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      httplib::Client client("http://" + address);
      for (int k = 0; k < 20; ++k) {
        const auto answer = client.Get("/x");
        if (answer && answer->body == "well") ++answers;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answers, 160);
}

}  // namespace
}  // namespace actium::rpc
