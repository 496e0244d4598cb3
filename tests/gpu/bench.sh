#!/usr/bin/env bash
# Measures the CUDA engine on this machine's GPU, from a folder that pack.sh made; see usage() below.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here

usage() {
  cat <<END
Measures the CUDA engine on this machine's GPU: the pointwise kernel beside copies of the same memory,
then whole networks beside PyTorch and, where it is there, ONNX Runtime. Works in a folder that
tests/gpu/pack.sh made; needs the driver and a Python with numpy and torch, and torchvision for the
ResNets (\$PYTHON [python3]).

Usage: bench.sh [--dry-run] [--results DIR] [bandwidth|models [OPTION...]]

  bandwidth, models  only this part; OPTIONs are for bench_models.py (--help there)
  --results DIR      where the JSON files go [results, beside this script]
  --dry-run          the stand-in instead of a GPU: no figures, nothing is written

Outputs are compared with the peers' where Python's torch is of the version in libtorch-version, or
LibTorch is carried. Prints PASS or FAIL for each bound. The GPU must be idle otherwise.

All networks take long: torch.compile tunes each one for each precision, activation and batch size.
Where a GPU is lent for minutes, take the second example; --peers leaves engines out.

Exit status: 0 measured, all bounds are kept; 1 one is not, or something failed; 2 bad arguments; 3
there is no GPU to measure.

Examples: ./bench.sh
          ./bench.sh models --networks shipped --precisions fp16 --batches 1,8 \\
            --activations relu,mish --rounds 3
END
}

bandwidth() {
  local -a command=("$here/bin/actium-gpu-bench" --json "$results/gpu-bandwidth-$(date -I).json")
  if [[ -n "$dry_run" ]]; then command=("$here/bin/actium-gpu-bench-stand-in" --dry-run); fi
  # As in run.sh.
  LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "${command[@]}"
}

# As in run.sh.
find_libtorch() {
  if [[ -f "$here/lib/libtorch_cpu.so" ]]; then printf '%s\n' "$here/lib" && return; fi
  "$python" - "$(cat "$here/libtorch-version")" 2>/dev/null <<'END' || true
import pathlib, sys
import torch
if torch.__version__.split("+")[0] == sys.argv[1]:
    print(pathlib.Path(torch.__file__).parent / "lib")
END
}

models() {
  local libtorch
  local -a command=("$python" "$here/tests/bench/gpu/bench_models.py" --here "$here")
  libtorch="$(find_libtorch)"
  if [[ -n "$libtorch" ]]; then command+=(--libtorch "$libtorch"); fi
  if [[ -n "$dry_run" ]]; then
    # torch.compile and ONNX Runtime have no CPU side here worth the minutes.
    command+=(--dry-run --networks shipped --precisions "fp32,bf16" --activations "relu,mish"
      --batches "1,8" --peers "torch-eager,torchscript")
  else
    command+=(--json "$results/gpu-models-$(date -I).json")
  fi
  "${command[@]}" "$@"
}

readonly python="${PYTHON:-python3}"
results="$here/results" dry_run="" part=""
while [[ $# -gt 0 ]]; do
  case "$1" in
    -h | --help) usage && exit 0 ;;
    --dry-run) dry_run=yes ;;
    --results) results="${2:?--results wants a folder}" && shift ;;
    bandwidth | models) part="$1" && shift && break ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
if [[ ! -f "$here/libtorch-version" ]]; then
  printf 'bench: this script runs in a folder that tests/gpu/pack.sh made\n' >&2
  exit 2
fi
if [[ -z "$dry_run" ]]; then mkdir -p "$results"; fi

# The second part runs whatever the first one gives, unless there is no GPU.
status=0
if [[ "$part" != models ]]; then bandwidth || status=$?; fi
if [[ "$part" != bandwidth && $status -ne 3 ]]; then models "$@" || status=$?; fi
exit "$status"
