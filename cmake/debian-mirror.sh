#!/usr/bin/env bash
# Prints the mirror of Debian that this machine's apt uses; see usage() below.
set -euo pipefail

usage() {
  cat <<END
Prints the URI of the mirror from which this machine's apt takes Debian 12's main archive.

Usage: cmake/debian-mirror.sh

Exit status: 0 printed, 1 apt has no such source, 2 bad arguments.

Example: debootstrap bookworm /var/tmp/debian "\$(cmake/debian-mirror.sh)"
END
}

case "${1:-}" in
  "") ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

# shellcheck disable=SC2016 # apt's own placeholders.
uri="$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
  awk '$2 == "bookworm" && $3 == "main" && !found { print $1; found = 1 }')"
if [[ -z "$uri" ]]; then
  printf 'debian-mirror: no source of Debian bookworm in /etc/apt; add one\n' >&2
  exit 1
fi
printf '%s\n' "$uri"
