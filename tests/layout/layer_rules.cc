#include "tests/layout/layer_rules.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace actium::test {
namespace {

using Prefixes = std::vector<std::string_view>;

bool StartsWithOneOf(std::string_view text, const Prefixes& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

// A folder of server/ includes its own files and those of folders with a smaller number.
const std::map<std::string_view, int>& ServerLayers() {
  static const std::map<std::string_view, int> layers = {
      {"base", 0},       {"activation", 1}, {"tensor", 1},     {"stats", 1},     {"graph", 2},
      {"kernels", 2},    {"observe", 2},    {"engine", 3},     {"libtorch", 4},  {"cpu", 4},
      {"cuda", 4},       {"batching", 5},   {"repository", 6}, {"inference", 7}, {"compare", 8},
      {"experiment", 8}, {"rpc", 9},        {"options", 9},
  };
  return layers;
}

// The folder of server/ that a path lies in; empty for main.cc and the files beside it.
std::string_view ServerFolder(std::string_view path) {
  path.remove_prefix(std::string_view("server/").size());
  const size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// From proto/; protobuf's own messages are a third party's.
bool IsGenerated(std::string_view include) {
  return include.ends_with(".pb.h") && !include.starts_with("google/");
}

bool IsOurs(std::string_view include) {
  // "actium/": the client library's public headers.
  return IsGenerated(include) ||
         StartsWithOneOf(include, {"proto/", "server/", "client/", "models/", "tests/", "actium/"});
}

std::string ServerViolation(std::string_view file, std::string_view include) {
  const std::string_view folder = ServerFolder(file);
  if (folder.empty()) {
    return StartsWithOneOf(include, {"server/"}) || IsGenerated(include)
               ? ""
               : "server/ includes server/ and proto/ only";
  }
  const auto own = ServerLayers().find(folder);
  if (own == ServerLayers().end()) return "this folder of server/ has no layer";
  if (IsGenerated(include)) {
    if (own->second >= ServerLayers().at("compare")) return "";
    const bool has_configuration = folder == "repository" || folder == "inference";
    if (has_configuration && include.starts_with("inference/model_config.")) return "";
    return "messages are for rpc and its neighbours (repository, inference: model_config only)";
  }
  if (!include.starts_with("server/")) return "server/ includes server/ and proto/ only";
  const std::string_view target = ServerFolder(include);
  if (target == folder) return "";
  const auto other = ServerLayers().find(target);
  if (other == ServerLayers().end()) return "nothing includes main.cc and the files beside it";
  return other->second < own->second ? "" : "a layer includes lower layers only";
}

// What a folder outside of server/ may include of ours. The longest prefix of a file decides.
struct Allowance {
  std::string_view folder;
  Prefixes may_include;
};

const std::vector<Allowance>& Allowances() {
  static const std::vector<Allowance> allowances = {
      {"client/include/", {"actium/", "inference/"}},
      {"client/src/", {"actium/", "inference/", "client/src/"}},
      {"client/examples/", {"actium/"}},
      {"client/cli/",
       {"actium/", "inference/", "client/cli/", "server/activation/table.h",
        "server/stats/histogram.h", "server/tensor/npy_header.h", "server/base/",
        "client/report/report.h", "client/report/words.h"}},
      {"client/report/", {"actium/", "client/report/", "server/activation/table.h"}},
      {"models/zoo/", {"models/zoo/", "server/activation/", "server/base/"}},
      {"models/train/", {"models/train/", "models/zoo/", "server/activation/", "server/base/"}},
      {"models/study/",
       {"models/", "server/activation/", "server/base/", "server/stats/",
        "server/libtorch/activation_probe.h"}},
      {"proto/", {}},
  };
  return allowances;
}

// A third-party library, known by how its headers' paths start, and who may include it.
struct Gate {
  std::string_view library;
  Prefixes headers;
  Prefixes may_include;
};

const std::vector<Gate>& Gates() {
  static const std::vector<Gate> gates = {
      {"LibTorch", {"torch/", "ATen/", "c10/", "caffe2/"}, {"server/libtorch/", "models/"}},
      {"gRPC",
       {"grpc/", "grpc++/", "grpcpp/"},
       {"server/rpc/", "server/main.cc", "server/serve.", "client/"}},
      {"spdlog", {"spdlog/"}, {"server/base/log.cc"}},
      {"nlohmann-json",
       {"nlohmann/"},
       {"server/rpc/http_server.cc", "server/rpc/rest_gateway.cc",
        "server/repository/signature_json.cc", "server/compare/charts.cc", "client/", "models/"}},
      {"CUDA", {"cuda", "cudnn", "cublas", "cutlass/", "cute/", "nvrtc", "nvml"}, {"server/cuda/"}},
      {"oneDNN", {"dnnl", "oneapi/"}, {"server/cpu/"}},
      {"Highway", {"hwy/"}, {"server/kernels/"}},
      {"cpp-httplib", {"httplib.h"}, {"server/rpc/"}},
      {"prometheus-cpp", {"prometheus/"}, {"server/rpc/"}},
      {"SQL", {"sqlite3", "libpq", "pqxx", "postgresql/"}, {"server/experiment/store_"}},
  };
  return gates;
}

}  // namespace

std::string LayerViolation(const std::string& file, const std::string& include) {
  if (file.starts_with("tests/") || !IsOurs(include)) return "";
  if (file.starts_with("server/")) return ServerViolation(file, include);
  for (const Allowance& allowance : Allowances()) {
    if (!file.starts_with(allowance.folder)) continue;
    return StartsWithOneOf(include, allowance.may_include)
               ? ""
               : std::string(allowance.folder) + " must not include it";
  }
  return "this folder has no rule";
}

std::string GateViolation(const std::string& file, const std::string& include) {
  // The tests may use what they test; the header of generated stubs brings gRPC in.
  if (file.starts_with("tests/")) return "";
  for (const Gate& gate : Gates()) {
    const bool stubs = gate.library == "gRPC" && include.ends_with(".grpc.pb.h");
    if (!stubs && (IsOurs(include) || !StartsWithOneOf(include, gate.headers))) continue;
    if (!StartsWithOneOf(file, gate.may_include)) {
      return std::string(gate.library) + " is not for this file";
    }
  }
  return "";
}

}  // namespace actium::test
