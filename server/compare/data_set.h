#ifndef ACTIUM_SERVER_COMPARE_DATA_SET_H_
#define ACTIUM_SERVER_COMPARE_DATA_SET_H_

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/batching/request.h"
#include "server/engine/executor.h"
#include "server/tensor/npy_header.h"

namespace actium::compare {

/// Some examples of a data set.
struct DataSetPart {
  batching::InferRequest inputs;  ///< Owns what its views point at.
  std::vector<int32_t> labels;    ///< One for each row, or none.
};

/// Examples that lie with the server: a folder <root>/<name> with a file <input>.npy for each input
/// of the models, one row for each example, and labels.npy (whole numbers, [rows]) if the right
/// classes are known. Nothing is read but a part at a time. Used by one thread.
class DataSet {
 public:
  /// root: the folder that the operator allows. name: what the client asks for; nothing outside of
  /// root is touched, by links neither. signature: of models with a batch dimension.
  ///
  /// Errors: INVALID_ARGUMENT (a name with a slash or of a hidden folder, models without a batch
  /// dimension), FAILED_PRECONDITION (a file that is no .npy file, is cut off, or does not fit the
  /// input or the other files), NOT_FOUND (no such data set, or it lacks an input).
  static absl::StatusOr<DataSet> Open(const std::filesystem::path& root, const std::string& name,
                                      const engine::Signature& signature);

  /// Examples, >= 1.
  int64_t examples() const { return examples_; }

  /// Reads examples [first, first + count), which are there.
  /// Errors: FAILED_PRECONDITION (a file has been cut off meanwhile, a label that is no class).
  absl::StatusOr<DataSetPart> Read(int64_t first, int count);

 private:
  struct Array {
    std::string name;  // Of the file, without ".npy".
    std::ifstream file;
    tensor::NpyHeader header;

    int64_t rows() const { return header.shape.empty() ? 0 : header.shape[0]; }
  };

  DataSet() = default;

  static absl::StatusOr<Array> OpenArray(const std::filesystem::path& root,
                                         const std::filesystem::path& folder,
                                         const std::string& name);
  absl::Status Check(const engine::Signature& signature) const;
  static absl::StatusOr<std::string> ReadRows(Array& array, int64_t first, int count);
  absl::StatusOr<std::vector<int32_t>> ReadLabels(int64_t first, int count);

  std::vector<Array> inputs_;  // In the signature's order.
  std::vector<Array> labels_;  // One or none.
  int64_t examples_ = 0;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_DATA_SET_H_
