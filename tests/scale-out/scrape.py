#!/usr/bin/env python3
"""Has a real Prometheus scrape three replicas by deploy/prometheus/prometheus.yml, unchanged.

Usage: scrape.py   (in run.sh's namespace)

promtool must accept that file and our metrics. Triton's names (nv_*) are left out of that: they break
promtool's rules (no _total, microseconds) and stay as they are, so that Triton's dashboards work.
Exit status: 0 all figures are within their bounds, 1 one is not.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

from deployment import ENVOY, MODEL, PROMETHEUS, ROOT, Deployment, get, wait_until
from figures import exit_status, judge, note
from load import Load

BIN = pathlib.Path(os.environ["ACTIUM_PROMETHEUS"])
CONFIG = ROOT / "deploy/prometheus/prometheus.yml"
REPLICAS = 3


def query(expression: str) -> dict[str, float]:
    """An instant query's values by instance, "" where there is none."""
    status, body = get(f"{PROMETHEUS}/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
    if status != 200:
        return {}
    return {entry["metric"].get("instance", ""): float(entry["value"][1])
            for entry in json.loads(body)["data"]["result"]}


def check_config():
    result = subprocess.run([BIN / "promtool", "check", "config", CONFIG], capture_output=True,
                            text=True)
    judge("promtool check config", f"exit status {result.returncode}", "0", result.returncode == 0)
    if result.returncode:
        note(result.stdout + result.stderr)


def check_names(page: str):
    """That the docs have all names, and promtool on those that are ours."""
    ours = [line for line in page.splitlines()
            if line.removeprefix("# HELP ").removeprefix("# TYPE ").startswith("actium_")]
    names = {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE ")}
    told = set(re.findall(r"`((?:nv|actium)_\w+)`", (ROOT / "docs/operating.md").read_text()))
    judge("names on either the page or docs/operating.md only", sorted(names ^ told), "[]",
          names == told)
    others = {name.split("_")[0] for name in names} - {"actium"}
    judge("metrics that are neither ours nor Triton's", sorted(others - {"nv"}), "[]",
          others <= {"nv"})
    result = subprocess.run([BIN / "promtool", "check", "metrics"], input="\n".join(ours) + "\n",
                            capture_output=True, text=True)
    judge(f"promtool check metrics, {sum(name.startswith('actium_') for name in names)} names",
          f"exit status {result.returncode}", "0", result.returncode == 0)
    if result.returncode:
        note(result.stdout + result.stderr)


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    check_config()
    with Deployment(REPLICAS) as deployment:
        prometheus = deployment.run("prometheus", [
            BIN / "prometheus", f"--config.file={CONFIG}", "--web.listen-address=127.0.0.1:9090",
            f"--storage.tsdb.path={deployment.folder}/prometheus"])
        with Load(ENVOY, MODEL, clients=8) as load:
            load.run_until(2000)
        check_names(get(f"http://{deployment.replicas[0].address}:8002/metrics")[1])
        counter = f'sum(nv_inference_request_success{{model="{MODEL}"}})'
        try:
            wait_until(lambda: query(counter).get("") == load.answered, "all is scraped",
                       timeout=60, process=prometheus)
        except RuntimeError as error:
            note(f"{error}\n{deployment.log('prometheus')}")
        up = query('up{job="actium"}')
        judge("targets that are up", sum(up.values()), REPLICAS, sum(up.values()) == REPLICAS)
        judge("requests that Prometheus counts", query(counter).get(""), f"{load.answered}",
              query(counter).get("") == load.answered)
        used = query(f'nv_inference_request_success{{model="{MODEL}"}} > 0')
        judge("replicas that answered some of them", len(used), REPLICAS, len(used) == REPLICAS)
        quantile = query('histogram_quantile(0.99, sum by (le) (actium_request_stage_seconds_bucket'
                         '{stage="total"}))').get("", 0)
        judge("99 % of the requests took, s, by the histogram", f"{quantile:.4f}", "in (0, 10]",
              0 < quantile <= 10)
        ready = query("sum(actium_server_ready)").get("")
        judge("replicas that say that they are ready", ready, REPLICAS, ready == REPLICAS)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
