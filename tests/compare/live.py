#!/usr/bin/env python3
"""Measures comparisons on this machine, with a real server.

  equals    compares a model with its own copy, while another process loads a core, and counts how
            often a winner is named
  record    records the round medians of three copies of a model under the same load, as
            tests/server/compare/recorded_rounds.csv, which honesty_test judges
  beside    p99 of clients at 30 % of the server's peak rate, with a comparison beside them and
            without, in interleaved pairs

Each prints what it measured beside its bound, and PASS or FAIL.

Exit status: 0 passed, 1 failed, 2 bad arguments.

Example: tests/compare/live.py equals --runs 10
"""
import argparse
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
SHIPPED = ROOT / "models/repository"
MODEL = "relu"


def run_json(arguments: list) -> dict:
    done = subprocess.run([str(item) for item in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def server(repository: pathlib.Path):
    """A server on a free port; gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = pathlib.Path(folder) / "port"
        process = subprocess.Popen(
            [BIN / "actium-server", "--model-repository", repository, "--grpc-address", "127.0.0.1",
             "--grpc-port", "0", "--port-file", port_file, "--allow-http=false",
             "--allow-metrics=false"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = wait_for(port_file, process)
            subprocess.run([BIN / "actium", "health", "--server", address, "--wait", "60"],
                           check=True, stdout=subprocess.DEVNULL)
            yield address
        finally:
            process.terminate()
            process.wait()


def wait_for(port_file: pathlib.Path, process: subprocess.Popen) -> str:
    while not port_file.exists():
        if process.poll() is not None:
            raise RuntimeError("the server ended early")
        time.sleep(0.05)
    return port_file.read_text().strip()


@contextlib.contextmanager
def copies(names: list):
    """A repository with copies of one model under other names."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            target = pathlib.Path(folder) / name
            shutil.copytree(SHIPPED / MODEL, target)
            config = target / "config.pbtxt"
            config.write_text(config.read_text().replace(f'"{MODEL}"', f'"{name}"'))
        yield pathlib.Path(folder)


@contextlib.contextmanager
def loaded_core():
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def compare(address: str, variants: list, *options) -> dict:
    return run_json([BIN / "actium", "compare", *variants, "--server", address, "--no-accuracy",
                     "--json", *options])["latency"]


def equals(runs: int, rounds: int) -> bool:
    """Names of winners among equals; each run is wrong with 5 % at most."""
    allowed = {10: 2, 20: 3, 50: 6}[runs]  # Of a binomial of 5 %, beyond with less than 3 %.
    winners = noisy = 0
    with copies(["first", "second"]) as repository, server(repository) as address, loaded_core():
        for _ in range(runs):
            report = compare(address, ["first", "second"], "--rounds", rounds)
            verdicts = [contrast["verdict"] for contrast in report["contrasts"]]
            decided = any(verdict.endswith(("FASTER", "SLOWER")) for verdict in verdicts)
            winners += decided
            noisy += report["too_noisy"]
            print(f"  {report['headline']}", flush=True)
    passed = winners <= allowed
    print(f"live, equal, a core loaded: false winners {winners} of {runs}, must be at most "
          f"{allowed}: {'PASS' if passed else 'FAIL'} (too noisy {noisy})")
    return passed


def record(file: pathlib.Path, comparisons: int, rounds: int) -> bool:
    per_call = 1000  # The most rounds of one comparison.
    names = ["a", "b", "c"]
    rows = []
    with copies(names) as repository, server(repository) as address, loaded_core():
        while len(rows) < comparisons * rounds:
            report = compare(address, names, "--rounds", per_call, "--time-limit", 3600)
            medians = [cell["engine_round_medians_ns"] for cell in report["cells"]]
            rows += list(zip(*medians))
            print(f"  {len(rows)} rounds", flush=True)
    lines = [",".join(f"{value:.0f}" for value in row) for row in rows[:comparisons * rounds]]
    file.write_text("\n".join(["baseline,variant,repeated_baseline", *lines]) + "\n")
    return True


def p99(address: str, rate: float, seconds: float) -> float:
    report = run_json([BIN / "actium", "bench", MODEL, "--server", address, "--rate", f"{rate:.0f}",
                       "--duration", seconds, "--json"])
    return report["measurements"][0]["latency_ms"]["p99"]


@contextlib.contextmanager
def comparison(address: str, kind: str):
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [BIN / "actium", "compare", "--server", address, kind, "--rounds", "1000",
             "--time-limit", "600"],
            stdout=subprocess.DEVNULL, stderr=errors)
        time.sleep(1)
        try:
            yield
            if process.poll() is not None:
                errors.seek(0)
                raise RuntimeError(f"the comparison ended early: {errors.read()[-500:]}")
        finally:
            process.terminate()
            process.wait()
            time.sleep(0.5)  # Until the server has noticed; it runs one comparison at a time.


def beside(pairs: int, seconds: float) -> bool:
    bound = 1.3
    ratios = []
    with server(SHIPPED) as address:
        peak = run_json([BIN / "actium", "bench", MODEL, "--server", address, "--concurrency", "64",
                         "--json"])["measurements"][0]["requests_per_second"]
        rate = 0.3 * peak
        print(f"  peak {peak:.0f} requests/s, clients send {rate:.0f}/s", flush=True)
        for pair in range(pairs):
            measured = {}
            kind = "--no-accuracy" if pair % 2 == 0 else "--no-latency"
            for busy in ([False, True] if pair % 4 < 2 else [True, False]):
                with comparison(address, kind) if busy else contextlib.nullcontext():
                    measured[busy] = p99(address, rate, seconds)
            ratios.append(measured[True] / measured[False])
            print(f"  p99 alone {measured[False]:.2f} ms, beside a comparison ({kind}) "
                  f"{measured[True]:.2f} ms, ratio {ratios[-1]:.2f}", flush=True)
    median = statistics.median(ratios)
    passed = median <= bound
    print(f"p99 beside a comparison / alone, median of {pairs} pairs: measured {median:.2f} "
          f"({min(ratios):.2f} to {max(ratios):.2f}), must be at most {bound}: "
          f"{'PASS' if passed else 'FAIL'}")
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("equals")
    command.add_argument("--runs", type=int, choices=[10, 20, 50], default=10)
    command.add_argument("--rounds", type=int, default=20)
    command = commands.add_parser("record")
    command.add_argument("--file", type=pathlib.Path,
                         default=ROOT / "tests/server/compare/recorded_rounds.csv")
    command.add_argument("--comparisons", type=int, default=200)
    command.add_argument("--rounds", type=int, default=20)
    command = commands.add_parser("beside")
    command.add_argument("--pairs", type=int, default=8)
    command.add_argument("--seconds", type=float, default=6)
    arguments = vars(parser.parse_args())
    run = {"equals": equals, "record": record, "beside": beside}[arguments.pop("command")]
    return 0 if run(**arguments) else 1


if __name__ == "__main__":
    sys.exit(main())
