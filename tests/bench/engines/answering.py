"""How a peer is asked and answers: the Python side of model_runner.h."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy


def answer_requests(run: Callable[[Any], Any], to_input: Callable[[numpy.ndarray, dict], Any],
                    to_numpy: Callable[[Any], numpy.ndarray]) -> None:
    """Answers the requests on stdin until it ends.

    to_input: makes what `run` takes of a file's numbers and the request that names it.
    """
    inputs: dict[int, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        batch = request["batch"]
        if "input" in request:
            numbers = numpy.fromfile(request["input"], dtype=numpy.float32)
            inputs[batch] = to_input(numbers, request)
            to_numpy(run(inputs[batch])).astype(numpy.float32).tofile(request["output"])
            print("{}", flush=True)
            continue
        seconds = []
        for _ in range(request["runs"]):
            begin = time.perf_counter()
            run(inputs[batch])
            seconds.append(time.perf_counter() - begin)
        print(json.dumps({"seconds": seconds}), flush=True)
