#!/usr/bin/env bash
# Tests the CUDA engine on this machine's GPU, from a folder that pack.sh made; see usage() below.
# shellcheck disable=SC2317 # Stages are called by name.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly all_stages=(suites memcheck racecheck initcheck models)

usage() {
  cat <<END
Runs the CUDA engine's tests on this machine's GPU. Works in a folder that tests/gpu/pack.sh made, and
needs nothing else but the driver and Python 3.

Usage: run.sh [--dry-run] [--images N] [--logs DIR] [STAGE...]

Stages, all unless some are named:
  suites     the tests of tests/server/cuda: every kernel by itself, and models, with 200 random graphs
  memcheck, racecheck, initcheck
             the same with 20 random graphs under compute-sanitizer; skipped where it is not installed
  models     the shipped models through the server, in every precision, beside the CPU engine on the
             same images; skipped where Python's torch is not of the version in libtorch-version

  --images N   test images for the models [20000: all 10,000 in every precision]
  --dry-run    take the stand-in, which runs kernels on the CPU, instead of a GPU, with few graphs and
               images: it tries this script, and says nothing of a GPU
  --logs DIR   where logs and results go [logs, beside this script]

\$PYTHON is the Python that has torch [python3]. The last line is "N passed, N failed, N skipped".

Exit status: 0 something ran and nothing failed, 1 something failed, 2 bad arguments, 3 there is no
GPU that can be used.

Example: ./run.sh suites memcheck
END
}

say() { printf 'run: %s\n' "$*" >&2; }

# Writes the entry of one program for totals.py, which reads what ctest writes.
entry() { printf '<testcase name="%s">%s</testcase>\n' "$1" "$2" >>"$results/entries"; }

skip() {
  printf '%-44s SKIPPED: %s\n' "$1" "$2"
  entry "$1" '<skipped message="SKIP_"/>'
}

# Runs a GoogleTest program. $1: its name in the results, $2: the most seconds, then the command.
run_program() {
  local name="$1" most="$2" from=$SECONDS status=0
  shift 2
  GTEST_OUTPUT="xml:$results/$name.xml" timeout -k 10 "$most" "$@" >"$logs/$name.log" 2>&1 ||
    status=$?
  if [[ $status -eq 0 ]]; then
    printf '%-44s PASS %4d s\n' "$name" "$((SECONDS - from))"
    entry "$name" ''
  else
    printf '%-44s FAIL %4d s: exit status %d, %s\n' "$name" "$((SECONDS - from))" "$status" \
      "$logs/$name.log"
    tail -n 30 "$logs/$name.log" | cut -c 1-300
    entry "$name" '<failure/>'
  fi
}

suite_programs() { find "$here/tests" -maxdepth 1 -name 'server.cuda.*' | sort; }

stage_suites() {
  local program name
  while read -r program; do
    name="$(basename "$program")"
    # The others ask $ACTIUM_CUDA_PLUGIN for their kernels.
    if [[ -n "$dry_run" && "$name" == server.cuda.kernels_on_gpu_test ]]; then
      skip "$name" "it has kernels for a GPU in it, and the stand-in is no GPU"
    else
      ACTIUM_RANDOM_GRAPHS="$graphs" run_program "$name" 1200 env LD_LIBRARY_PATH="$carried" "$program"
    fi
  done < <(suite_programs)
}

# Where compute-sanitizer is; nothing if it is not.
find_sanitizer() {
  local file
  for file in "$(command -v compute-sanitizer || true)" "${CUDA_HOME:-/usr/local/cuda}/bin/compute-sanitizer"; do
    if [[ -x "$file" ]]; then printf '%s\n' "$file" && return; fi
  done
}

sanitize() {
  local sanitizer program name
  sanitizer="$(find_sanitizer)"
  while read -r program; do
    name="$(basename "$program").$1"
    if [[ -z "$sanitizer" ]]; then
      skip "$name" "there is no compute-sanitizer"
    elif [[ -n "$dry_run" ]]; then
      skip "$name" "the stand-in is no GPU"
    else
      # env gives the libraries to the program only; "all" follows it there.
      ACTIUM_RANDOM_GRAPHS=20 run_program "$name" 1800 \
        "$sanitizer" --target-processes all --tool "$1" --error-exitcode 86 \
        env LD_LIBRARY_PATH="$carried" "$program"
    fi
  done < <(suite_programs)
}

stage_memcheck() { sanitize memcheck; }
stage_racecheck() { sanitize racecheck; }
stage_initcheck() { sanitize initcheck; }

# Prints the folder of LibTorch's libraries of the version that the server was built with: one that is
# carried, or Python's. Nothing if there is none.
find_libtorch() {
  if [[ -f "$here/lib/libtorch_cpu.so" ]]; then printf '%s\n' "$here/lib" && return; fi
  "${PYTHON:-python3}" - "$(cat "$here/libtorch-version")" 2>/dev/null <<'END' || true
import pathlib, sys
import torch
if torch.__version__.split("+")[0] == sys.argv[1]:
    print(pathlib.Path(torch.__file__).parent / "lib")
END
}

stage_models() {
  local name=integration.cuda_models_test libtorch
  libtorch="$(find_libtorch)"
  if [[ -z "$libtorch" ]]; then
    skip "$name" "Python has no torch $(cat "$here/libtorch-version"), and LibTorch is not carried"
    return
  fi
  # LibTorch's libgomp must be the only one, so its folder goes first.
  ACTIUM_CUDA_IMAGES="$images" \
    run_program "$name" 3000 env LD_LIBRARY_PATH="$libtorch:$carried" "$here/tests/$name"
  grep -E ' (PASS|FAIL)$' "$logs/$name.log" || true
}

# Prints the GPUs; ends with 3 if there are none.
describe_gpus() {
  local devices
  if ! devices="$(LD_LIBRARY_PATH="$carried" "$here/bin/actium-gpu-runner" --plugin "$ACTIUM_CUDA_PLUGIN" --describe 2>"$logs/gpu.log")"; then
    say "there is no GPU to test on: $(cat "$logs/gpu.log")"
    printf '0 passed, 0 failed, 0 skipped\n'
    exit 3
  fi
  printf 'GPUs: %s\n' "$devices"
  head -n 1 /proc/driver/nvidia/version 2>/dev/null || true
  printf 'commit: %s\n' "$(cat "$here/commit")"
}

# For programs of ours only: Python and the machine's tools do not want our libraries. What was there
# stays behind them, since some machines find the driver by it.
carried="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
logs="$here/logs" images="" dry_run=""
stages=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    -h | --help) usage && exit 0 ;;
    --dry-run) dry_run=yes ;;
    --images) images="${2:?--images wants a number}" && shift ;;
    --logs) logs="${2:?--logs wants a folder}" && shift ;;
    -*) usage >&2 && exit 2 ;;
    *)
      if ! declare -F "stage_$1" >/dev/null; then
        printf 'run.sh: no stage %s\n' "$1" >&2
        usage >&2
        exit 2
      fi
      stages+=("$1")
      ;;
  esac
  shift
done
if [[ ${#stages[@]} -eq 0 ]]; then stages=("${all_stages[@]}"); fi
if [[ ! -f "$here/libtorch-version" ]]; then
  say "this script runs in a folder that tests/gpu/pack.sh made"
  exit 2
fi

# Results of an earlier run must not be counted.
mkdir -p "$logs"
results="$logs/test-results"
rm -rf "$results"
mkdir -p "$results"
: >"$results/entries"

export ACTIUM_CARRIED="$here"
export ACTIUM_CUDA_PLUGIN="$here/lib/libactium_cuda${dry_run:+_stand_in}.so"
graphs=200
if [[ -n "$dry_run" ]]; then
  graphs=20 images="${images:-8}"
  say "DRY RUN on the stand-in: this is no test of a GPU"
fi
images="${images:-20000}"
describe_gpus
for stage in "${stages[@]}"; do "stage_$stage"; done

{ printf '<testsuite>\n' && cat "$results/entries" && printf '</testsuite>\n'; } >"$results/ctest.xml"
status=0
"${PYTHON:-python3}" "$here/totals.py" "$logs" || status=1
exit "$status"
