#!/usr/bin/env python3
"""Restarts three replicas one after the other under load, adds one and takes one away, and counts what
clients notice.

Usage: rolling.py   (in run.sh's namespace)

Each is told to end (SIGTERM), started again when its process has ended, and awaited (/readyz); the next
follows at once. Without any retry the failures are printed and not judged: a replica refuses requests
from the signal on, and Envoy learns of it by the next health check.
Exit status: 0 all figures are within their bounds, 1 one is not.
"""
import sys
import time

from deployment import AS_SHIPPED, ENVOY, MODEL, NEVER, Deployment
from figures import exit_status, judge, machine, note
from load import Load

CLIENTS = 24
REPLICAS = 3
DIRECTLY = "dns:///server:8001"  # All replicas, by the name server.


def roll(how: str, target: str, retry_on: str | None, **load_options):
    clean = 0
    with Deployment(REPLICAS, retry_on) as deployment:
        with Load(target, MODEL, CLIENTS, **load_options) as load:
            for replica in deployment.replicas:
                load.run_until(500)
                clean += int(replica.terminate() == 0)
                replica.start()
                replica.wait_ready()
            load.run_until(500)
        retried = deployment.envoy_counters().get("upstream_rq_retry", 0)
    failed = len(load.failures)
    judge(f"rolling restart, {how}: replicas that answered all they had accepted", clean, REPLICAS,
          clean == REPLICAS)
    if retry_on is AS_SHIPPED or load_options:
        judge(f"rolling restart, {how}: failed requests", failed, "0", failed == 0)
    else:
        note(f"rolling restart, {how}: failed requests: measured {failed}")
    judge(f"rolling restart, {how}: wrong answers", load.wrong, "0", load.wrong == 0)
    note(f"{load.answered} answers; {retried} retries by Envoy; slowest "
         f"{load.slowest * 1e3:.0f} ms; {load.reasons() or 'no failures'}")


def scale():
    """As by `docker compose up --scale` while clients ask."""
    with Deployment(REPLICAS) as deployment:
        with Load(ENVOY, MODEL, CLIENTS) as load:
            load.run_until(500)
            deployment.add()
            ready = time.monotonic()
            deployment.wait_healthy()
            found = time.monotonic() - ready
            clean = deployment.remove_first() == 0
            load.run_until(500)
            deployment.wait_healthy()
    judge("a fourth replica, seconds from ready to its first requests", f"{found:.1f}", "<= 5",
          found <= 5)
    judge("a replica that goes, having answered all it had accepted", clean, True, clean)
    judge("both: failed requests", len(load.failures), "0", not load.failures)
    note(load.reasons() or "no failures")


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    note(machine())
    roll("no retries", ENVOY, NEVER)
    roll("Envoy retries", ENVOY, AS_SHIPPED)
    roll("gRPC clients retry", ENVOY, NEVER, retries=True)
    roll("gRPC clients balance and retry, no Envoy", DIRECTLY, NEVER, retries=True,
         balance=True)
    scale()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
