#!/usr/bin/env python3
"""Measures the throughput of 1, 2 and 4 replicas behind Envoy, and what Envoy costs.

Usage: throughput.py   (in run.sh's namespace)

Clients, Envoy and all replicas share this machine, so each replica gets a small share of a core, as by
`docker run --cpus`: what grows with their number is then the service and not the machine. Each figure
is the median of some runs in turn, of single requests. Needs root, for the control groups.
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
RUNS = 3
SECONDS = 3
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


def scaled() -> dict[int, float]:
    """Requests per second by the number of replicas, 0: a single one without Envoy."""
    rates = {}
    for replicas in (1, 2, 4):
        with Deployment(replicas, cpus=SHARE) as deployment:
            direct = f"{deployment.replicas[0].address}:8001"
            runs: dict[str, list[dict]] = {direct: [], ENVOY: []}
            for _ in range(RUNS):
                if replicas == 1:
                    runs[direct].append(bench(direct, AT_ONCE))
                runs[ENVOY].append(bench(ENVOY, AT_ONCE * replicas))
            if replicas == 1:
                rates[0] = median(runs[direct])
            rates[replicas] = median(runs[ENVOY])
    return rates


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
    rates = scaled()
    note(f"each replica has {SHARE} of a core; {AT_ONCE} requests at once for each")
    note(f"1 replica without Envoy: {rates[0]:.0f} requests/s")
    for replicas in (1, 2, 4):
        note(f"{replicas} behind Envoy: {rates[replicas]:.0f} requests/s")
    judge("one replica, Envoy against directly", f"{rates[1] / rates[0]:.2f}", ">= 0.9",
          rates[1] >= 0.9 * rates[0])
    for replicas, least in ((2, 1.6), (4, 3.2)):
        judge(f"{replicas} replicas against one", f"{rates[replicas] / rates[1]:.2f}", f">= {least}",
              rates[replicas] >= least * rates[1])
    unlimited()
    note(f"load average {os.getloadavg()[0]:.2f} at the end")
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
