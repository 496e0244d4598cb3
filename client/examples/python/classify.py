"""Sends one picture's raw bytes to a model by tritonclient and prints the best classes.

Usage: classify.py ADDRESS MODEL FILE

FILE holds exactly as many bytes as the model's only input takes, as 784 for UINT8 [1,28,28].
Needs: pip install tritonclient[grpc]
"""
import sys

import numpy as np
import tritonclient.grpc as triton


def main(address: str, model: str, path: str) -> None:
    client = triton.InferenceServerClient(address)

    # The model says what it takes: -1 is the batch, of which this is one row.
    metadata = client.get_model_metadata(model)
    described = metadata.inputs[0]
    shape = [1, *described.shape[1:]]
    pixels = np.fromfile(path, dtype=np.uint8).reshape(shape)

    image = triton.InferInput(described.name, shape, described.datatype)
    image.set_data_from_numpy(pixels)
    output = metadata.outputs[0].name
    answer = client.infer(model, [image],
                          outputs=[triton.InferRequestedOutput(output, class_count=3)])
    for entry in answer.as_numpy(output)[0]:
        score, index, *label = entry.decode().split(":", 2)
        print(index, score, *label)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
