#ifndef ACTIUM_MODELS_ZOO_EXPORT_H_
#define ACTIUM_MODELS_ZOO_EXPORT_H_

#include <string>
#include <vector>

#include "models/zoo/network.h"

namespace actium::zoo {

/// Name of the file inside an archive that tells a server the model's inputs and outputs.
inline constexpr char kSignatureFile[] = "actium.json";

/// What the signature says of a classifier of grey images.
struct ImageSignature {
  int max_batch_size = 64;  ///< Rows that a server should run at once, >= 1.
  int64_t height = 28;
  int64_t width = 28;
  std::vector<std::string> labels = {};  ///< One a class, in the order of the logits.
};

/// Returns the contents of kSignatureFile: input "image", UINT8 [1, height, width]; output
/// "logits", FP32 [classes] with labels; both without the batch dimension.
std::string SignatureJson(const ImageSignature& signature);

/// Returns a TorchScript archive of the network in evaluation mode, preprocessing inside, that
/// loads in C++ and in Python's torch.jit.load. Its forward(image) takes uint8 [N, 1, H, W] and
/// returns float32 [N, classes]; convolution, batch normalisation and activation are torch's own
/// functions, unfused. The names of its parameters are the network's.
///
/// Equal networks give equal bytes. Throws what LibTorch throws, only on a broken network.
std::string ExportTorchScript(const Network& network, const ImageSignature& signature);

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_EXPORT_H_
