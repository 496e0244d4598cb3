#include "server/repository/config_docs.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <string_view>

#include "inference/model_config.pb.h"
#include "server/base/status_macros.h"
#include "server/repository/config_fields.h"

namespace actium::repository {
namespace {

using google::protobuf::Descriptor;

constexpr std::string_view kIntroduction = R"md(# Model configuration

<!-- Written by actium-config-docs from server/repository/config_fields.cc; do not edit. -->

A model is a folder of the model repository; its name is the model's. Each version is a folder in
it, named by a number from 1, with the model file:

```
models/repository/
  mish/
    config.pbtxt
    labels.txt
    1/model.pt
```

`config.pbtxt` is Triton's model configuration in protobuf's text format, at most 1 MiB. Every field
of Triton's parses. Each is **honoured**, **ignored** (one warning in the log names the ignored
fields that a model sets) or **refused** (the model is not loaded, and the error says why): fields
whose loss would change answers are refused, fields that only tune another machine are ignored.

```
name: "mish"
backend: "pytorch"
max_batch_size: 64
input { name: "image" data_type: TYPE_UINT8 dims: [ 1, 28, 28 ] }
output { name: "logits" data_type: TYPE_FP32 dims: [ 10 ] label_filename: "labels.txt" }
dynamic_batching { preferred_batch_size: [ 8, 16 ] max_queue_delay_microseconds: 500 }
```

An error names the line (`config.pbtxt:4: unknown field "max_batchsize"`) or, once the text parses,
all fields that are wrong, 20 at most.

## Where Actium differs from Triton

- **Batching is on** when `max_batch_size` is above 1, with or without `dynamic_batching`: a free
  worker takes all that waits, up to `max_batch_size` rows, and never waits for more unless
  `max_queue_delay_microseconds` asks for it. Triton without `dynamic_batching` runs each request
  alone. Here `max_batch_size: 1` does that.
- **Queues are bounded.** `max_queue_size` unset or 0 means 1024 requests, not infinitely many;
  request 1025 is answered UNAVAILABLE at once.
- **A request's own timeout counts** (parameter `timeout`, microseconds) unless
  `default_queue_policy` is there without `allow_timeout_override: true`.
- **`instance_group`** is a cap, not a reservation: all models share the workers of the device, and
  none has threads of its own. Without it a model may use every worker. On a GPU an instance is a
  stream, of which `--gpu-streams` says how many there are.
- **Empty `dims`** are allowed: with a batch dimension the tensor is `[N]`.
- **ModelConfig** answers with what was derived filled in: name, platform, backend, file name,
  version policy, the limits of the queue, and the device, engine and precision that really serve.

## A signature inside the model file

A model without `config.pbtxt`, or with one that has neither `input` nor `output`, takes its
signature from the text `actium.json` in the TorchScript archive:

```python
torch.jit.save(model, "1/model.pt", _extra_files={"actium.json": json.dumps(signature)})
```

```json
{"max_batch_size": 64,
 "input": [{"name": "image", "dtype": "UINT8", "dims": [1, 28, 28]}],
 "output": [{"name": "logits", "dtype": "FP32", "dims": [10], "labels": ["shirt", "bag"]}]}
```

| key | value |
|---|---|
| `max_batch_size` | integer; as the field below. A `config.pbtxt` that has one wins |
| `input`, `output` | arrays of objects, in the order of the model's arguments and results |
| `name` | text; as the field below |
| `dtype` | `BOOL`, `UINT8` to `UINT64`, `INT8` to `INT64`, `FP16`, `BF16`, `FP32`, `FP64` |
| `dims` | array of integers; as the field below |
| `labels` | of an output, optional: array of texts, one per class index, at most 1024 bytes each |

Other keys, doubled keys and other types are errors that name the place, as
`actium.json: input[0].dims[1] must be an integer …`. Without either file, `actium init-config`
runs the model once and prints a `config.pbtxt`.

## Label files

One label a line, line 1 is class 0; UTF-8, at most 16 MiB, 1,000,000 labels and 1024 bytes a label.
A line's `\r`, a byte-order mark and the last line's end do not count; an empty line is an empty
label.

## Every field

A field inside of an ignored or refused one shares its fate.

| field | rule | values or reason |
|---|---|---|
)md";

constexpr std::string_view kConclusion = R"md(
## When not to use it

A model that keeps state between requests, answers more than once, takes strings, or is a graph of
other models does not fit: serve it with Triton.
)md";

std::string_view Name(FieldRule rule) {
  switch (rule) {
    case FieldRule::kHonoured:
      return "honoured";
    case FieldRule::kIgnored:
      return "ignored";
    case FieldRule::kRefused:
      return "**refused**";
  }
  return "";
}

// The messages of model_config.proto do not contain themselves, so this ends.
void AddPaths(const Descriptor& message, const std::string& prefix,
              std::vector<std::string>& paths) {
  for (int i = 0; i < message.field_count(); ++i) {
    const auto* field = message.field(i);
    std::string path = prefix + field->name();
    const Descriptor* inner = field->message_type();
    paths.push_back(path);
    if (field->is_map()) inner = inner->field(1)->message_type();
    if (inner != nullptr) AddPaths(*inner, path + ".", paths);
  }
}

}  // namespace

std::vector<std::string> AllConfigPaths() {
  std::vector<std::string> paths;
  AddPaths(*::inference::ModelConfig::descriptor(), "", paths);
  return paths;
}

std::string ConfigDocs() {
  std::string text(kIntroduction);
  for (const std::string& path : AllConfigPaths()) {
    const ConfigField* row = FindConfigField(path);
    ACTIUM_CHECK(row != nullptr);
    const std::string note =
        row->path == path ? std::string(row->note) : fmt::format("as `{}`", row->path);
    text += fmt::format("| `{}` | {} | {} |\n", path, Name(row->rule), note);
  }
  text += kConclusion;
  return text;
}

}  // namespace actium::repository
