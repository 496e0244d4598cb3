#!/usr/bin/env bash
# Configures and builds a preset; see usage() below.
set -euo pipefail

usage() {
  cat <<'END'
Configures a preset of CMakePresets.json and builds it with Ninja and ccache.

Usage: cmake/build.sh PRESET [TARGET...]

Builds everything unless targets are named, with as many jobs as there are
processors, but no more than one per 2 GiB of memory ($JOBS overrides).

Exit status: that of cmake or ninja; 2 bad arguments.

Example: cmake/build.sh release actium-server actium
END
}

# One job per processor; a file that includes LibTorch takes more than 1 GiB to compile.
default_jobs() {
  local by_memory
  by_memory="$(awk '/^MemTotal:/ { print int($2 / (2 * 1024 * 1024)) }' /proc/meminfo)"
  printf '%s\n%s\n' "$(nproc)" "$((by_memory < 1 ? 1 : by_memory))" | sort -n | head -n 1
}

case "${1:-}" in
  -h | --help) usage && exit 0 ;;
  "" | -*) usage >&2 && exit 2 ;;
esac
preset="$1"
shift

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
# Hits across clones and build folders: paths are made relative to the source tree.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
# A precompiled header is cached only if its defines and the time macros are trusted.
export CCACHE_SLOPPINESS=pch_defines,time_macros

# Two builds in one folder at once would write over each other.
mkdir -p "build/$preset"
exec 9>"build/$preset/build.lock"
if ! flock -n 9; then
  printf 'build: waiting for another build of %s\n' "$preset" >&2
  flock 9
fi
cmake --preset "$preset" --log-level=WARNING
exec ninja -C "build/$preset" -j "${JOBS:-$(default_jobs)}" "$@"
