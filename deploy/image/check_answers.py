#!/usr/bin/env python3
"""Asks a running server for predictions of real images, its health and its metrics, as strangers do.

Prints a line for each check: measured value, bound, PASS or FAIL. Exit status: 0 all passed, 1 not.
"""
import argparse
import gzip
import sys
import urllib.error
import urllib.request

import grpc
import numpy
import tritonclient.grpc as triton
from grpc_health.v1 import health_pb2, health_pb2_grpc

FOLDER = "/usr/share/datasets/fashion-mnist"
IMAGES = 100
RIGHT = 85  # Of them; every variant that learns is right on some 90 %.
MODELS = ["relu", "leaky_relu", "prelu", "swish", "mish", "gelu", "elu", "hardswish"]


def examples() -> tuple[numpy.ndarray, numpy.ndarray]:
    with gzip.open(f"{FOLDER}/t10k-images-idx3-ubyte.gz") as file:
        images = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(f"{FOLDER}/t10k-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    return images[:IMAGES], labels[:IMAGES]


def right_answers(client: triton.InferenceServerClient, model: str, images: numpy.ndarray,
                  labels: numpy.ndarray) -> int:
    right = 0
    for image, label in zip(images, labels):
        tensor = triton.InferInput("image", [1, 1, 28, 28], "UINT8")
        tensor.set_data_from_numpy(image[None])
        right += int(client.infer(model, [tensor]).as_numpy("logits").argmax() == label)
    return right


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def healthy(address: str, service: str) -> str:
    """What grpc_health_probe asks, by the protocol's own stubs."""
    with grpc.insecure_channel(address) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service=service), timeout=10)
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


def judge(what: str, measured, bound: str, holds: bool) -> bool:
    print(f"{what}: measured {measured}, must be {bound}: {'PASS' if holds else 'FAIL'}", flush=True)
    return holds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--grpc", "--health", "--metrics"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    client = triton.InferenceServerClient(arguments.grpc)
    images, labels = examples()
    results = []
    for model in MODELS:
        right = right_answers(client, model, images, labels)
        results.append(judge(f"{model}: right of {IMAGES}", right, f">= {RIGHT}", right >= RIGHT))
    for service in ("", "inference.GRPCInferenceService"):
        status = healthy(arguments.grpc, service)
        results.append(judge(f"grpc.health.v1, service '{service}'", status, "SERVING",
                             status == "SERVING"))
    status, _ = get(f"{arguments.health}/readyz")
    results.append(judge("/readyz", status, "200", status == 200))
    _, metrics = get(f"{arguments.metrics}/metrics")
    counted = sum(f'nv_inference_count{{model="{model}",version="1"}} {IMAGES}\n' in metrics
                  for model in MODELS)
    results.append(judge("models whose metrics count every image", counted, f"{len(MODELS)}",
                         counted == len(MODELS)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
