#!/usr/bin/env bash
# Does on a bare Debian 12 what a stranger would do; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly root
readonly user=stranger

usage() {
  cat <<END
Makes a bare Debian 12 in a folder, clones this repository's HEAD into it, and runs
make there as a user with sudo, an empty cache and nothing but git, make and sudo.

Usage: tests/fresh-machine.sh [--folder DIR] [--keep] [TARGET...]

  TARGET...     make targets, in order [demo demo test]
  --folder DIR  where to make it [a new folder in /var/tmp]; needs 12 GB
  --keep        do not delete it at the end

Needs root (chroot) and debootstrap. The mirror and apt's proxy are those of this
machine's apt, and pip's configuration and the CA certificates are this machine's too.

Prints each target's wall time. Logs: build/test-logs/fresh-<n>-<target>.log.
Exit status: 0 all targets succeeded, 1 one failed, 2 bad arguments.

Example: sudo tests/fresh-machine.sh demo
END
}

say() { printf 'fresh-machine: %s\n' "$*" >&2; }

fail() {
  say "failed: $*"
  exit 1
}

make_debian() {
  local from
  from="$("$root/cmake/debian-mirror.sh")"
  say "making Debian 12 in $folder"
  debootstrap --variant=minbase --include=ca-certificates,git,make,sudo bookworm "$folder" "$from" \
    >"$logs/fresh-debootstrap.log" 2>&1 ||
    fail "debootstrap; see $logs/fresh-debootstrap.log"
}

# How this machine reaches the network, without which nothing can be fetched from inside.
configure_network() {
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
    if [[ -f "$file" ]]; then cp -L "$file" "$folder$file"; fi
  done
  apt-config dump | grep -iE '^Acquire::https?::' >"$folder/etc/apt/apt.conf.d/90machine" || true
  { env | grep -E '^(PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|CERT|DEFAULT_TIMEOUT)|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)=' ||
    true; } >"$folder/etc/environment"
}

add_user() {
  chroot "$folder" useradd --create-home --shell /bin/bash "$user"
  printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$user" >"$folder/etc/sudoers.d/$user"
  git -c advice.detachedHead=false clone --quiet --no-local "$root" "$folder/home/$user/actium"
  chroot "$folder" chown -R "$user:" "/home/$user"
  if [[ -n "$(git -C "$root" status --porcelain)" ]]; then
    say "note: changes that are not committed are not in the clone"
  fi
}

# Runs `make $1` inside, as the user. The mounts live in a namespace of their own, so that they are
# gone when it ends, whatever happens, and before anything is deleted.
run_make() {
  # shellcheck disable=SC2016 # Expanded by the inner shell.
  unshare --mount --propagation private -- bash -euc '
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/run"
    exec chroot "$1" su - "$2" -c "make -C actium $3"' _ "$folder" "$user" "$1" </dev/null
}

main() {
  local keep=0 folder=""
  local -a targets=()
  while [[ $# -gt 0 ]]; do
    case "$1" in
      -h | --help) usage && exit 0 ;;
      --keep) keep=1 ;;
      --folder) folder="${2:?--folder needs a folder}" && shift ;;
      -*) usage >&2 && exit 2 ;;
      *) targets+=("$1") ;;
    esac
    shift
  done
  if [[ ${#targets[@]} -eq 0 ]]; then targets=(demo demo test); fi
  [[ $EUID -eq 0 ]] || fail "it needs root for debootstrap and chroot: sudo tests/fresh-machine.sh"
  command -v debootstrap >/dev/null || fail "debootstrap is missing: cmake/setup.sh test-full"

  local logs="$root/build/test-logs"
  mkdir -p "$logs"
  if [[ -z "$folder" ]]; then folder="$(mktemp -d /var/tmp/actium-fresh.XXXXXX)"; fi
  # shellcheck disable=SC2064 # The folder of now.
  if [[ $keep -eq 0 ]]; then trap "rm -rf --one-file-system '$folder'" EXIT; fi

  make_debian
  chmod 755 "$folder"  # It becomes /, which mktemp would keep from everybody but root.
  configure_network
  add_user

  local target n=0 from failed=0 table=""
  for target in "${targets[@]}"; do
    n=$((n + 1)) from=$SECONDS
    local log="$logs/fresh-$n-$target.log" result=passed
    say "make $target ($log)"
    run_make "$target" >"$log" 2>&1 || result=FAILED failed=1
    if [[ $result == FAILED ]]; then tail -n 60 "$log"; fi
    table+="$(printf '  make %-10s %-7s %5d s' "$target" "$result" "$((SECONDS - from))")"$'\n'
  done
  printf '\nbare Debian 12, %s processors:\n%s' "$(nproc)" "$table"
  exit "$failed"
}

main "$@"
