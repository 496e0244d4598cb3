#!/usr/bin/env bash
# Installs what building and testing Actium needs; see usage() below.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly cache="${ACTIUM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/actium}"
readonly python=/usr/bin/python3 # Debian's, so that the pinned wheels fit whatever PATH says.

usage() {
  cat <<END
Installs what is missing to build and test Actium on Debian 12 (x86-64).

Usage: cmake/setup.sh [build|build-cuda|test|test-full|bench-engine]
       cmake/setup.sh --cache      (only prints the cache's folder)

  build      packages to build and run, and from PyPI's wheels LibTorch, oneDNN and the charts'
             JavaScript (default)
  build-cuda the same, and nvcc, which compiles the plug-in for GPUs (110 MB to fetch)
  test       the same, and what \`make test\` needs
  test-full  the same, and what \`make test-full\` needs: tools, a browser, perf_analyzer, Envoy,
             Prometheus, and Python's torch with other inference runtimes (2.4 GB to fetch, 4 GB in
             the cache)
  bench-engine
             build, and these runtimes

Debian packages (cmake/packages.txt) are installed by apt-get, through sudo unless
you are root. Wheels (cmake/wheels.lock) are fetched by pip, checked against their
SHA-256, and unpacked into a cache outside the source tree: $cache
(\$ACTIUM_CACHE, else \$XDG_CACHE_HOME/actium, else ~/.cache/actium). What is there
is not fetched again: a second run needs no network.

Exit status: 0 all there, 1 a step failed (its message says what to do), 2 bad arguments.

Example: cmake/setup.sh test
END
}

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
  printf 'setup: failed: %s\n' "$1" >&2
  if [[ $# -gt 1 ]]; then printf 'setup: %s\n' "${@:2}" >&2; fi
  exit 1
}

# Prints the packages that a tier needs: its own section of packages.txt and those before it.
packages_of() {
  awk -v tier="$1" '
    /^#|^$/ { next }
    /^\[/   { if (last) exit; last = ($0 == "[" tier "]"); next }
            { print $1 }' "$here/packages.txt"
}

missing_packages() {
  local package
  while read -r package; do
    if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
      printf '%s\n' "$package"
    fi
  done < <(packages_of "$1")
}

install_packages() {
  local -a missing as_root=()
  mapfile -t missing < <(missing_packages "$1")
  if [[ ${#missing[@]} -eq 0 ]]; then return; fi

  local command="apt-get install --no-install-recommends ${missing[*]}"
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null ||
      fail "${#missing[@]} Debian packages are missing, and there is no sudo" "run as root: $command"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  # 9>&-: a service that a package starts must not hold our lock for ever.
  "${as_root[@]}" apt-get update -q 9>&- ||
    say "apt-get update failed; trying with the package lists that are there"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" 9>&- ||
    fail "apt-get could not install the packages; its messages are above" \
      "check the network and /etc/apt/sources.list*, then run again: $command"
}

# Makes a virtual environment with pip; $1: its folder.
make_venv() {
  if [[ -f "$1/made.stamp" ]]; then return; fi
  rm -rf "$1"
  "$python" -m venv "$1" ||
    fail "$python -m venv $1" "is the Debian package python3-venv installed?"
  touch "$1/made.stamp"
}

# Prints "NAME VERSION SHA256" of the wheels in the lock file whose names match the pattern $1.
locked_wheels() { awk -v names="^($1)\$" '!/^#/ && $1 ~ names' "$here/wheels.lock"; }

# What the program is linked with, and what is embedded into it.
readonly libtorch_wheels="torch|nvidia-cuda-(runtime|cupti)" onednn_wheels="onednn-.*"
readonly chart_wheels="altair-viewer"
readonly cuda_wheels="nvidia-cuda-(nvcc|crt|cccl|cuobjdump|nvdisasm|runtime)|nvidia-nvvm"

# Prints the file in folder $1 whose SHA-256 is $2; nothing if there is none.
file_with_sum() {
  local file
  for file in "$1"/*.whl; do
    if [[ -f "$file" && "$(sha256sum "$file" | cut -d' ' -f1)" == "$2" ]]; then
      printf '%s\n' "$file"
      return
    fi
  done
}

# Fetches one wheel into folder $1, unless it is there: name $2, version $3, SHA-256 $4.
fetch_wheel() {
  local folder="$1" name="$2" version="$3" sum="$4" platform
  if [[ -n "$(file_with_sum "$folder" "$sum")" ]]; then return; fi

  local -a platforms=()
  for platform in manylinux_2_28 manylinux_2_27 manylinux_2_26 manylinux_2_25 manylinux_2_24 \
    manylinux_2_17 manylinux2014 manylinux1; do
    platforms+=(--platform "${platform}_x86_64")
  done
  say "fetching $name $version"
  make_venv "$cache/pip"
  "$cache/pip/bin/pip" --disable-pip-version-check download --no-deps --only-binary=:all: \
    --no-cache-dir --python-version 3.11 "${platforms[@]}" --dest "$folder" "$name==$version" ||
    fail "pip could not fetch $name $version; its messages are above" \
      "check the network and pip's configuration (\`pip config list\`), then run again"
  if [[ -z "$(file_with_sum "$folder" "$sum")" ]]; then
    rm -f "$folder/${name//-/_}-$version"-*.whl
    fail "$name $version, as fetched, does not have the SHA-256 in cmake/wheels.lock ($sum)" \
      "the package index gave another file; it was deleted. Run again, or fetch from PyPI itself"
  fi
}

# Unpacks wheel $2 of the name $1 into folder $3: its licences, and the part that our programs need, in
# the wheel's own layout, because LibTorch's libraries look for each other by relative paths. Its headers
# of protobuf, pybind11 and oneDNN stay out: they would hide those that the build wants. oneDNN's
# wheel has its library three times over, by three names; the one that programs look for is enough.
unpack_wheel() {
  local -a parts
  case "$1" in
    torch)
      parts=('torch/include/*' torch/lib/libtorch_cpu.so torch/lib/libc10.so torch/lib/libgomp.so.1
        -x 'torch/include/google/*' 'torch/include/pybind11/*' 'torch/include/dnnl*'
        'torch/include/oneapi/*')
      ;;
    nvidia-cuda-runtime) parts=('*/libcudart.so.13') ;;
    nvidia-cuda-cupti) parts=('*/libcupti.so.13') ;;
    onednn-cpu-gomp) parts=('*/data/lib/libdnnl.so.3' '*/data/share/doc/*') ;;
    onednn-devel-cpu-gomp)
      parts=('*/data/include/dnnl*' '*/data/include/oneapi/dnnl/*' '*/data/share/doc/*')
      ;;
    altair-viewer) parts=('altair_viewer/scripts/*.js') ;;
    *) fail "cmake/wheels.lock names $1, and setup.sh does not know what to unpack of it" ;;
  esac
  unzip -q "$2" '*.dist-info/*' "${parts[@]}" -d "$3"
}

# Unpacks the wheels $3 in folder $1 into folder $2.
unpack_wheels() {
  local name version sum
  if [[ "$3" == "$cuda_wheels" ]]; then
    unpack_cuda "$1" "$2"
    return
  fi
  while read -r name version sum; do
    unpack_wheel "$name" "$(file_with_sum "$1" "$sum")" "$2" ||
      fail "unzip of $name $version" "is the disk full? $2 needs 700 MB"
  done < <(locked_wheels "$3")
}

# Unpacks the CUDA Toolkit's wheels in folder $1 into folder $2, all of them, under the names by which
# nvcc and CMake look for a toolkit's parts.
unpack_cuda() {
  local name version sum
  while read -r name version sum; do
    unzip -q "$(file_with_sum "$1" "$sum")" '*.dist-info/*' 'nvidia/cu13/*' -d "$2" ||
      fail "unzip of $name $version" "is the disk full? $2 needs 300 MB"
  done < <(locked_wheels "$cuda_wheels")
  local cuda="$2/nvidia/cu13"
  chmod +x "$cuda"/bin/* "$cuda"/nvvm/bin/*
  ln -s lib "$cuda/lib64"
  ln -sf libcudart.so.13 "$cuda/lib/libcudart.so"
  mkdir -p "$cuda/lib/stubs"
}

# Fetches the wheels $3 and unpacks them into the cache as $1-VERSION, of the wheel $2, unless they
# are there. The stamp, written last, says which wheels a folder was unpacked from.
install_wheels() {
  local version target
  version="$(locked_wheels "$2" | cut -d' ' -f2)"
  target="$cache/$1-$version"
  if cmp -s <(locked_wheels "$3") "$target/unpacked.stamp"; then return; fi

  local wheels="$cache/wheels" unpacked name sum
  mkdir -p "$wheels"
  while read -r name version sum; do
    fetch_wheel "$wheels" "$name" "$version" "$sum"
  done < <(locked_wheels "$3")

  say "unpacking into $target"
  rm -rf "$cache"/unpacking.*
  unpacked="$(mktemp -d "$cache/unpacking.XXXXXX")"
  chmod 755 "$unpacked"
  unpack_wheels "$wheels" "$unpacked" "$3"
  locked_wheels "$3" >"$unpacked/unpacked.stamp"
  rm -rf "$target"
  mv "$unpacked" "$target"
  rm -rf "$wheels"
}

# Installs requirements into an environment of the cache, unless they are there. $1: its folder,
# $2: what they are for, $3: all of them, dependencies included, in pip's format with hashes.
install_python() {
  local venv="$cache/$1"
  if cmp -s <(printf '%s\n' "$3") "$venv/requirements.stamp"; then return; fi
  say "installing $2 into $venv"
  make_venv "$venv"
  "$venv/bin/pip" --disable-pip-version-check install -q --no-deps --no-cache-dir \
    --only-binary=:all: --require-hashes -r <(printf '%s\n' "$3") ||
    fail "pip could not install $2; its messages are above" \
      "check the network and pip's configuration (\`pip config list\`), then run again"
  printf '%s\n' "$3" >"$venv/requirements.stamp"
}

# LibTorch's wheels, what Python's torch imports, and other runtimes, as pip's requirements.
torch_requirements() {
  locked_wheels "$libtorch_wheels" | awk '{ print $1 "==" $2 " --hash=sha256:" $3 }'
  grep -E '^(ml-dtypes|numpy|packaging|protobuf|typing-extensions)==' "$here/../tests/requirements.txt"
  cat "$here/../tests/models/requirements.txt" "$here/../tests/bench/engines/requirements.txt"
}

main() {
  local tier="${1:-build}"
  case "$tier" in
    build | build-cuda | test | test-full | bench-engine) ;;
    --cache) printf '%s\n' "$cache" && exit 0 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  if [[ "$(uname -sm)" != "Linux x86_64" ]]; then
    fail "this machine is $(uname -sm); Actium's set-up knows Linux x86_64 only"
  fi
  command -v apt-get >/dev/null ||
    fail "there is no apt-get" "install what cmake/packages.txt names by hand on other systems"

  mkdir -p "$cache" || fail "the cache folder $cache cannot be made" "set ACTIUM_CACHE to another"
  # Two set-ups at once would fetch twice and unpack over each other.
  exec 9>"$cache/lock"
  if ! flock -n 9; then
    say "waiting for another set-up that runs now"
    flock 9
  fi
  if [[ "$tier" == bench-engine || "$tier" == build-cuda ]]; then install_packages build; else install_packages "$tier"; fi
  install_wheels libtorch torch "$libtorch_wheels"
  install_wheels onednn onednn-cpu-gomp "$onednn_wheels"
  install_wheels charts altair-viewer "$chart_wheels"
  if [[ "$tier" == test* || "$tier" == build-cuda ]]; then
    install_wheels cuda nvidia-cuda-nvcc "$cuda_wheels"
  fi
  if [[ "$tier" == test* ]]; then
    install_python test-python "Python clients for tests" "$(<"$here/../tests/requirements.txt")"
  fi
  if [[ "$tier" == test-full || "$tier" == bench-engine ]]; then
    install_python test-torch "Python's torch and other runtimes (2.3 GB)" "$(torch_requirements)"
  fi
  if [[ "$tier" == test-full ]]; then
    "$here/../tests/integration/perf_analyzer_install.sh"
    install_python test-envoy "Envoy" "$(<"$here/../tests/scale-out/requirements.txt")"
    "$here/../tests/scale-out/prometheus_install.sh"
  fi
  say "$tier: everything is there"
}

main "$@"
