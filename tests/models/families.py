#!/usr/bin/env python3
"""Checks that the fused engine runs torchvision's model families, whatever their activation.

Builds each family with random weights, as it is and with its activations swapped for Mish, PReLU
and a Swish that is written out by hand; traces and scripts it; and has a server load the file. It
passes if the server serves it with the fused engine, which the server only does where every planned
batch size gives what LibTorch gives.

Needs PyTorch and torchvision (cmake/setup.sh test-full), and so belongs to `make test-full`.

Exit status: 0 all are fused, 1 one is not, 2 bad arguments.

Example: tests/models/families.py --only resnet18,vgg11
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import torch
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from torch_networks import Activation, randomise_statistics, torchvision_network

FAMILIES = ["resnet18", "resnet50", "wide_resnet50_2", "vgg11", "vgg11_bn", "squeezenet1_1",
            "mobilenet_v2"]
MAX_BATCH = 3
# Images of so many rows and columns, odd on purpose. What VGG averages must fit its classifier.
SIZE = {"vgg11": 225, "vgg11_bn": 225}
OTHERS_SIZE = 65


class HandWrittenSwish(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(x)


ACTIVATIONS: dict[str, Activation | None] = {
    "as is": None, "mish": nn.Mish, "prelu": nn.PReLU, "swish by hand": HandWrittenSwish}


def build(family: str, activation: str) -> nn.Module:
    torch.manual_seed(0)
    model = torchvision_network(family, 10, ACTIVATIONS[activation])
    randomise_statistics(model)
    return model.eval()


def export(model: nn.Module, form: str, size: int, file: pathlib.Path) -> None:
    if form == "traced":
        scripted = torch.jit.trace(model, torch.randn(2, 3, size, size))
    else:
        scripted = torch.jit.script(model)
    signature = {
        "max_batch_size": MAX_BATCH,
        "input": [{"name": "image", "dtype": "FP32", "dims": [3, size, size]}],
        "output": [{"name": "logits", "dtype": "FP32", "dims": [10]}]}
    torch.jit.save(scripted, file, _extra_files={"actium.json": json.dumps(signature)})


def why_not_fused(actium: pathlib.Path, model: nn.Module, form: str, size: int) -> str:
    """Returns an empty text if the fused engine serves the model."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model" / "1" / "model.pt"
        file.parent.mkdir(parents=True)
        export(model, form, size, file)
        listed = subprocess.run([actium, "--local", folder, "models", "--json"], check=False,
                                capture_output=True, text=True)
    if listed.returncode != 0:
        return listed.stderr.strip()
    version = json.loads(listed.stdout)["models"][0]
    if version["state"] != "READY":
        return version["reason"]
    return "" if version["engine"] == "cpu" else (version.get("not_fused") or "not fused")


def cases(families: list[str]) -> Iterator[tuple[str, str, str]]:
    for family in families:
        for activation in ACTIVATIONS:
            for form in ("traced", "scripted"):
                yield family, activation, form


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actium", type=pathlib.Path, default="build/release/bin/actium")
    parser.add_argument("--only", help="families, comma-separated", default=",".join(FAMILIES))
    arguments = parser.parse_args()
    families = arguments.only.split(",")
    if unknown := [family for family in families if family not in FAMILIES]:
        parser.error(f"--only: {', '.join(unknown)}: known are {', '.join(FAMILIES)}")

    torch.set_num_threads(1)
    failed = 0
    for family, activation, form in cases(families):
        why = why_not_fused(arguments.actium.resolve(), build(family, activation), form,
                            SIZE.get(family, OTHERS_SIZE))
        print(f"{family:16} {activation:14} {form:9} {'FAIL: ' + why if why else 'fused'}",
              flush=True)
        failed += bool(why)
    print(f"fallbacks: measured {failed}, must be 0: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
