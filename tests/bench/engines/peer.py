#!/usr/bin/env python3
"""Runs one model on another engine for bench_engines.py; asked as model_runner.h says.

Usage: peer.py ENGINE FOLDER NETWORK ACTIVATION
"""
import json
import pathlib
import sys
from collections.abc import Callable

import numpy

from answering import answer_requests

Run = Callable[[numpy.ndarray], numpy.ndarray]


def onnxruntime(folder: pathlib.Path) -> Run:
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(folder / "model.onnx", options,
                                   providers=["CPUExecutionProvider"])
    return lambda x: session.run(["y"], {"x": x})[0]


def openvino(folder: pathlib.Path, precision: str | None) -> Run:
    import openvino as ov
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    if precision is not None:
        settings["INFERENCE_PRECISION_HINT"] = precision
    core = ov.Core()
    model = core.read_model(folder / "model.onnx")
    # A compiled model for each batch size, as the fused engine has a plan for each.
    requests: dict[int, ov.InferRequest] = {}

    def run(x: numpy.ndarray) -> numpy.ndarray:
        if len(x) not in requests:
            model.reshape([len(x), *x.shape[1:]])
            requests[len(x)] = core.compile_model(model, "CPU", settings).create_infer_request()
        request = requests[len(x)]
        request.infer({0: x}, share_inputs=True)
        return request.get_output_tensor(0).data

    return run


def torchscript(folder: pathlib.Path) -> Run:
    import torch
    return in_torch(torch.jit.optimize_for_inference(torch.jit.load(folder / "model.pt").eval()))


def torch_compile(network: str, activation: str) -> Run:
    import torch
    import networks
    return in_torch(torch.compile(networks.build(network, activation), mode="max-autotune"))


def in_torch(model) -> Run:
    import torch
    torch.set_num_threads(1)

    def run(x: numpy.ndarray) -> numpy.ndarray:
        with torch.inference_mode():
            return model(torch.from_numpy(x)).numpy()

    return run


def make(engine: str, folder: pathlib.Path, network: str, activation: str) -> Run:
    if engine == "onnxruntime":
        return onnxruntime(folder)
    if engine == "openvino":
        return openvino(folder, "f32")
    if engine == "openvino-default":
        return openvino(folder, None)
    if engine == "torchscript":
        return torchscript(folder)
    return torch_compile(network, activation)


def main() -> None:
    engine, folder, network, activation = sys.argv[1:]
    run = make(engine, pathlib.Path(folder), network, activation)
    print(json.dumps({"engine": engine, "not_fused": ""}), flush=True)
    answer_requests(run, lambda numbers, request: numbers.reshape(request["batch"], *request["row"]),
                    lambda y: y)


if __name__ == "__main__":
    main()
