#!/usr/bin/env python3
"""Writes the graphs of the measured networks, without their weights, for machines without LibTorch.

Usage: make_graphs.py --export PROGRAM FOLDER

PROGRAM is actium-export-graph. Needs the environment of cmake/setup.sh bench-engine. Exit status: 0
all written, 1 one cannot be imported.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "engines"))
import networks  # noqa: E402
import torch  # noqa: E402

MEASURED = ["shipped", "resnet18", "resnet50"]


def export(program: pathlib.Path, network: str, activation: str, folder: pathlib.Path,
           environment: dict[str, str] | None = None) -> None:
    """Writes FOLDER/graph.txt and FOLDER/weights, of the model that networks.build() makes."""
    row = networks.NETWORKS[network][1]
    model = networks.build(network, activation)
    torch.jit.save(torch.jit.trace(model, torch.randn(2, *row)), folder / "model.pt")
    subprocess.run([program, "--model", folder / "model.pt", "--row", ",".join(map(str, row)),
                    "--classes", str(networks.CLASSES), "--graph", folder / "graph.txt",
                    "--weights", folder / "weights"], check=True, env=environment)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--export", type=pathlib.Path, required=True)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for network in MEASURED:
        for activation in networks.ACTIVATIONS:
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                try:
                    export(arguments.export, network, activation, folder)
                except subprocess.CalledProcessError:
                    return 1
                text = (folder / "graph.txt").read_text()
            (arguments.folder / f"{network}-{activation}.txt").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
