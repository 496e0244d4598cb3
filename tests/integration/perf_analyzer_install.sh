#!/usr/bin/env bash
# Installs perf_analyzer with the newer C library that it wants; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
cache="$("$root/cmake/setup.sh" --cache)"
readonly cache
# The newest on PyPI that is not the empty 0.1.0.
readonly version=2.60.0
readonly sum=23ef56b107ae9233e5cf09fbdf508dd9b936a52f1bae2f63f53c8117087b3f25
readonly target="$cache/perf-analyzer-$version"
# What its program is linked with, and what those need.
readonly -a packages=(libc6 libgcc-s1 libssl3t64 libstdc++6 libzstd1 zlib1g)
readonly keyring=/usr/share/keyrings/debian-archive-trixie-stable.gpg

usage() {
  cat <<END
Installs Triton's perf_analyzer $version for tests/integration/perf_analyzer.sh, unless it is there.

Usage: tests/integration/perf_analyzer_install.sh
       tests/integration/perf_analyzer_install.sh --folder   (only prints where it is, or would be)

Its wheel wants glibc 2.38, and Debian 12 has 2.36. So Debian 13's libraries are unpacked beside
it, where nothing else finds them: $target
The wheel comes from PyPI, checked against its SHA-256; the libraries come from the machine's own
Debian mirror, checked by apt against Debian's signature. Nothing is installed into the system.
cmake/setup.sh test-full runs this.

Exit status: 0 it is there, 1 a step failed (its message says what to do), 2 bad arguments.

Example: tests/integration/perf_analyzer_install.sh
END
}

fail() {
  printf 'perf_analyzer_install: failed: %s\n' "$@" >&2
  exit 1
}

# Unpacks the wheel into folder $1.
unpack_wheel() {
  local pip="$cache/test-python/bin/pip"
  [[ -x "$pip" ]] || fail "there is no $pip; run cmake/setup.sh test"
  "$pip" --disable-pip-version-check install -q --no-deps --no-cache-dir --only-binary=:all: \
    --platform manylinux_2_38_x86_64 --require-hashes --target "$1" \
    -r <(printf 'perf-analyzer==%s --hash=sha256:%s\n' "$version" "$sum") ||
    fail "pip could not install perf-analyzer $version; its messages are above"
}

# Unpacks the libraries into folder $1. apt gets a configuration of its own, in $2, beside the
# machine's proxy settings: neither the machine's package lists nor its sources change.
unpack_libraries() {
  local mirror deb
  mirror="$("$root/cmake/debian-mirror.sh")"
  [[ -f "$keyring" ]] || fail "$keyring is missing; upgrade the package debian-archive-keyring"
  printf 'deb [signed-by=%s] %s trixie main\n' "$keyring" "$mirror" >"$2/sources.list"
  mkdir -p "$2/lists/partial" "$2/archives/partial" "$2/debs"
  local -a apt=(apt-get -q -o "Dir::State=$2" -o "Dir::State::status=/dev/null"
    -o "Dir::State::lists=$2/lists" -o "Dir::Cache=$2" -o "Dir::Etc::SourceList=$2/sources.list"
    -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o "APT::Sandbox::User=$(id -un)")
  "${apt[@]}" update || fail "apt-get update for Debian 13 from $mirror"
  (cd "$2/debs" && "${apt[@]}" download "${packages[@]}") ||
    fail "apt-get download of ${packages[*]} from $mirror"
  for deb in "$2"/debs/*.deb; do
    dpkg-deb --extract "$deb" "$2/root"
  done
  mkdir "$1"
  cp -a "$2"/root/usr/lib/x86_64-linux-gnu/*.so* "$1"
}

# Into a folder that gets its name when all is in it.
main() {
  case "${1:-}" in
    "") ;;
    -h | --help) usage && exit 0 ;;
    --folder) printf '%s\n' "$target" && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  if [[ -d "$target" ]]; then exit 0; fi

  printf 'perf_analyzer_install: installing perf_analyzer %s into %s\n' "$version" "$target" >&2
  mkdir -p "$cache"
  local unpacked
  unpacked="$(mktemp -d "$cache/unpacking-perf.XXXXXX")"
  # shellcheck disable=SC2064 # The folder of now.
  trap "rm -rf '$unpacked'" EXIT
  mkdir "$unpacked/apt" "$unpacked/done"
  chmod 755 "$unpacked/done"
  unpack_wheel "$unpacked/done/wheel"
  unpack_libraries "$unpacked/done/lib" "$unpacked/apt"
  mv "$unpacked/done" "$target"
}

main "$@"
