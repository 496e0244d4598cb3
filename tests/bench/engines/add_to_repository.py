#!/usr/bin/env python3
"""Writes a network of networks.py into a model repository, for a server to serve.

The model is named NETWORK-ACTIVATION and takes batches of up to 64; a folder of that name is
replaced. Needs the environment of cmake/setup.sh bench-engine.

Exit status: 0 written, 2 bad arguments.

Example: tests/bench/engines/add_to_repository.py mnist relu /tmp/repository
"""
import argparse
import pathlib
import shutil
import sys

import torch

import networks

CONFIG = """platform: "pytorch_libtorch"
max_batch_size: 64
input {{ name: "x" data_type: TYPE_FP32 dims: {row} }}
output {{ name: "y" data_type: TYPE_FP32 dims: [{classes}] }}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=networks.NETWORKS)
    parser.add_argument("activation", choices=networks.ACTIVATIONS)
    parser.add_argument("repository", type=pathlib.Path)
    arguments = parser.parse_args()

    row = networks.NETWORKS[arguments.network][1]
    folder = arguments.repository / f"{arguments.network}-{arguments.activation}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "1").mkdir(parents=True)
    model = networks.build(arguments.network, arguments.activation)
    torch.jit.save(torch.jit.trace(model, torch.randn(2, *row)), folder / "1" / "model.pt")
    (folder / "config.pbtxt").write_text(CONFIG.format(row=row, classes=networks.CLASSES))
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
