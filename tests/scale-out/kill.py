#!/usr/bin/env python3
"""Kills one of three replicas under load, by SIGKILL, and counts what clients notice.

Usage: kill.py   (in run.sh's namespace)

Several times each: without any retry; where Envoy sends on what no replica has received, so that
nothing runs twice; with Envoy's retry policy; with gRPC's own in the clients. A request counts as in
flight on the replica if it was sent before the replica's connections closed. Without any retry the
others are printed and not judged: Envoy notices a broken connection soon, but not at once, and in one
of some hundred kills requests went to the dead replica meanwhile.
Exit status: 0 all figures are within their bounds, 1 one is not.
"""
import collections
import sys
import time

from deployment import AS_SHIPPED, ENVOY, MODEL, NEVER, NOT_SENT, Deployment
from figures import exit_status, judge, machine, note
from load import Load

CLIENTS = 24
TIMES = 9
REPLICAS = 3


def kill_one(deployment: Deployment, victim: int, **load_options) -> tuple[Load, float]:
    """Returns the load, which has ended, and when the replica's connections were closed."""
    replica = deployment.replicas[victim]
    with Load(ENVOY, MODEL, CLIENTS, **load_options) as load:
        load.run_until(1000)
        replica.kill()
        closed = time.monotonic()
        load.run_until(2000)
        replica.start()
        replica.wait_ready()
        load.run_until(1000)
    deployment.wait_healthy()
    return load, closed


def check(how: str, retry_on: str | None, client_retries: bool = False):
    in_flight = beyond = wrong = 0
    slowest = 0.0
    reasons = collections.Counter()
    with Deployment(REPLICAS, retry_on) as deployment:
        for time_of in range(TIMES):
            load, closed = kill_one(deployment, time_of % REPLICAS, retries=client_retries)
            in_flight += sum(sent <= closed for sent, _ in load.failures)
            beyond += sum(sent > closed for sent, _ in load.failures)
            wrong += load.wrong
            slowest = max(slowest, load.slowest)
            reasons.update(load.reasons())
        retried = deployment.envoy_counters().get("upstream_rq_retry", 0)
    if retry_on is AS_SHIPPED or client_retries:
        judge(f"kill -9, {how}: failed requests", in_flight + beyond, "0", in_flight + beyond == 0)
    elif retry_on == NOT_SENT:
        judge(f"kill -9, {how}: failed requests that were in flight on it", in_flight,
              f"<= {CLIENTS * TIMES}", in_flight <= CLIENTS * TIMES)
        judge(f"kill -9, {how}: failed requests that were not", beyond, "0", beyond == 0)
    else:
        note(f"kill -9, {how}: failed requests: measured {in_flight} in flight on it, {beyond} others")
    judge(f"kill -9, {how}: wrong answers", wrong, "0", wrong == 0)
    note(f"{TIMES} kills, {CLIENTS} clients; {retried} retries by Envoy; slowest answer "
         f"{slowest * 1e3:.0f} ms; {dict(reasons) or 'no failures'}")


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    note(machine())
    check("no retries", NEVER)
    check("only what was not sent is sent on", NOT_SENT)
    check("Envoy retries", AS_SHIPPED)
    check("gRPC clients retry", NEVER, client_retries=True)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
