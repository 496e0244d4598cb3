"""Clients that ask one after the other for predictions of one real image, and count what they get."""
import collections
import gzip
import json
import pathlib
import re
import threading
import time

import grpc
import numpy
from tritonclient.grpc import service_pb2, service_pb2_grpc

IMAGES = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"
ANKLE_BOOT = 9  # What the first of them shows.

# What docs/operating.md tells clients of gRPC to set: to try again, and where there is no balancer.
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/operating.md"
RETRY, BALANCE = (json.loads(block) for block
                  in re.findall(r"^```json$(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE))


def channel_options(retries: bool, balance: bool) -> list[tuple[str, object]]:
    config = (RETRY if retries else {}) | (BALANCE if balance else {})
    return [("grpc.enable_retries", int(retries)), ("grpc.service_config", json.dumps(config)),
            ("grpc.use_local_subchannel_pool", 1)]


def one_request(model: str) -> service_pb2.ModelInferRequest:
    with gzip.open(IMAGES) as file:
        image = numpy.frombuffer(file.read(), numpy.uint8, offset=16)[:28 * 28]
    request = service_pb2.ModelInferRequest(model_name=model)
    request.inputs.add(name="image", datatype="UINT8", shape=[1, 1, 28, 28])
    request.raw_input_contents.append(image.tobytes())
    return request


class Load:
    """Runs from its `with` to the end of it. clients: each waits for its answer, then asks again.

    retries: whether gRPC's own retry policy is on; balance: whether a client of several addresses
    spreads its requests over them. A request gets `deadline` seconds.
    """

    def __init__(self, target: str, model: str, clients: int, retries: bool = False,
                 balance: bool = False, deadline: float = 10):
        self.request = one_request(model)
        self.clients = clients
        self.deadline = deadline
        self.answered = 0
        self.wrong = 0
        self.slowest = 0.0  # s, of those that were answered.
        self.failures: list[tuple[float, str]] = []  # When it was sent, what came back.
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._channel = grpc.insecure_channel(target, channel_options(retries, balance))
        self._infer = service_pb2_grpc.GRPCInferenceServiceStub(self._channel).ModelInfer
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def _ask(self):
        while not self._stop.is_set():
            sent = time.monotonic()
            try:
                answer = self._infer(self.request, timeout=self.deadline)
            except grpc.RpcError as error:
                with self._lock:
                    self.failures.append((sent, f"{error.code().name}: {error.details()}"))
                continue
            logits = numpy.frombuffer(answer.raw_output_contents[0], numpy.float32)
            with self._lock:
                self.answered += 1
                self.wrong += int(logits.argmax() != ANKLE_BOOT)
                self.slowest = max(self.slowest, time.monotonic() - sent)

    def run_until(self, answered: int, timeout: float = 60):
        """Waits until so many more are answered."""
        goal, until = self.answered + answered, time.monotonic() + timeout
        while self.answered < goal:
            if time.monotonic() > until:
                raise RuntimeError(f"{goal - self.answered} answers are missing after {timeout} s: "
                                   f"{self.reasons()}")
            time.sleep(0.005)

    def reasons(self) -> dict[str, int]:
        """How often each failure came."""
        return dict(collections.Counter(what for _, what in self.failures))
