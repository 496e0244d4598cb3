#!/usr/bin/env bash
# Fuzzes each target; see usage() below.
set -euo pipefail

usage() {
  cat <<'END'
Builds the fuzz targets with clang and runs each for a while, under ASan and UBSan.

Usage: tests/fuzz/run.sh [SECONDS]     per target [60]

Starts from tests/fuzz/corpus/<target>; what is new is kept in build/fuzz/corpus/<target>.
An input that fails is written to build/fuzz/found and named: add it to the corpus, which
every `make test` replays.

Exit status: 0 nothing found, 1 a target failed, 2 bad arguments.
END
}

case "${1:-60}" in
  -h | --help) usage && exit 0 ;;
  *[!0-9]*) usage >&2 && exit 2 ;;
esac
seconds="${1:-60}"

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t targets < <(find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -printf '%f\n' | sort)
cmake/build.sh fuzz "${targets[@]/#/fuzz.}"

failed=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target" build/fuzz/found
  printf '\nfuzzing %s for %s s\n' "$target" "$seconds"
  "build/fuzz/bin/fuzz.$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target-" \
    "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" || failed=1
done
exit "$failed"
