#!/usr/bin/env bash
# Runs the tests of this repository, stage by stage; see usage() below.
# shellcheck disable=SC2317 # Stages are called by name.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:${TSAN_OPTIONS:-}"

readonly logs=build/test-logs
readonly change_stages=(format scripts release asan tsan clang)
readonly full_stages=(sweep cuda cuda-races asan-torch perf-analyzer python-torch families browser honesty scale-out
  tidy fuzz image fresh)

usage() {
  cat <<END
Runs tests stage by stage, each with its own time and log, and adds up the results.

Usage: tests/run.sh [--full] [STAGE...]
       tests/run.sh --list-cxx        (prints the C++ files that are formatted)

Stages of every change (\`make test\`; all of them unless some are named):
  format         clang-format-16 would change nothing
  scripts        shellcheck and hadolint find nothing, and compose.yaml fits the Compose schema
  release        builds everything as shipped; all tests
  asan           builds without LibTorch under ASan and UBSan; all tests of that build
  tsan           builds without LibTorch under TSan; the tests labelled tsan
  clang          builds the server without LibTorch with clang's thread-safety analysis

Stages of --full (\`make test-full\`):
  sweep          activations against float64 at every fifth float32, and 500 random graphs
  cuda           the stand-in serves all models with 1,000 images, and 200 random graphs; what the
                 plug-in costs to build
  cuda-races     single kernels under TSan, to which every lane is a thread
  asan-torch     everything under ASan and UBSan, LibTorch's callers included
  perf-analyzer  Triton's perf_analyzer, unmodified, against the server
  python-torch   Python's torch.jit.load runs the shipped models as we do
  families       torchvision's families under four activations are fused, none falls back
  browser        Chromium draws the reports of actium compare, alone and without a network
  honesty        comparisons on this machine: false winners, and what clients notice of them
  scale-out      replicas behind Envoy, with Prometheus: throughput, a kill and restarts under load
  tidy           clang-tidy over server/, client/ and models/
  fuzz           each fuzz target for FUZZ_SECONDS [60]
  image          the Dockerfile built and used without a Docker engine (deploy/test-image.sh)
  fresh          make demo and make test in a bare Debian 12 (tests/fresh-machine.sh)

The last line but the stages' table is "N passed, N failed, N skipped". Logs: $logs.
Exit status: 0 all stages and tests passed, 1 something failed or no test ran, 2 bad arguments.

Example: tests/run.sh format release
         tests/run.sh --full image fresh
END
}

cxx_files() {
  find proto server client models tests -name '*.cc' -o -name '*.cu' -o -name '*.h' | sort
}

# Builds preset $1, the targets after it.
build() {
  cmake/build.sh "$@"
}

# Runs the tests of preset $1 with ctest's options after it; results go where totals.py looks.
run_tests() {
  local build="build/$1"
  shift
  ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(nproc)" \
    --output-junit test-results/ctest.xml "$@"
}

# Old results must not be counted, whatever fails on the way to new ones.
forget_results() {
  rm -rf "build/$1/test-results"
  mkdir -p "build/$1/test-results"
}

stage_format() {
  cxx_files | xargs -d '\n' clang-format-16 --dry-run -Werror
}

stage_scripts() {
  find . -path ./build -prune -o \( -name '*.sh' -o -path ./.ci/run \) -exec shellcheck {} +
  local python
  python="$(cmake/setup.sh --cache)/test-python/bin"
  "$python/hadolint" Dockerfile
  "$python/check-jsonschema" --builtin-schema vendor.compose-spec deploy/compose.yaml
}

stage_release() {
  forget_results release
  build release
  run_tests release
}

stage_asan() {
  forget_results asan
  build asan
  run_tests asan
}

stage_tsan() {
  forget_results tsan
  build tsan actium-tests-tsan
  run_tests tsan --label-regex '^tsan$'
}

stage_clang() {
  build clang actium-fake-server
}

stage_sweep() {
  forget_results release
  build release actium-tests
  ACTIUM_SWEEP_STRIDE=5 ACTIUM_RANDOM_GRAPHS=500 run_tests release \
    --tests-regex '^server\.(activation|kernels|cpu\.random_graphs)'
}

stage_cuda() {
  forget_results release
  build release actium-server actium_cuda_stand_in server.cuda.random_graphs_test \
    integration.cuda_models_test
  ACTIUM_CUDA_IMAGES=1000 ACTIUM_RANDOM_GRAPHS=200 run_tests release \
    --tests-regex '^(server\.cuda\.random_graphs|integration\.cuda_models)_test'
  tests/gpu/build_cost.py
}

stage_cuda-races() {
  local -a tests=(server.cuda.{contraction,moves,pointwise,reductions}_test)
  forget_results tsan
  build tsan "${tests[@]}"
  # These run the kernels that others run, on the same shapes: they find wrong numbers, not other races.
  GTEST_FILTER='-*/ContractionTest.ErrorsAreThose*:*/ContractionTest.NanReaches*' \
    run_tests tsan --tests-regex "^($(IFS='|' && printf '%s' "${tests[*]}"))$"
}

stage_asan-torch() {
  forget_results asan-torch
  build asan-torch
  # What LibTorch leaks when it refuses a file is not ours to fix; what is too large to allocate must
  # be refused as without ASan.
  LSAN_OPTIONS="suppressions=$root/tests/support/lsan-suppressions.txt:${LSAN_OPTIONS:-}" \
    ASAN_OPTIONS="allocator_may_return_null=1:${ASAN_OPTIONS:-}" run_tests asan-torch
}

stage_perf-analyzer() {
  build release actium-server actium
  tests/integration/perf_analyzer.sh
}

stage_python-torch() {
  build release actium-train
  "$(cmake/setup.sh --cache)/test-torch/bin/python" tests/models/torch_agrees.py
}

stage_families() {
  build release actium-server actium
  "$(cmake/setup.sh --cache)/test-torch/bin/python" tests/models/families.py
}

stage_browser() {
  build release actium-server actium actium-sample-reports
  rm -rf build/reports
  build/release/bin/actium-sample-reports build/reports
  # Enough examples and rounds for every part of a page to have something in it.
  build/release/bin/actium --local models/repository compare relu swish mish --baseline relu \
    --images 2000 --batch-sizes 1,4 --rounds 5 --report build/reports/real.html
  tests/client/report/browser.py build/reports/*.html --pictures build/reports/pictures
}

# gcc's commands for clang: it can read neither gcc's precompiled headers nor all names of warnings.
stage_tidy() {
  build release
  mkdir -p build/tidy
  sed 's/-Winvalid-pch -include [^ ]*cmake_pch\.hxx//' build/release/compile_commands.json \
    >build/tidy/compile_commands.json
  run-clang-tidy-16 -quiet -p build/tidy -extra-arg=-Wno-unknown-warning-option \
    "^$root/(server|client|models)/.*\.cc$"
}

stage_honesty() {
  tests/compare/honesty.sh --live
}

stage_scale-out() {
  build release actium-server actium
  tests/scale-out/run.sh
}

stage_fuzz() {
  tests/fuzz/run.sh "${FUZZ_SECONDS:-60}"
}

stage_image() {
  deploy/test-image.sh
}

stage_fresh() {
  tests/fresh-machine.sh
}

# Runs a stage with its output in a log; on a terminal, on the screen as well.
run_stage() {
  local stage="$1" log="$logs/$1.log" from=$SECONDS result=passed
  printf '\n== %s (log: %s)\n' "$stage" "$log"
  # A shell of its own, because bash goes on after errors in a function that a condition calls.
  if [[ -t 1 ]]; then
    ("$BASH" "${BASH_SOURCE[0]}" --run-one "$stage" 2>&1 | tee "$log") || result=FAILED
  else
    "$BASH" "${BASH_SOURCE[0]}" --run-one "$stage" >"$log" 2>&1 || result=FAILED
    if [[ $result == FAILED ]]; then tail -n 100 "$log"; fi
  fi
  printf '== %s: %s after %d s\n' "$stage" "$result" "$((SECONDS - from))"
  table+="$(printf '  %-13s %-7s %5d s' "$stage" "$result" "$((SECONDS - from))")"$'\n'
  if [[ $result == FAILED ]]; then failed=1; fi
}

# Presets of the given stages whose tests are counted.
counted_builds() {
  local stage
  for stage in "$@"; do
    case "$stage" in
      release | asan | tsan | asan-torch) printf 'build/%s\n' "$stage" ;;
      cuda-races) printf 'build/tsan\n' ;;
      sweep | cuda) printf 'build/release\n' ;;
    esac
  done
}

main() {
  if [[ "${1:-}" == --run-one ]]; then
    # Not in a condition, where bash would go on after an error.
    "stage_$2"
    exit 0
  fi

  local -a stages=("${change_stages[@]}")
  case "${1:-}" in
    -h | --help) usage && exit 0 ;;
    --list-cxx) cxx_files && exit 0 ;;
    --full) stages=("${full_stages[@]}") && shift ;;
  esac
  if [[ $# -gt 0 ]]; then stages=("$@"); fi
  local stage
  for stage in "${stages[@]}"; do
    if ! declare -F "stage_$stage" >/dev/null; then
      printf 'tests/run.sh: no stage %s\n' "$stage" >&2
      usage >&2
      exit 2
    fi
  done

  mkdir -p "$logs"
  table="" failed=0
  for stage in "${stages[@]}"; do run_stage "$stage"; done

  printf '\n%s\n' "$table"
  local -a builds
  mapfile -t builds < <(counted_builds "${stages[@]}")
  if [[ ${#builds[@]} -gt 0 ]]; then
    tests/totals.py "${builds[@]}" || failed=1
  fi
  exit "$failed"
}

main "$@"
