#!/usr/bin/env bash
# Installs Prometheus without its service; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
target="$("$root/cmake/setup.sh" --cache)/prometheus"
readonly root target

usage() {
  cat <<END
Unpacks Debian's prometheus and promtool for tests/scale-out, unless they are there, into
$target

The package is not installed into the system, where it would start a service on port 9090. It comes
from the machine's own Debian mirror, checked by apt against Debian's signature. cmake/setup.sh
test-full runs this.

Usage: tests/scale-out/prometheus_install.sh
       tests/scale-out/prometheus_install.sh --folder   (only prints where the programs are to be)

Exit status: 0 they are there, 1 a step failed (its message says what to do), 2 bad arguments.

Example: tests/scale-out/prometheus_install.sh
END
}

fail() {
  printf 'prometheus_install: failed: %s\n' "$@" >&2
  exit 1
}

case "${1:-}" in
  "") ;;
  -h | --help) usage && exit 0 ;;
  --folder) printf '%s\n' "$target/usr/bin" && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac
if [[ -d "$target" ]]; then exit 0; fi

printf 'prometheus_install: unpacking into %s\n' "$target" >&2
mkdir -p "${target%/*}"
unpacked="$(mktemp -d "${target%/*}/unpacking-prometheus.XXXXXX")"
trap 'rm -rf "$unpacked"' EXIT
chmod 755 "$unpacked"
cd "$unpacked"
apt-get -q download -o "APT::Sandbox::User=$(id -un)" prometheus ||
  fail "apt-get could not fetch the package prometheus" "run apt-get update, then again"
dpkg-deb --extract prometheus_*.deb "$unpacked/done"
mv "$unpacked/done" "$target"
