#!/usr/bin/env bash
# Runs Triton's perf_analyzer, unmodified, against actium-server; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
readonly logs="$root/build/test-logs"
work="$(mktemp -d)"
readonly work
server="" # Its process, while it runs.
readonly concurrency=1:9:4 # First, last, step: three measurements.
readonly measurements=3

usage() {
  cat <<END
Runs Triton's perf_analyzer, unmodified, over gRPC against actium-server with the shipped models,
and prints its throughput. It proves compatibility: numbers of such short runs are rough.

Usage: tests/integration/perf_analyzer.sh [BUILD [MODEL]]

  BUILD  build folder with bin/actium-server and bin/actium [build/release]
  MODEL  one of models/repository [relu]

Needs perf_analyzer in the cache (cmake/setup.sh test-full). The server listens on a free port of
127.0.0.1; perf_analyzer's output and the server's log are in build/test-logs/perf_analyzer*.log.

Exit status: 0 every measurement succeeded, 1 one failed or had no requests, 2 bad arguments.

Example: tests/integration/perf_analyzer.sh build/release mish
END
}

fail() {
  printf 'perf_analyzer: failed: %s\n' "$@" >&2
  exit 1
}

clean_up() {
  if [[ -n "$server" ]]; then kill -9 "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap clean_up EXIT

# Starts the server of build folder $1, waits until it is ready, and sets `server` to its process.
# Its address is then in $work/port.
start_server() {
  "$1/bin/actium-server" --model-repository "$root/models/repository" --grpc-address 127.0.0.1 \
    --grpc-port 0 --port-file "$work/port" --allow-http=false --allow-metrics=false \
    >"$logs/perf_analyzer_server.log" 2>&1 &
  server=$!
  local deadline=$((SECONDS + 120))
  until [[ -s "$work/port" ]] &&
    "$1/bin/actium" --server "$(<"$work/port")" health >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || fail "the server ended; see $logs/perf_analyzer_server.log"
    ((SECONDS < deadline)) || fail "the server is not ready after 120 s"
    sleep 0.1
  done
}

# Measures model $1 with the perf_analyzer in folder $2 into the CSV file $3. Windows of 1 s and half
# as much deviation: we look for answers, not for numbers.
measure() {
  local lib="$2/lib" bin="$2/wheel/perf_analyzer/bin/perf_analyzer"
  "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$bin" -m "$1" -i grpc -u "$(<"$work/port")" \
    --concurrency-range "$concurrency" --input-data random --measurement-interval 1000 \
    --stability-percentage 50 -f "$3" >"$logs/perf_analyzer.log" 2>&1
}

# Prints nothing if all measurements of the CSV file $1 had answers, else what is wrong.
# Columns: concurrency, inferences per second, and more.
complaint() {
  awk -F, -v wanted="$measurements" '
    NR == 1 { next }
            { ++n }
    $2 <= 0 { print "no inferences at concurrency " $1 }
    END     { if (n != wanted) print n + 0 " measurements instead of " wanted }' "$1"
}

main() {
  case "${1:-}" in
    -h | --help) usage && exit 0 ;;
    -*) usage >&2 && exit 2 ;;
  esac
  if [[ $# -gt 2 ]]; then usage >&2 && exit 2; fi
  local build="${1:-$root/build/release}" model="${2:-relu}"
  local installed
  installed="$("$root/tests/integration/perf_analyzer_install.sh" --folder)"
  [[ -d "$installed" ]] || fail "there is no $installed; run cmake/setup.sh test-full"
  [[ -d "$root/models/repository/$model" ]] || fail "there is no models/repository/$model"
  [[ -x "$build/bin/actium-server" ]] || fail "there is no $build/bin/actium-server; build it first"
  mkdir -p "$logs"

  start_server "$build"
  measure "$model" "$installed" "$work/result.csv" || {
    tail -n 20 "$logs/perf_analyzer.log" >&2
    fail "perf_analyzer did; its last lines are above"
  }
  grep '^Concurrency: ' "$logs/perf_analyzer.log"
  local wrong
  wrong="$(complaint "$work/result.csv")"
  [[ -z "$wrong" ]] || fail "$wrong; see $logs/perf_analyzer.log"

  kill "$server"
  wait "$server" || fail "the server ended with $?; see $logs/perf_analyzer_server.log"
  server=""
}

main "$@"
