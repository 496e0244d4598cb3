#!/usr/bin/env python3
"""Runs one network on another engine's CUDA side for bench_models.py; asked as engines/model_runner.h says.

Usage: peer.py ENGINE NETWORK ACTIVATION PRECISION DEVICE BATCHES   (DEVICE: cuda, or cpu for --dry-run)

First it runs two batches of each size of BATCHES, as 1,8: some engines compile at the first, TorchScript
at the second. What cannot run here says so instead of greeting.

A run begins with the input in host memory and ends with the output there, as ours: copies from
page-locked memory, conversions and the network.
"""
import json
import pathlib
import sys

import numpy
import torch

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "engines"))
import networks  # noqa: E402
from answering import answer_requests  # noqa: E402

DTYPES = {"fp32": torch.float32, "tf32": torch.float32, "fp16": torch.float16,
          "bf16": torch.bfloat16}


def in_torch(engine: str, model: torch.nn.Module, row: list[int], precision: str, device: str):
    tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True  # The fastest of cuDNN's algorithms.
    dtype = DTYPES[precision]
    # What cuDNN's tensor-core kernels want; without them its own layout is the usual one.
    layout = torch.contiguous_format if precision == "fp32" else torch.channels_last
    model = model.to(device=device, dtype=dtype, memory_format=layout)
    if engine == "torchscript":
        example = torch.randn(2, *row, device=device, dtype=dtype).contiguous(memory_format=layout)
        model = torch.jit.optimize_for_inference(torch.jit.trace(model, example))
    elif engine == "torch-compile":
        model = torch.compile(model, mode="max-autotune")

    def run(x: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            on_device = x.to(device, non_blocking=True).to(dtype).contiguous(memory_format=layout)
            return model(on_device).float().cpu()
    return run


def in_onnxruntime(model: torch.nn.Module, row: list[int], precision: str):
    import io
    import onnxruntime
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        raise RuntimeError("ONNX Runtime has no CUDA here")
    if precision not in ("fp32", "tf32"):
        raise RuntimeError("measured in fp32 and tf32 only")
    file = io.BytesIO()
    torch.onnx.export(model, (torch.randn(2, *row),), file, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, opset_version=18, dynamo=False)
    options = {"use_tf32": int(precision == "tf32"), "cudnn_conv_algo_search": "EXHAUSTIVE"}
    session = onnxruntime.InferenceSession(
        file.getvalue(), providers=[("CUDAExecutionProvider", options)])
    if session.get_providers()[0] != "CUDAExecutionProvider":
        raise RuntimeError("ONNX Runtime could not use CUDA")
    return lambda x: torch.from_numpy(session.run(["y"], {"x": x.numpy()})[0])


def main() -> None:
    engine, network, activation, precision, device, batches = sys.argv[1:]
    row = networks.NETWORKS[network][1]

    def to_input(numbers: numpy.ndarray, request: dict) -> torch.Tensor:
        x = torch.from_numpy(numbers.reshape(request["batch"], *row))
        return x.pin_memory() if device == "cuda" else x

    try:
        model = networks.build(network, activation)
        run = (in_onnxruntime(model, row, precision) if engine == "onnxruntime"
               else in_torch(engine, model, row, precision, device))
        for batch in map(int, batches.split(",")):
            x = to_input(numpy.zeros((batch, *row), numpy.float32), {"batch": batch})
            run(x)
            run(x)
    except Exception as error:  # Engines and what they compile with fail in many ways.
        print(json.dumps({"missing": f"{type(error).__name__}: {error}"[:400]}), flush=True)
        return
    print(json.dumps({"engine": engine}), flush=True)
    answer_requests(run, to_input, lambda y: y.numpy())


if __name__ == "__main__":
    main()
