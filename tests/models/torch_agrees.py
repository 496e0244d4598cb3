#!/usr/bin/env python3
"""Checks that Python's torch.jit.load runs the shipped models as actium-train does.

Runs each model on all test images both ways, in batches of 64, and compares logits and classes.
Needs PyTorch and NumPy (cmake/setup.sh test-full), and so belongs to `make test-full`.

Exit status: 0 all agree, 1 one does not, 2 bad arguments.

Example: tests/models/torch_agrees.py --trainer build/release/bin/actium-train
"""
import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch

BATCH = 64
# Of the largest logit: other batch sizes and instruction sets round otherwise.
TOLERANCE = 1e-5


def read_images(folder: pathlib.Path) -> torch.Tensor:
    with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
        header, pixels = file.read(16), file.read()
    rows = int.from_bytes(header[8:12], "big")
    columns = int.from_bytes(header[12:16], "big")
    array = numpy.frombuffer(pixels, dtype=numpy.uint8).copy()
    return torch.from_numpy(array).reshape(-1, 1, rows, columns)


def python_logits(model: pathlib.Path, images: torch.Tensor) -> numpy.ndarray:
    extra = {"actium.json": ""}
    module = torch.jit.load(model / "1" / "model.pt", _extra_files=extra).eval()
    outputs = json.loads(extra["actium.json"])["output"]
    assert outputs[0]["name"] == "logits", f"{model}: unexpected signature {outputs}"
    with torch.no_grad():
        return torch.cat([module(batch) for batch in images.split(BATCH)]).numpy()


def trainer_logits(trainer: pathlib.Path, model: pathlib.Path, data: pathlib.Path) -> numpy.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        csv = pathlib.Path(folder) / "predictions.csv"
        subprocess.run([trainer, "evaluate", model, "--data", data, "--predictions", csv],
                       check=True, stdout=subprocess.DEVNULL)
        return numpy.loadtxt(csv, delimiter=",", skiprows=1, dtype=numpy.float32)[:, 3:]


def relative_difference(ours: numpy.ndarray, theirs: numpy.ndarray) -> float:
    """Returns the largest difference of two logits, as a part of the largest logit."""
    return float(numpy.abs(ours - theirs).max() / numpy.abs(ours).max())


def disagreement(ours: numpy.ndarray, theirs: numpy.ndarray) -> str:
    """Returns what differs, or an empty text. Near ties may change class."""
    allowed = TOLERANCE * numpy.abs(ours).max()
    relative = relative_difference(ours, theirs)
    if not relative <= TOLERANCE:  # A NaN is no agreement either.
        return f"logits differ by {relative:.2g} of the largest, allowed is {TOLERANCE:.2g}"
    top = numpy.sort(ours, axis=1)
    clear = top[:, -1] - top[:, -2] > allowed
    changed = int((clear & (ours.argmax(1) != theirs.argmax(1))).sum())
    return f"{changed} classes differ" if changed else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=pathlib.Path, default="build/release/bin/actium-train")
    parser.add_argument("--repository", type=pathlib.Path, default="models/repository")
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    options = parser.parse_args()

    models = sorted(path.parent.parent for path in options.repository.glob("*/1/model.pt"))
    if not models:
        parser.error(f"no */1/model.pt in {options.repository}")
    torch.set_num_threads(1)
    images = read_images(options.data)
    failures = 0
    for model in models:
        ours = trainer_logits(options.trainer, model, options.data)
        theirs = python_logits(model, images)
        why = disagreement(ours, theirs)
        print(f"{model.name:<14}", why or f"agrees on {len(images):,} images; logits differ by at "
              f"most {relative_difference(ours, theirs):.1e} of the largest")
        failures += bool(why)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
