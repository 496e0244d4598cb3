#!/usr/bin/env python3
"""Prints the layers of an image that was pushed into a folder (OCI layout), and their sum.

Usage: layer-sizes.py FOLDER

Each line has what made the layer and its compressed size in MB; the last is "total MB".
"""
import json
import pathlib
import sys


def blob(folder: pathlib.Path, digest: str) -> dict:
    return json.loads((folder / "blobs" / digest.replace(":", "/")).read_text())


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    folder = pathlib.Path(sys.argv[1])
    index = json.loads((folder / "index.json").read_text())
    manifest = blob(folder, index["manifests"][0]["digest"])
    history = [step["created_by"] for step in blob(folder, manifest["config"]["digest"])["history"]
               if not step.get("empty_layer")]
    for made_by, layer in zip(history, manifest["layers"]):
        print(f"{layer['size'] / 1e6:8.1f} MB  {made_by[:100]}")
    print(f"total {round(sum(layer['size'] for layer in manifest['layers']) / 1e6)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
