#!/usr/bin/env python3
"""Measures whole networks on the CUDA engine beside PyTorch (eager, TorchScript, torch.compile with
max-autotune) and ONNX Runtime CUDA where it is there.

Everybody runs in a process of its own on the same GPU, one after the other, in random order inside a
round; a run goes from host memory to host memory. A figure is the median over rounds of its rounds'
medians. Ours is run with all activations, then once more beside the peers, with each of
--peer-activations: only processes that are compared hold the GPU's memory at the same time. Outputs
are compared before anything is timed, where our graph has the same weights: that wants LibTorch
(--libtorch).

A peer that fails is reported as not measured, with the rounds that it finished, and the others go on.
--json is written after each network and precision. Which kernels were fastest is kept in FOLDER/tuning:
only the first start measures a shape.

Exit status: 0 measured, and the bounds are kept; 1 one is not, or something failed; 2 bad arguments;
3 there is no GPU to measure.

Example: bench_models.py --here FOLDER --networks shipped --json models.json
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "engines"))
STAND_IN = "CUDA stand-in"
PEERS = ["torch-eager", "torchscript", "torch-compile", "onnxruntime"]
PRECISIONS = ["fp32", "tf32", "fp16", "bf16"]
SECONDS_OF_A_CELL = 0.2
# Of the largest output: peers round otherwise, and in other places.
TOLERANCE = {"fp32": 1e-3, "tf32": 2e-2, "fp16": 2e-2, "bf16": 1e-1}


def environment(*libraries: pathlib.Path) -> dict[str, str]:
    """This process's, with folders of libraries before those that it has: as in tests/gpu/run.sh."""
    had = os.environ.get("LD_LIBRARY_PATH")
    return dict(os.environ, LD_LIBRARY_PATH=":".join([*map(str, libraries), *([had] if had else [])]))


class Contender:
    """A process that answers as runner.cc. Every method raises RuntimeError if it cannot."""

    def __init__(self, name: str, activation: str, command: list,
                 environment: dict[str, str]) -> None:
        self.name = name
        self.activation = activation
        self.failed = False
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([str(part) for part in command], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors)
        hello = self.answer()
        if "missing" in hello:
            self.close()
            raise RuntimeError(hello["missing"])

    def answer(self) -> dict:
        for line in self.process.stdout:
            if line.startswith("{"):  # torch.compile prints what it tries.
                return json.loads(line)
        status = self.process.wait()
        self.errors.seek(0)
        raise RuntimeError(f"{self.name} ended, exit status {status}: {self.errors.read().strip()[-1500:]}")

    def ask(self, **request) -> dict:
        with contextlib.suppress(BrokenPipeError):  # It has ended, and answer() says how.
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


class Bench:
    def __init__(self, arguments) -> None:
        self.arguments = arguments
        self.plugin = arguments.here / "lib" / (
            "libactium_cuda_stand_in.so" if arguments.dry_run else "libactium_cuda.so")
        self.carried = environment(arguments.here / "lib")
        self.cells: list[dict] = []
        self.missing: dict[str, str] = {}
        self.failures: list[str] = []

    def devices(self) -> list[dict]:
        run = subprocess.run([self.arguments.here / "bin/actium-gpu-runner", "--plugin", self.plugin,
                              "--describe"], env=self.carried, capture_output=True, text=True)
        if run.returncode != 0:
            print(f"there is no GPU to measure: {run.stderr.strip()}", file=sys.stderr)
            sys.exit(3)
        return json.loads(run.stdout)

    def graph(self, network: str, activation: str, folder: pathlib.Path) -> list:
        """The runner's arguments for a graph: with the peers' weights if it can be exported here."""
        if not self.arguments.libtorch:
            return ["--graph", self.arguments.here / "graphs" / f"{network}-{activation}.txt"]
        folder = folder / activation
        if not (folder / "graph.txt").exists():
            from make_graphs import export
            folder.mkdir(exist_ok=True)
            export(self.arguments.here / "bin/actium-export-graph", network, activation, folder,
                   environment(self.arguments.libtorch, self.arguments.here / "lib"))
        return ["--graph", folder / "graph.txt", "--weights", folder / "weights"]

    def start(self, name: str, network: str, precision: str, activation: str,
              folder: pathlib.Path) -> Contender:
        if name == "actium":
            tuning = (["--no-tuning"] if self.arguments.dry_run
                      else ["--tuning-cache", self.arguments.here / "tuning"])
            return Contender(name, activation, [
                self.arguments.here / "bin/actium-gpu-runner", "--plugin", self.plugin,
                "--precision", precision, "--max-batch", max(self.arguments.batches), *tuning,
                *self.graph(network, activation, folder)], self.carried)
        return Contender(name, activation, [
            sys.executable, HERE / "peer.py", name, network, activation, precision,
            "cpu" if self.arguments.dry_run else "cuda",
            ",".join(map(str, self.arguments.batches))], dict(os.environ))

    def measure(self, network: str, precision: str, folder: pathlib.Path) -> None:
        """Adds the cells of all batches. folder: keeps the network's exported graphs."""
        self.measure_together("activations", network, precision, [
            ("actium", activation) for activation in self.arguments.activations], folder)
        for activation in self.arguments.activations:
            if self.arguments.peers and activation in self.arguments.peer_activations:
                self.measure_together("peers", network, precision, [
                    (name, activation) for name in ("actium", *self.arguments.peers)], folder)

    def measure_together(self, compared: str, network: str, precision: str,
                         who: list[tuple[str, str]], folder: pathlib.Path) -> None:
        everybody: list[Contender] = []
        try:
            for name, activation in who:
                where = f"{network} {precision} {activation}"
                print(f"{where} {name} ...", file=sys.stderr, flush=True)
                try:
                    everybody.append(self.start(name, network, precision, activation, folder))
                except Exception as error:  # Of what exports our graph, too.
                    self.leave_out(name, where, error)
            for batch in self.arguments.batches:
                self.compare(network, precision, batch, everybody, folder)
                self.measure_batch(compared, network, precision, batch, everybody)
        finally:
            for contender in everybody:
                contender.close()

    def leave_out(self, name: str, where: str, error: Exception) -> None:
        if name == "actium":
            self.failures.append(f"{where}: {error}")
        else:
            self.missing[f"{where} {name}"] = str(error)

    def ask(self, contender: Contender, where: str, **request) -> dict | None:
        """None if it fails, now or earlier: the others go on without it."""
        if contender.failed:
            return None
        try:
            return contender.ask(**request)
        except RuntimeError as error:
            contender.failed = True
            self.leave_out(contender.name, f"{where} {contender.activation}", error)
            return None

    def compare(self, network: str, precision: str, batch: int, everybody: list[Contender],
                folder: pathlib.Path) -> None:
        """Gives everybody the same input, and compares what comes out."""
        import networks
        row = networks.NETWORKS[network][1]
        x = numpy.random.default_rng(0).standard_normal((batch, *row), dtype=numpy.float32)
        x.tofile(folder / "x")
        ours: dict[str, numpy.ndarray] = {}
        for contender in everybody:  # Ours first.
            if self.ask(contender, f"{network} {precision}", batch=batch, input=str(folder / "x"),
                        output=str(folder / "y")) is None:
                continue
            y = numpy.fromfile(folder / "y", dtype=numpy.float32)
            where = f"{network} {precision} {contender.activation} batch {batch}"
            if contender.name == "actium":
                ours[contender.activation] = y
                if not numpy.isfinite(y).all():
                    self.failures.append(f"{where}: our results are not finite")
            elif self.arguments.libtorch and contender.activation in ours:
                difference = float(numpy.abs(y - ours[contender.activation]).max() /
                                   numpy.abs(y).max())
                if not difference <= TOLERANCE[precision]:
                    self.failures.append(f"{where}: {contender.name} differs by {difference:.2g}")

    def measure_batch(self, compared: str, network: str, precision: str, batch: int,
                      everybody: list[Contender]) -> None:
        def one_round(contender: Contender, runs: int) -> tuple[float, float] | None:
            answer = self.ask(contender, f"{network} {precision}", batch=batch, runs=runs)
            return answer and (statistics.median(answer["seconds"]),
                               statistics.median(answer.get("device_seconds", [0.0])))

        cells = {one.activation: {"compared": compared, "network": network, "precision": precision,
                                  "activation": one.activation, "batch": batch, "seconds": {},
                                  "device_seconds": {}} for one in everybody}
        runs = {}
        for contender in everybody:
            if once := one_round(contender, 1 if self.arguments.dry_run else 5):
                runs[contender] = 1 if self.arguments.dry_run else max(
                    3, round(SECONDS_OF_A_CELL / once[0]))
        for _ in range(self.arguments.rounds):
            for contender in random.sample(list(runs), len(runs)):
                if not (times := one_round(contender, runs[contender])):
                    continue
                cell = cells[contender.activation]
                cell["seconds"].setdefault(contender.name, []).append(times[0])
                if contender.name == "actium":
                    cell["device_seconds"].setdefault("actium", []).append(times[1])
        self.cells += cells.values()

    def median(self, cell: dict, name: str) -> float:
        return statistics.median(cell["seconds"][name])

    def report(self) -> None:
        for cell in self.cells:
            parts = []
            for name, values in cell["seconds"].items():
                parts.append(f"{name} {1e3 * statistics.median(values):.4g} "
                             f"[{1e3 * min(values):.4g}..{1e3 * max(values):.4g}]")
            print(f"{cell['network']} {cell['precision']} {cell['activation']} batch "
                  f"{cell['batch']}, ms: {', '.join(parts)}")
        for what, why in self.missing.items():
            print(f"not measured: {what}: {why}")
        if not self.arguments.libtorch:
            print("outputs were not compared with the peers': the weights are not theirs")

    def judge(self) -> bool:
        """Prints the bounds; whether all are kept. A ratio that nobody measured is said, too."""
        kept = True
        measured = [cell for cell in self.cells if "actium" in cell["seconds"]]
        costs = [cell for cell in measured if cell["compared"] == "activations"]
        relu = {(c["network"], c["precision"], c["batch"]): c for c in costs
                if c["activation"] == "relu"}
        for cell in costs:
            base = relu.get((cell["network"], cell["precision"], cell["batch"]))
            if base is None or base is cell:
                continue
            cost = self.median(cell, "actium") / self.median(base, "actium")
            kept = kept and cost <= self.arguments.cost_must
            print(f"{cell['network']} {cell['precision']} batch {cell['batch']}: "
                  f"{cell['activation']} / relu {cost:.3f}, must be <= "
                  f"{self.arguments.cost_must:.2f}: "
                  f"{'PASS' if cost <= self.arguments.cost_must else 'FAIL'}")
        judged = [cell for cell in measured if cell["network"] == "shipped"
                  and cell["batch"] == 1 and "torch-compile" in cell["seconds"]]
        for cell in judged:
            ratio = self.median(cell, "actium") / self.median(cell, "torch-compile")
            kept = kept and ratio <= self.arguments.latency_must
            print(f"shipped {cell['precision']} {cell['activation']} batch 1: actium / torch-compile "
                  f"{ratio:.3f}, must be <= {self.arguments.latency_must:.2f}: "
                  f"{'PASS' if ratio <= self.arguments.latency_must else 'FAIL'}")
        if not judged:
            print("batch-1 latency beside torch-compile: not measured")
        return kept

    def write(self, file: pathlib.Path, device: dict) -> None:
        driver = pathlib.Path("/proc/driver/nvidia/version")
        import importlib.metadata
        engines = {}
        for name in ("torch", "onnxruntime", "triton"):
            try:
                engines[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue
        result = {"date": datetime.date.today().isoformat(), "device": device["name"],
                  "compute_capability": device["compute_capability"],
                  "driver": driver.read_text().splitlines()[0] if driver.exists() else "unknown",
                  "commit": (self.arguments.here / "commit").read_text().strip(),
                  "command": " ".join(sys.argv[1:]), "engines": engines, "missing": self.missing,
                  "failures": self.failures, "cells": self.cells}
        file.write_text(json.dumps(result, indent=1) + "\n")


def names(known: list[str]):
    def parse(text: str) -> list[str]:
        given = text.split(",") if text else []
        if unknown := [name for name in given if name not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: known are {', '.join(known)}")
        return given
    return parse


ACTIVATIONS = ["relu", "swish", "mish", "prelu", "leaky_relu", "hardswish", "gelu", "elu", "sigmoid",
               "tanh"]  # Of networks.py, which imports torch: not for --help.


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", type=pathlib.Path, required=True,
                        help="folder that tests/gpu/pack.sh made")
    parser.add_argument("--networks", type=names(["shipped", "resnet18", "resnet50"]),
                        default=["shipped", "resnet18", "resnet50"])
    parser.add_argument("--precisions", type=names(PRECISIONS), default=["fp32", "fp16", "bf16"])
    parser.add_argument("--activations", type=names(ACTIVATIONS), default=ACTIVATIONS)
    parser.add_argument("--peer-activations", type=names(ACTIVATIONS), default=["relu", "mish"])
    parser.add_argument("--peers", type=names(PEERS), default=PEERS, help="may be empty")
    parser.add_argument("--batches", type=lambda text: [int(part) for part in text.split(",")],
                        default=[1, 8, 32, 128])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cost-must", type=float, default=1.03,
                        help="greatest time relative to ReLU, of every network and batch")
    parser.add_argument("--latency-must", type=float, default=0.67,
                        help="greatest time of the shipped CNN at batch 1 over torch.compile's")
    parser.add_argument("--libtorch", type=pathlib.Path,
                        help="folder of LibTorch's libraries of our version; without it the carried "
                             "graphs are run, on random weights")
    parser.add_argument("--json", type=pathlib.Path, help="file that gets every round's figures")
    parser.add_argument("--dry-run", action="store_true",
                        help="the stand-in instead of a GPU: one run of each, no figures")
    arguments = parser.parse_args()
    if arguments.dry_run and arguments.json:
        parser.error("--dry-run has no figures to write")
    if arguments.dry_run:
        arguments.rounds = 1
    return arguments


def main() -> int:
    arguments = parse_arguments()
    bench = Bench(arguments)
    device = bench.devices()[0]
    if device["name"] == STAND_IN and not arguments.dry_run:
        print("this is the stand-in, whose times say nothing: --dry-run", file=sys.stderr)
        return 3
    for network in arguments.networks:
        with tempfile.TemporaryDirectory() as folder:
            for precision in arguments.precisions:
                bench.measure(network, precision, pathlib.Path(folder))
                if arguments.json:
                    bench.write(arguments.json, device)
    for failure in bench.failures:
        print(f"FAIL {failure}")
    if arguments.dry_run:
        for what, why in bench.missing.items():
            print(f"not run: {what}: {why}")
        print(f"machinery {'FAIL' if bench.failures else 'PASS'}: {len(bench.cells)} cells")
        return 1 if bench.failures else 0
    bench.report()
    kept = bench.judge() and not bench.failures
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
