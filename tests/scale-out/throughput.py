#!/usr/bin/env python3
"""Measures the throughput of 1, 2 and 4 replicas behind Envoy, and what Envoy costs.

Usage: throughput.py   (in run.sh's namespace)

Clients, Envoy and all replicas share this machine, so each replica gets a small share of a core, as by
`docker run --cpus`: what grows with their number is then the service and not the machine. Each figure
is the median of some runs of single requests, in turn with one replica without Envoy, because the
machine's speed varies. Needs root, for the control groups.
Exit status: 0 all figures are within their bounds, 1 one is not.
"""
import json
import os
import statistics
import subprocess
import sys

from deployment import BUILD, ENVOY, MODEL, Deployment
from figures import exit_status, judge, machine, note

SHARE = 0.1  # Of a core, for each replica.
RUNS = 5
SECONDS = 2
AT_ONCE = 16  # Requests, for each replica.


def bench(server: str, concurrency: int) -> dict:
    result = subprocess.run(
        [BUILD / "bin/actium", "--json", "--server", server, "bench", MODEL, "--concurrency",
         f"{concurrency}", "--duration", f"{SECONDS}"], capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"actium bench ended with {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)["measurements"][0]


def median(measurements: list[dict], value=lambda run: run["requests_per_second"]) -> float:
    return statistics.median(value(run) for run in measurements)


def p50(run: dict) -> float:
    return run["latency_ms"]["p50"]


def scaled(replicas: int) -> tuple[float, float]:
    """Requests per second of one replica without Envoy, and of all behind it, measured in turn."""
    with Deployment(replicas, cpus=SHARE) as deployment:
        direct = f"{deployment.replicas[0].address}:8001"
        runs = [(bench(direct, AT_ONCE), bench(ENVOY, AT_ONCE * replicas)) for _ in range(RUNS)]
    return median([pair[0] for pair in runs]), median([pair[1] for pair in runs])


def unlimited():
    """What Envoy adds to a request, where nothing waits."""
    with Deployment(1) as deployment:
        servers = (f"{deployment.replicas[0].address}:8001", ENVOY)
        runs = [[bench(server, 1) for server in servers] for _ in range(RUNS)]
    direct, proxied = (median([pair[i] for pair in runs], p50) for i in (0, 1))
    judge("latency that Envoy adds to a single request, p50 in ms", f"{proxied - direct:.2f}",
          "<= 1", proxied - direct <= 1)
    note(f"one request at a time, no limit: {direct:.2f} ms directly, {proxied:.2f} ms by Envoy")


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    note(machine())
    note(f"each replica has {SHARE} of a core; {AT_ONCE} requests at once for each")
    for replicas, least in ((1, 0.8), (2, 1.6), (4, 3.2)):
        direct, behind = scaled(replicas)
        judge(f"{replicas} behind Envoy against one without", f"{behind / direct:.2f}",
              f">= {least}", behind >= least * direct)
        note(f"{behind:.0f} requests/s against {direct:.0f}")
    unlimited()
    note(f"load average {os.getloadavg()[0]:.2f} at the end")
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
