#!/usr/bin/env bash
# Runs what deploy/compose.yaml puts together, for real, and measures it; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
readonly checks=(scrape messages kill rolling throughput)
readonly most_seconds=600 # Of one check.

usage() {
  cat <<END
Runs replicas of actium-server behind a real Envoy, by deploy/envoy/envoy.yaml, and a real Prometheus,
by deploy/prometheus/prometheus.yml. Each line is a measured figure with its bound and PASS or FAIL.

Usage: tests/scale-out/run.sh [--build DIR] [CHECK...]

  CHECK        of these, in order [all]:
    scrape       Prometheus finds and scrapes three replicas; promtool accepts our metrics
    messages     Envoy lets messages through that the server takes, and tries large ones again
    kill         one of three replicas is killed (SIGKILL) under load: what clients notice
    rolling      three replicas are restarted in turn under load: what clients notice
    throughput   1, 2 and 4 replicas, each with a tenth of a core
  --build DIR  build folder with bin/actium-server and bin/actium [build/release]

All of it runs in namespaces of its own, with nothing but a loopback device, so that no port is taken
from the machine and nothing is left behind. Needs root for that, and Envoy and Prometheus in the
cache (cmake/setup.sh test-full). Takes some six minutes; throughput wants a quiet machine.

Exit status: 0 all figures are within their bounds, 1 one is not, 2 bad arguments.

Example: sudo tests/scale-out/run.sh kill rolling
END
}

fail() {
  printf 'scale-out: failed: %s\n' "$*" >&2
  exit 1
}

# Makes a folder for control groups that limit processor time, of version 1 or 2.
make_cgroup() {
  local base=/sys/fs/cgroup
  if [[ -d $base/cpu ]]; then base=$base/cpu; fi
  ACTIUM_CGROUP="$(mktemp -d "$base/actium-scale-out.XXXXXX")" || fail "no control group in $base"
  export ACTIUM_CGROUP
  if [[ -f $base/cgroup.controllers ]]; then
    echo +cpu >"$base/cgroup.subtree_control"
    echo +cpu >"$ACTIUM_CGROUP/cgroup.subtree_control"
  fi
}

# shellcheck disable=SC2317 # The trap calls it.
clean_up() {
  rm -rf "$TMPDIR"
  find "$ACTIUM_CGROUP" -mindepth 1 -maxdepth 1 -type d -exec rmdir {} + || true
  rmdir "$ACTIUM_CGROUP" || true
}

# In the namespaces: the loopback device is all of the network, and names are asked of 127.0.0.1.
# $1: the cache's folder, $2: the check.
inside() {
  ip link set lo up
  local resolv
  resolv="$(mktemp)"
  echo "nameserver 127.0.0.1" >"$resolv"
  mount --bind "$resolv" "$(realpath /etc/resolv.conf)"
  rm "$resolv"
  exec "$1/test-python/bin/python" "$root/tests/scale-out/$2.py"
}

# Sets the environment that the checks read. $1: the build folder, $2: the cache's.
find_programs() {
  ACTIUM_BUILD="$(realpath "$1")"
  ACTIUM_ENVOY="$2/test-envoy/lib/python3.11/site-packages/envoy/_bin/envoy"
  ACTIUM_PROMETHEUS="$("$root/tests/scale-out/prometheus_install.sh" --folder)"
  export ACTIUM_BUILD ACTIUM_ENVOY ACTIUM_PROMETHEUS
  local program
  for program in "$ACTIUM_ENVOY" "$ACTIUM_PROMETHEUS/prometheus"; do
    [[ -x "$program" ]] || fail "there is no $program; run cmake/setup.sh test-full"
  done
  for program in actium-server actium; do
    [[ -x "$ACTIUM_BUILD/bin/$program" ]] || fail "there is no $1/bin/$program; build it first"
  done
}

main() {
  if [[ "${1:-}" == --inside ]]; then inside "$2" "$3"; fi
  local build="$root/build/release" cache check failed=0
  local -a wanted=()
  while [[ $# -gt 0 ]]; do
    case "$1" in
      -h | --help) usage && exit 0 ;;
      --build) build="${2:?--build needs a folder}" && shift ;;
      *)
        [[ " ${checks[*]} " == *" $1 "* ]] || { usage >&2 && exit 2; }
        wanted+=("$1")
        ;;
    esac
    shift
  done
  if [[ ${#wanted[@]} -eq 0 ]]; then wanted=("${checks[@]}"); fi

  [[ $EUID -eq 0 ]] || fail "it needs root: sudo tests/scale-out/run.sh"
  cache="$("$root/cmake/setup.sh" --cache)"
  find_programs "$build" "$cache"
  TMPDIR="$(mktemp -d)"
  export TMPDIR
  make_cgroup
  trap clean_up EXIT
  for check in "${wanted[@]}"; do
    printf '\n%s\n' "$check"
    timeout "$most_seconds" unshare --net --mount --pid --fork --kill-child --mount-proc \
      "$BASH" "${BASH_SOURCE[0]}" --inside "$cache" "$check" || failed=1
  done
  exit "$failed"
}

main "$@"
