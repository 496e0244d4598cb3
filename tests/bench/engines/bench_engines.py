#!/usr/bin/env python3
"""Measures the fused CPU engine beside other inference runtimes, one thread each.

Every contender runs in a process of its own on the same core, with the same weights; its outputs are
first checked against Actium's. A round asks each contender with each activation, in random order,
for some runs of one batch size; a figure is the median over rounds of its rounds' medians. Contenders
that compute in another precision than fp32 are shown in columns of their own and are no peers.

Needs the environment of cmake/setup.sh bench-engine, and actium-engine-runner.

Exit status: 0 measured, and the bounds (--must, --cost-must) are kept; 1 they are not; 2 bad
arguments.

Example: tests/bench/engines/bench_engines.py --networks shipped --activations relu,mish
"""
import argparse
import dataclasses
import datetime
import importlib.metadata
import itertools
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

import numpy

import networks
from report import PEERS, Cell, costs_of_activations, geometric_mean, report

HERE = pathlib.Path(__file__).resolve().parent
OTHER_PRECISION = ["openvino-default"]
SECONDS_OF_A_CELL = 0.25
TOLERANCE = 1e-3  # Of the largest output: the peers, too, round otherwise.


class Contender:
    """A runner process."""

    def __init__(self, name: str, command: list[str], core: int) -> None:
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, env=dict(os.environ, OMP_NUM_THREADS="1"), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.hello = self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            self.errors.seek(0)
            raise RuntimeError(f"{self.name} ended, exit status {status}: "
                               f"{self.errors.read()[-2000:]}")
        return json.loads(line)

    def ask(self, **request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.errors.close()


def commands(arguments, folder: pathlib.Path, network: str, activation: str,
             row: list[int]) -> dict[str, list[str]]:
    runner = [str(arguments.runner.resolve()), "--model", str(folder / "model.pt"),
              "--row", ",".join(map(str, row)), "--classes", str(networks.CLASSES),
              "--max-batch", str(max(arguments.batches))]
    made = {"actium": runner}
    for peer in arguments.peers:
        made[peer] = [sys.executable, str(HERE / "peer.py"), peer, str(folder), network, activation]
    return made


def check_outputs(contenders: list[Contender], batches: list[int], row: list[int],
                  folder: pathlib.Path) -> None:
    hello = contenders[0].hello
    if hello["engine"] != "cpu":
        raise RuntimeError(f"not fused: {hello['not_fused']}")
    numbers = numpy.random.default_rng(0)
    for batch in batches:
        x = numbers.standard_normal((batch, *row), dtype=numpy.float32)
        x.tofile(folder / "x")
        outputs = {}
        for contender in contenders:
            contender.ask(batch=batch, row=row, input=str(folder / "x"), output=str(folder / "y"))
            outputs[contender.name] = numpy.fromfile(folder / "y", dtype=numpy.float32)
        ours = outputs["actium"]
        for name, theirs in outputs.items():
            difference = float(numpy.abs(theirs - ours).max() / numpy.abs(ours).max())
            if name not in OTHER_PRECISION and not difference <= TOLERANCE:
                raise RuntimeError(f"{name} differs at batch {batch} by {difference:.2g} of the "
                                   "largest output")


def start(arguments, folder: pathlib.Path, network: str, activation: str) -> list[Contender]:
    """Starts all contenders of a network with one activation, Actium first."""
    row = networks.NETWORKS[network][1]
    folder.mkdir()
    networks.export(networks.build(network, activation), row, folder)
    return [Contender(name, command, arguments.core) for name, command
            in commands(arguments, folder, network, activation, row).items()]


def measure(arguments, network: str) -> list[Cell]:
    contenders: dict[str, list[Contender]] = {}
    with tempfile.TemporaryDirectory() as name:
        try:
            for activation in arguments.activations:
                print(f"{network} {activation} ...", file=sys.stderr, flush=True)
                folder = pathlib.Path(name) / activation
                contenders[activation] = start(arguments, folder, network, activation)
                check_outputs(contenders[activation], arguments.batches,
                              networks.NETWORKS[network][1], folder)
            return [cell for batch in arguments.batches
                    for cell in measure_batch(arguments, contenders, network, batch)]
        finally:
            for contender in itertools.chain(*contenders.values()):
                contender.close()


def measure_batch(arguments, contenders: dict[str, list[Contender]], network: str,
                  batch: int) -> list[Cell]:
    """A cell for each activation; a round asks everybody, in random order."""
    def one_round(contender: Contender, runs: int) -> float:
        return statistics.median(contender.ask(batch=batch, runs=runs)["seconds"])

    everybody = [(activation, contender) for activation, of_activation in contenders.items()
                 for contender in of_activation]
    runs = {contender: max(1, round(SECONDS_OF_A_CELL / one_round(contender, 3)))
            for _, contender in everybody}
    cells = {activation: Cell(network, activation, batch, {one.name: [] for one in of_activation})
             for activation, of_activation in contenders.items()}
    for _ in range(arguments.rounds):
        for activation, contender in random.sample(everybody, len(everybody)):
            cells[activation].seconds[contender.name].append(one_round(contender, runs[contender]))
    return list(cells.values())


def processor() -> str:
    """What tells processors apart that hide their name."""
    text = pathlib.Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    facts = {key.strip(): value.strip() for key, value in fields.items()}
    sets = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_tile")
            if name in facts["flags"].split()]
    return f"{facts['model name']}, family {facts['cpu family']} model {facts['model']}, " \
           f"{' '.join(sets)}"


def versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("onnxruntime", "openvino", "torch")}


def listed(known: list[str]):
    def parse(text: str) -> list[str]:
        names = text.split(",") if text else []
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(
                f"{', '.join(unknown)}: known are {', '.join(known)}")
        return names
    return parse


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=listed(list(networks.NETWORKS)),
                        default=list(networks.NETWORKS))
    parser.add_argument("--activations", type=listed(list(networks.ACTIVATIONS)),
                        default=["relu", "swish", "mish", "prelu"])
    parser.add_argument("--peers", type=listed(PEERS + OTHER_PRECISION),
                        default=PEERS + OTHER_PRECISION, help="others than Actium; may be empty")
    parser.add_argument("--batches", type=lambda text: [int(part) for part in text.split(",")],
                        default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--must", type=float, default=0.95,
                        help="least geometric mean of the ratios to the fastest peers")
    parser.add_argument("--cost-must", type=float, default=1.15,
                        help="greatest time relative to ReLU, geometric mean over cells")
    parser.add_argument("--runner", type=pathlib.Path,
                        default="build/release/bin/actium-engine-runner")
    parser.add_argument("--json", type=pathlib.Path, help="file that gets every round's figures")
    return parser.parse_args()


def judge_speed(arguments, cells: list[Cell]) -> bool:
    """Prints the bound on the ratios to the fastest peers; whether it is kept."""
    if not any(peer in PEERS for peer in arguments.peers):
        return True
    mean = geometric_mean(cells)
    kept = mean >= arguments.must
    print(f"fastest peer / actium, geometric mean: measured {mean:.3f}, "
          f"must be >= {arguments.must:.2f}: {'PASS' if kept else 'FAIL'}")
    return kept


def judge_costs(arguments, cells: list[Cell]) -> bool:
    """Prints the bound on each activation's cost; whether all keep it."""
    kept = True
    for activation, cost in costs_of_activations(cells).items():
        kept = kept and cost <= arguments.cost_must
        print(f"{activation} / relu, geometric mean: measured {cost:.3f}, must be <= "
              f"{arguments.cost_must:.2f}: {'PASS' if cost <= arguments.cost_must else 'FAIL'}")
    return kept


def main() -> int:
    arguments = parse_arguments()
    cells = [cell for network in arguments.networks for cell in measure(arguments, network)]
    print(report(cells) + "\n")
    kept = all([judge_speed(arguments, cells), judge_costs(arguments, cells)])
    if arguments.json:
        result = {"date": datetime.date.today().isoformat(), "processor": processor(),
                  "command": " ".join(sys.argv[1:]), "engines": versions(),
                  "cells": [dataclasses.asdict(cell) for cell in cells]}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
