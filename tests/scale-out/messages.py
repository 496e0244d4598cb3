#!/usr/bin/env python3
"""Sends large messages through Envoy: as large as the server takes, and some that are tried again.

Usage: messages.py   (in run.sh's namespace)

The messages are of a wrong size for the model, so that a server that has all of one answers with
INVALID_ARGUMENT, and one that stops with UNAVAILABLE.
Exit status: 0 all figures are within their bounds, 1 one is not.
"""
import collections
import sys
import threading

import grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

from deployment import ENVOY, MODEL, Deployment
from figures import exit_status, judge, note

MIB = 1 << 20
LARGEST = 255 * MIB  # Below --grpc-max-message-bytes, with what is around it.
KEPT = 24 * MIB      # Below what Envoy keeps for a retry.
CLIENTS = 4


def answer_to(size: int) -> tuple[str, str]:
    """Code and message of the answer to a request of so many bytes."""
    request = service_pb2.ModelInferRequest(model_name=MODEL)
    request.inputs.add(name="image", datatype="UINT8", shape=[1, 1, 28, 28])
    request.raw_input_contents.append(bytes(size))
    with grpc.insecure_channel(ENVOY, [("grpc.max_send_message_length", -1),
                                       ("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=60)
        except grpc.RpcError as error:
            return error.code().name, error.details()
    return "OK", ""


def largest():
    code, message = answer_to(LARGEST)
    judge(f"a message of {LARGEST // MIB} MiB is answered by the server", f"{code}: {message}",
          "INVALID_ARGUMENT", code == "INVALID_ARGUMENT")
    code, message = answer_to(LARGEST + 2 * MIB)
    judge("one above the server's limit", f"{code}: {message}", "RESOURCE_EXHAUSTED",
          code == "RESOURCE_EXHAUSTED")


def retried(deployment: Deployment):
    """Large requests while a replica stops."""
    codes: collections.Counter = collections.Counter()
    over = threading.Event()

    def ask():
        while not over.is_set():
            codes[answer_to(KEPT)[0]] += 1

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for replica in deployment.replicas[1:]:
        replica.terminate()
    over.set()
    for client in clients:
        client.join()
    retries = deployment.envoy_counters().get("upstream_rq_retry", 0)
    judge(f"messages of {KEPT // MIB} MiB while replicas stop: answers", dict(codes),
          "INVALID_ARGUMENT only", set(codes) == {"INVALID_ARGUMENT"})
    note(f"{retries} retries by Envoy")


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    with Deployment(3) as deployment:
        largest()
        retried(deployment)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
