#!/usr/bin/env bash
# Shows how often comparisons are right: false winners among equals, true differences found, and
# what clients notice of a comparison beside them. Each line is a measured figure with its bound.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<END
Usage: tests/compare/honesty.sh [--live]

Without --live: on simulated machines and recorded rounds, which takes seconds. With it, then also
on this machine: ten comparisons of a model with its copy while a core is loaded, and p99 of clients
with a comparison beside them (some three minutes).

Exit status: 0 all figures are within their bounds, 1 one is not, 2 bad arguments.

Example: tests/compare/honesty.sh --live
END
}

live=false
case "${1:-}" in
  -h | --help) usage && exit 0 ;;
  --live) live=true ;;
  '') ;;
  *) usage >&2 && exit 2 ;;
esac

cmake/build.sh release server.compare.honesty_test >/dev/null
failed=0
build/release/tests/server.compare.honesty_test | grep -E '^(latency|accuracy)' || failed=1
if $live; then
  cmake/build.sh release actium-server actium >/dev/null
  tests/compare/live.py equals --runs 10 || failed=1
  tests/compare/live.py beside || failed=1
fi
exit "$failed"
