#!/usr/bin/env bash
# Builds the image without a Docker engine and uses it as a stranger would; see usage() below.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly root
readonly most_megabytes=250 # Of the compressed layers together.
readonly most_minutes=15    # Of everything, from nothing.
readonly ends=20            # Under load.
targets="$(sed -n 's/^FROM .* AS //p' "$root/Dockerfile" | grep -Evx 'build(-gpu)?|serve' | xargs)"
readonly targets

usage() {
  cat <<END
Builds the Dockerfile of HEAD on a bare Debian 12 that it makes itself, and runs the image as a user
without rights on a file system that it cannot write: predictions of real images, health, metrics, a
comparison, and an end under load. Prints sizes, and a line with PASS or FAIL for each check.

Usage: deploy/test-image.sh [--folder DIR] [--keep] [TARGET]

  TARGET        target of the Dockerfile, of $targets [cpu]; test is built and not run
  --folder DIR  where to work [a new folder in /var/tmp]; needs 15 GB. Layers that an earlier run with
                --keep left there are used again
  --keep        do not delete it at the end

Needs root, buildah, debootstrap, and the test environment of cmake/setup.sh test. The image runs by
podman and runc with a read-only file system, without any capability and without new privileges; where
the kernel forbids that, or there is no podman, by buildah's chroot isolation, and it says so. Both share
this machine's network: the ports are 18001, 18000 and 18002 of the loopback address.

Exit status: 0 all checks passed, 1 one failed, 2 bad arguments.

Example: sudo deploy/test-image.sh cpu
END
}

say() { printf 'test-image: %s\n' "$*" >&2; }

fail() {
  say "failed: $*"
  exit 1
}

# Layers are mounted over one another where the kernel and the folder's file system allow it; vfs, which
# always works, copies all files for each layer.
choose_storage() {
  local try="$folder/try"
  mkdir -p "$try"/{lower,upper,work,merged}
  storage=vfs
  if mount -t overlay overlay "$try/merged" \
    -o "lowerdir=$try/lower,upperdir=$try/upper,workdir=$try/work" 2>/dev/null; then
    umount "$try/merged"
    storage=overlay
  fi
  rm -rf "$try"
}

# The same store of images for both.
builder() { buildah --root "$folder/store" --runroot "$folder/run" --storage-driver "$storage" "$@"; }
engine() {
  podman --root "$folder/store" --runroot "$folder/run" --tmpdir "$folder/tmp" --storage-driver "$storage" \
    --cgroup-manager cgroupfs --events-backend file --runtime runc "$@"
}

# The base image, from Debian itself. This machine's network settings are mounted while the image is
# built, so that nothing of them gets into it.
make_base() {
  if builder inspect --type image localhost/debian >/dev/null 2>&1; then return; fi
  say "making Debian 12"
  debootstrap --variant=minbase bookworm "$folder/debian" "$("$root/cmake/debian-mirror.sh")" \
    >"$folder/debootstrap.log" 2>&1 || fail "debootstrap; see $folder/debootstrap.log"
  # What debian:12-slim leaves out as well.
  rm -rf "$folder"/debian/var/{cache/apt,lib/apt/lists}/* "$folder"/debian/usr/share/{info,locale,man}/*
  find "$folder/debian/usr/share/doc" ! -type d ! -name copyright -delete
  # What it sets as well: packages are written without waiting for the disk, as a layer that is lost
  # in a power cut is built again.
  echo force-unsafe-io >"$folder/debian/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
  local container
  container="$(builder from scratch)"
  tar -C "$folder/debian" -cf "$folder/debian.tar" .
  builder add -q "$container" "$folder/debian.tar" / >/dev/null
  builder commit -q "$container" localhost/debian >/dev/null
  builder rm "$container" >/dev/null
  rm -rf --one-file-system "$folder/debian" "$folder/debian.tar"
}

build_image() {
  say "building target $target (store: $storage; log: $folder/build.log)"
  rm -rf "$folder/context" && mkdir "$folder/context"
  git -C "$root" archive HEAD | tar -xC "$folder/context"
  cp -L /etc/ssl/certs/ca-certificates.crt "$folder/ca.crt"
  if [[ -f /etc/pip.conf ]]; then
    sed 's#^cert *=.*#cert = /run/ca.crt#' /etc/pip.conf >"$folder/pip.conf"
  else
    : >"$folder/pip.conf"
  fi
  apt-config dump | grep -iE '^Acquire::https?::' >"$folder/apt.conf" || true
  local from=$SECONDS
  builder bud --format docker --isolation chroot --layers --target "$target" \
    --volume "$folder/pip.conf:/etc/pip.conf:ro" --volume "$folder/ca.crt:/run/ca.crt:ro" \
    --volume "$folder/apt.conf:/etc/apt/apt.conf.d/90machine:ro" \
    --build-arg BASE=localhost/debian --build-arg REVISION="$(git -C "$root" rev-parse HEAD)" \
    --tag localhost/actium "$folder/context" >"$folder/build.log" 2>&1 || {
    tail -n 40 "$folder/build.log" >&2
    fail "the image"
  }
  say "built after $((SECONDS - from)) s"
}

judge() { # what, measured, bound, whether it holds
  printf '%s: measured %s, must be %s: %s\n' "$1" "$2" "$3" "$([[ $4 == 0 ]] && echo PASS || echo FAIL)"
  if [[ $4 != 0 ]]; then failed=1; fi
}

# Sizes by layer, as a registry would hold them.
check_size() {
  rm -rf "$folder/pushed"
  builder push -q localhost/actium "oci:$folder/pushed" >/dev/null
  local layers total
  layers="$("$root/deploy/image/layer-sizes.py" "$folder/pushed")"
  printf '%s\n' "$layers"
  total="${layers##* }"
  judge "compressed image, MB" "$total" "<= $most_megabytes" "$((total > most_megabytes))"
}

# Makes a container named $1 of the image; the command follows.
create() {
  local name="$1"
  shift
  # The limits: those that podman would set are above what a container may have here.
  engine create --name "$name" --network host --read-only --cap-drop all \
    --security-opt no-new-privileges --ulimit nofile=1024:4096 --ulimit nproc=1000:1000 \
    --no-healthcheck localhost/actium "$@" >/dev/null
}

# Makes what the image runs in, and sets `isolation`.
prepare() {
  local -a serve=(actium-server --model-repository /opt/actium/models --grpc-address 127.0.0.1
    --grpc-port 18001 --http-address 127.0.0.1 --http-port 18000 --metrics-port 18002)
  # Clients have a container of their own, which outlives the server's.
  if command -v podman >/dev/null && command -v runc >/dev/null && create clients sleep infinity 2>"$folder/podman.log" &&
    engine start clients >/dev/null 2>>"$folder/podman.log"; then
    isolation=podman
    create server "${serve[@]}"
  else
    isolation=chroot
    local reason="one of them is missing"
    if [[ -s "$folder/podman.log" ]]; then reason="$(tail -n 1 "$folder/podman.log")"; fi
    say "chroot isolation, because podman and runc cannot: $reason"
    container="$(builder from localhost/actium)"
    serve_in_chroot=("${serve[@]}")
  fi
}

# Runs a command beside the server, as the image's user.
inside() {
  if [[ $isolation == podman ]]; then
    engine exec clients "$@"
  else
    builder run --isolation chroot --user 65532:65532 "$container" -- "$@"
  fi
}

start_server() {
  if [[ $isolation == podman ]]; then
    engine start server >/dev/null
  else
    inside "${serve_in_chroot[@]}" >"$folder/server.log" 2>&1 &
    runner=$!
  fi
  inside actium --server 127.0.0.1:18001 health --wait 120 >/dev/null || {
    server_log | tail -n 20 >&2
    fail "the server is not healthy after two minutes"
  }
}

server_log() {
  if [[ $isolation == podman ]]; then engine logs server 2>&1; else cat "$folder/server.log"; fi
}

# Ends the server as an engine would; returns its exit status.
stop_server() {
  if [[ $isolation == podman ]]; then
    engine stop --time 40 server >/dev/null
    return "$(engine inspect --format '{{.State.ExitCode}}' server)"
  fi
  # Not its runner, whose command line ends with the same words.
  kill -TERM "$(pgrep -f '^[^ ]*actium-server .* --grpc-port 18001 ')"
  wait "$runner"
}

# shellcheck disable=SC2317 # The trap calls it.
clean_up() {
  if [[ $isolation == podman ]]; then engine rm --force --time 0 server clients >/dev/null || true; fi
  # What the tools have left mounted, the innermost first.
  findmnt --raw --noheadings --output TARGET | grep -F "$folder/" | sort -r | xargs -r -d '\n' umount || true
  if [[ $keep -eq 0 ]]; then rm -rf --one-file-system "$folder"; fi
}

check_rights() {
  local answer refusal="Read-only file system" status
  if [[ $isolation == chroot ]]; then refusal="Permission denied"; fi
  answer="$({ inside touch /opt/actium/models/x 2>&1 || true; } | head -n 1)"
  judge "writing to the image" "${answer##*: }" "$refusal" "$([[ $answer == *"$refusal" ]]; echo $?)"
  answer="$(inside id -u)"
  judge "the image's user" "$answer" 65532 "$((answer != 65532))"
  if [[ $isolation == chroot ]]; then return; fi
  # Of the server's process itself: effective and bounding capabilities.
  status="$(engine exec server grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/1/status | cut -f2 | xargs)"
  judge "capabilities, and whether there are no new ones" "$status" \
    "0000000000000000 0000000000000000 1" \
    "$([[ $status == "0000000000000000 0000000000000000 1" ]]; echo $?)"
}

# The image with the engine for GPUs has found none, says so and serves on the CPU.
check_gpu() {
  local line
  line="$(server_log | grep -m 1 ' info gpu available=' || true)"
  judge "what the server says of a GPU" "${line#* info gpu }" "available=false, and why" \
    "$([[ $line == *' available=false reason="looking for GPUs: '* ]]; echo $?)"
}

check_answers() {
  "$(cmake/setup.sh --cache)/test-python/bin/python" deploy/image/check_answers.py \
    --grpc 127.0.0.1:18001 --health http://127.0.0.1:18000 --metrics http://127.0.0.1:18002 || failed=1
}

# What README has users try.
check_command_line() {
  local status=0 licences
  inside actium --server 127.0.0.1:18001 predict mish \
    /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz --index 7 >"$folder/predict.log" 2>&1 || status=$?
  judge "a prediction by the image's command line" "exit status $status" "0" "$status"
  status=0
  inside actium --server 127.0.0.1:18001 compare relu mish --images 500 --time-limit 10 \
    --report /tmp/report.html >"$folder/compare.log" 2>&1 || status=$?
  judge "a comparison, of the image's own examples" "exit status $status" "0" "$status"
  licences="$(inside ls /opt/actium/share/licenses | grep -cxE 'torch|onednn-cpu-gomp|libgrpc29' || true)"
  judge "licences of LibTorch, oneDNN and gRPC" "$licences" 3 "$((licences != 3))"
}

# Waits until the server has answered a thousand requests since it started.
wait_for_load() {
  local deadline=$((SECONDS + 30))
  until python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:18002/metrics").read().decode())' |
    grep -E '^nv_inference_request_success\{model="relu",.*\} [0-9]{4,}$' >/dev/null; do
    ((SECONDS < deadline)) || fail "there is no load after 30 s"
    sleep 0.1
  done
}

# The server's exit status says whether everything that it had accepted was answered.
check_ends() {
  local clean=0 i
  for ((i = 1; i <= ends; ++i)); do
    if ((i > 1)); then start_server; fi
    inside actium --server 127.0.0.1:18001 bench relu --concurrency 16 --duration 3 \
      >"$folder/bench.log" 2>&1 &
    local load=$!
    wait_for_load
    if stop_server; then clean=$((clean + 1)); fi
    wait "$load" || true # It notices the end.
  done
  judge "ends under load that lost nothing" "$clean" "$ends" "$((clean != ends))"
}

# Checks the image of a target that serves.
use_image() {
  check_size
  prepare
  start_server
  check_rights
  if [[ $target == gpu ]]; then check_gpu; fi
  check_answers
  check_command_line
  check_ends
}

main() {
  local keep=0 folder="" target=cpu from_nothing=1
  while [[ $# -gt 0 ]]; do
    case "$1" in
      -h | --help) usage && exit 0 ;;
      --keep) keep=1 ;;
      --folder) folder="${2:?--folder needs a folder}" && shift ;;
      *)
        [[ " $targets " == *" $1 "* ]] || { usage >&2 && exit 2; }
        target="$1"
        ;;
    esac
    shift
  done
  [[ $EUID -eq 0 ]] || fail "it needs root: sudo deploy/test-image.sh"
  local tool
  for tool in buildah debootstrap; do
    command -v "$tool" >/dev/null || fail "$tool is missing: apt-get install $tool"
  done
  cd "$root"
  if [[ -z "$folder" ]]; then folder="$(mktemp -d /var/tmp/actium-image.XXXXXX)"; fi
  if [[ -d "$folder/store" ]]; then from_nothing=0; fi
  local failed=0 isolation="" storage container runner
  local -a serve_in_chroot
  trap clean_up EXIT

  choose_storage
  make_base
  build_image
  if [[ $target != test ]]; then use_image; fi
  if [[ $from_nothing == 1 && $target != test ]]; then
    printf '  %s cores, load average %s of late\n' "$(nproc)" "$(cut -d' ' -f3 /proc/loadavg)"
    judge "from nothing to here, s" "$SECONDS" "<= $((most_minutes * 60))" \
      "$((SECONDS > most_minutes * 60))"
  fi
  exit "$failed"
}

main "$@"
