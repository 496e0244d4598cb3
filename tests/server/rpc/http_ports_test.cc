// Health and metrics over HTTP, of a whole server with fake models.
#include <gmock/gmock.h>
#include <httplib.h>

#include <string>

#include "tests/server/rpc/server_fixture.h"

namespace actium::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpPortsTest : public ServerFixture {
 protected:
  HttpPortsTest() { options_.allow_http = options_.allow_metrics = true; }

  static int StatusOf(const std::string& address, const std::string& path) {
    const auto answer = httplib::Client("http://" + address).Get(path.c_str());
    return answer ? answer->status : -1;
  }

  std::string Metrics() {
    const auto answer = httplib::Client("http://" + server_->metrics_address()).Get("/metrics");
    if (!answer || answer->status != 200) return "no answer";
    EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    return answer->body;
  }
};

TEST_F(HttpPortsTest, HealthFollowsTheServersReadiness) {
  Start(/*load=*/false);
  const std::string address = server_->http_address();
  for (const char* const live : {"/healthz", "/v2/health/live"}) {
    EXPECT_EQ(StatusOf(address, live), 200) << live;
  }
  for (const char* const ready : {"/readyz", "/v2/health/ready"}) {
    EXPECT_EQ(StatusOf(address, ready), 503) << ready;
  }
  EXPECT_TRUE(server_->LoadModels().ok());
  for (const char* const ready : {"/readyz", "/v2/health/ready"}) {
    EXPECT_EQ(StatusOf(address, ready), 200) << ready;
  }
  server_->Drain(std::chrono::seconds(1));
  EXPECT_EQ(StatusOf(address, "/readyz"), 503);
  EXPECT_EQ(StatusOf(address, "/healthz"), 200);
}

TEST_F(HttpPortsTest, MetricsCountWhatWasServed) {
  Start();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Infer(ImageRequest("image")).ok());
  EXPECT_FALSE(Infer(ImageRequest("image", "abc")).ok());
  EXPECT_FALSE(Infer(ImageRequest("nosuch")).ok());
  const std::string metrics = Metrics();
  EXPECT_THAT(metrics,
              AllOf(HasSubstr("# TYPE nv_inference_request_success counter\n"),
                    HasSubstr("nv_inference_request_success{model=\"image\",version=\"3\"} 3\n"),
                    HasSubstr("nv_inference_request_failure{model=\"image\",version=\"3\","
                              "reason=\"OTHER\"} 1\n"),
                    HasSubstr("nv_inference_request_failure{model=\"image\",version=\"3\","
                              "reason=\"BACKEND\"} 0\n"),
                    HasSubstr("nv_inference_count{model=\"image\",version=\"3\"} 3\n"),
                    HasSubstr("actium_requests_dropped_total{model=\"image\",version=\"3\","
                              "reason=\"invalid\"} 1\n"),
                    HasSubstr("actium_unknown_model_requests_total 1\n"),
                    HasSubstr("actium_server_ready 1\n")));
  EXPECT_THAT(metrics,
              AllOf(HasSubstr("# TYPE actium_request_stage_seconds histogram\n"),
                    HasSubstr("actium_request_stage_seconds_count{model=\"image\",version=\"3\","
                              "stage=\"total\"} 3\n"),
                    HasSubstr("actium_request_stage_seconds_bucket{model=\"image\",version=\"3\","
                              "stage=\"total\",le=\"+Inf\"} 3\n"),
                    HasSubstr("actium_batch_rows_sum{model=\"image\",version=\"3\"} 3\n"),
                    HasSubstr("actium_model_info{model=\"image\",version=\"3\",engine=\"fake\"")));
  // Nothing of a model that is not ready.
  EXPECT_THAT(metrics, Not(HasSubstr("broken")));
}

TEST_F(HttpPortsTest, NothingAnswersWhereItIsNotAllowed) {
  options_.allow_http = options_.allow_metrics = false;
  Start();
  EXPECT_EQ(server_->http_address(), "");
  EXPECT_EQ(server_->metrics_address(), "");
}

TEST_F(HttpPortsTest, ATakenPortEndsTheStart) {
  Start();
  const std::string address = server_->metrics_address();
  options::Options second = options_;
  second.metrics_port = std::stoi(address.substr(address.rfind(':') + 1));
  const auto refused = RunningServer::Start(second, loader_, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(address));
}

}  // namespace
}  // namespace actium::test
