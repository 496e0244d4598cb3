#!/usr/bin/env bash
# Puts what tests and measures the CUDA engine into one folder; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
readonly build="$root/build/gpu"
readonly most_megabytes=64 # Of the archive, without LibTorch.

usage() {
  cat <<END
Builds the CUDA plug-in for every kind of GPU, its tests, the server and the measuring programs in
build/gpu, and puts them into one folder that another machine can use: run.sh and bench.sh there.

Usage: tests/gpu/pack.sh [--archive FILE] [--with-libtorch] [--no-graphs] [FOLDER]

  FOLDER           where to put it; what an earlier run left there is replaced [build/gpu-suite]
  --archive FILE   write it as a .tar.xz, too; more than $most_megabytes MiB without LibTorch are an error
  --with-libtorch  LibTorch's CPU library as well, for machines whose Python has no torch of the same
                   version (120 MB more in the archive)
  --no-graphs      leave out the graphs of the measured networks, which need Python's torch here
                   (cmake/setup.sh bench-engine); bench.sh then wants LibTorch there

Needs what cmake/setup.sh build-cuda installs. That machine needs the driver, glibc 2.36 and
libstdc++ of gcc 12 or newer, bash, and Python 3.

Exit status: 0 packed, 1 a step failed or the archive is too large, 2 bad arguments.

Example: tests/gpu/pack.sh --archive build/gpu-suite.tar.xz
END
}

say() { printf 'pack: %s\n' "$*" >&2; }

fail() {
  say "failed: $*"
  exit 1
}

# Names of the test programs that run on a GPU: the one that has the kernels in it, and those of
# tests/server/cuda that run on $ACTIUM_CUDA_PLUGIN, which is what those do that make models by
# cuda_model_of.h. All others run on the stand-in that is linked into them, and would be counted as passed
# on a GPU that they never saw.
test_programs() {
  local source
  for source in "$root"/tests/server/cuda/*_test.cc; do
    if grep -q '"tests/server/cuda/cuda_model_of.h"' "$source"; then
      printf 'server.cuda.%s\n' "$(basename "$source" .cc)"
    fi
  done
  printf 'server.cuda.kernels_on_gpu_test\nintegration.cuda_models_test\n'
}

build_all() {
  local -a tests
  mapfile -t tests < <(test_programs)
  "$root/cmake/build.sh" gpu actium_cuda actium_cuda_stand_in "${tests[@]}" "${programs[@]}"
}

# Prints the libraries that files need, one path a line, but what every machine has.
libraries_of() {
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -vE '/(ld-linux-x86-64|lib(c|m|pthread|dl|rt|util|resolv|gcc_s|stdc\+\+))\.so'
}

is_libtorch() { [[ "$1" =~ /lib(torch_cpu|c10|cudart|cupti)\.so ]]; }

copy_libraries() {
  local library
  while read -r library; do
    if is_libtorch "$library" && [[ -z "$with_libtorch" ]]; then continue; fi
    cp -L "$library" "$folder/lib/"
  done < <(libraries_of "$folder"/bin/* "$folder"/tests/*.* "$folder"/lib/*.so)
  find "$folder"/bin "$folder"/lib "$folder"/tests -maxdepth 1 -type f -exec strip --strip-unneeded {} +
}

# Whether every program would find its libraries in the folder, on a machine that has none of them. By
# name: programs name folders of this machine (rpath), which go before LD_LIBRARY_PATH where they exist.
check_libraries() {
  local library stray=0
  while read -r library; do
    if [[ -f "$folder/lib/${library##*/}" ]] || is_libtorch "$library"; then continue; fi
    say "not carried: $library"
    stray=1
  done < <(LD_LIBRARY_PATH="$folder/lib" libraries_of "$folder"/bin/* "$folder"/tests/*.*)
  [[ $stray -eq 0 ]] || fail "libraries are missing in the folder"
}

copy_programs() {
  local test
  mkdir -p "$folder"/{bin,lib,tests}
  cp "${programs[@]/#/$build/bin/}" "$folder/bin/"
  cp "$build"/lib/libactium_cuda{,_stand_in}.so "$folder/lib/"
  for test in $(test_programs); do cp "$build/tests/$test" "$folder/tests/"; done
}

# Where CarriedOr() of tests/support/carried.h looks for them.
copy_data() {
  mkdir -p "$folder"/{models,fashion-mnist}
  cp -r "$root/models/repository" "$folder/models/"
  cp /usr/share/datasets/fashion-mnist/t10k-* "$folder/fashion-mnist/"
}

copy_scripts() {
  mkdir -p "$folder"/tests/{bench/engines,bench/gpu,support}
  cp "$root"/tests/gpu/{run,bench}.sh "$root/tests/totals.py" "$folder/"
  cp "$root"/tests/bench/engines/{answering,networks}.py "$folder/tests/bench/engines/"
  cp "$root"/tests/bench/gpu/*.py "$folder/tests/bench/gpu/"
  cp "$root/tests/support/torch_networks.py" "$folder/tests/support/"
  awk '$1 == "torch" { print $2 }' "$root/cmake/wheels.lock" >"$folder/libtorch-version"
  git -C "$root" describe --always --dirty --abbrev=12 >"$folder/commit"
}

make_graphs() {
  if [[ -n "$no_graphs" ]]; then return; fi
  local python
  python="$("$root/cmake/setup.sh" --cache)/test-torch/bin/python"
  [[ -x "$python" ]] || fail "there is no $python: run cmake/setup.sh bench-engine, or --no-graphs"
  "$python" "$root/tests/bench/gpu/make_graphs.py" --export "$build/bin/actium-export-graph" \
    "$folder/graphs"
}

write_archive() {
  if [[ -z "$archive" ]]; then return; fi
  XZ_OPT=-T0 tar -C "$(dirname "$folder")" -cJf "$archive" "$(basename "$folder")"
  local bytes
  bytes="$(stat -c %s "$archive")"
  say "$archive: $bytes bytes, $((bytes / 1024 / 1024)) MiB"
  if [[ -z "$with_libtorch" && $bytes -gt $((most_megabytes * 1024 * 1024)) ]]; then
    fail "the archive is larger than $most_megabytes MiB"
  fi
}

readonly programs=(actium-server actium actium-gpu-runner actium-export-graph actium-gpu-bench
  actium-gpu-bench-stand-in)
folder="$root/build/gpu-suite" archive="" with_libtorch="" no_graphs=""
while [[ $# -gt 0 ]]; do
  case "$1" in
    -h | --help) usage && exit 0 ;;
    --archive) archive="${2:?--archive wants a file}" && shift ;;
    --with-libtorch) with_libtorch=yes ;;
    --no-graphs) no_graphs=yes ;;
    -*) usage >&2 && exit 2 ;;
    *) folder="$1" ;;
  esac
  shift
done
if [[ -e "$folder" && ! -f "$folder/commit" ]]; then
  fail "$folder is there, and no folder of this script's"
fi

build_all
rm -rf "$folder"
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
copy_scripts
copy_programs
copy_libraries
check_libraries
copy_data
make_graphs
say "$folder: $(du -sm "$folder" | cut -f1) MB, for GPUs $(
  sed -n 's/^ACTIUM_CUDA_ARCHITECTURES:[A-Z]*=//p' "$build/CMakeCache.txt")"
write_archive
