#!/usr/bin/env python3
"""Measures what it costs to build the CUDA plug-in, without a compiler's cache.

Usage: tests/gpu/build_cost.py [PRESET...]

Builds libactium_cuda.so anew, with the libraries that it is linked from, in each preset's folder:
release is for one kind of GPU, gpu for all [release gpu]. Needs what cmake/setup.sh build-cuda installs.

Prints the time on two jobs and the largest memory of one process, with their bounds, and the
plug-in's size. Exit status: 0 all within bounds, 1 not, or the build failed; 2 bad arguments.
"""
import os
import pathlib
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOBS = 2
MOST_SECONDS = 8 * 60
MOST_MEBIBYTES = 2 * 1024


def run(*command, **environment):
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL,
                   env={**os.environ, **environment})


def report(what, measured, bound, unit):
    passed = measured <= bound
    print(f"  {what:<28} {measured:7.0f} {unit} (<= {bound})  {'PASS' if passed else 'FAIL'}")
    return passed


def measure(preset):
    folder = ROOT / "build" / preset
    run("cmake", "--preset", preset, "--log-level=WARNING")
    run("ninja", "-C", folder, "-t", "clean", "actium_cuda")
    start = time.monotonic()
    run("cmake/build.sh", preset, "actium_cuda", JOBS=str(JOBS), CCACHE_DISABLE="1")
    seconds = time.monotonic() - start
    # Of any process that was waited for, the compilers' parts included; so far, in all presets.
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

    plugin = folder / "lib/libactium_cuda.so"
    stripped = folder / "libactium_cuda.stripped.so"
    run("strip", "--strip-unneeded", "-o", stripped, plugin)
    size = stripped.stat().st_size
    stripped.unlink()
    cache = (folder / "CMakeCache.txt").read_text()
    [gpus] = [line.split("=", 1)[1] for line in cache.splitlines() if "CUDA_ARCHITECTURES:STRING=" in line
              and line.startswith("ACTIUM_")]
    print(f"{preset}: libactium_cuda.so for {gpus}, {size / 1e6:.1f} MB stripped")
    in_time = report(f"built on {JOBS} jobs in", seconds, MOST_SECONDS, "s")
    return report("largest process", mebibytes, MOST_MEBIBYTES, "MiB") and in_time


def main(arguments):
    if any(argument.startswith("-") for argument in arguments):
        print(__doc__)
        return 0 if arguments[0] in ("-h", "--help") else 2
    results = [measure(preset) for preset in arguments or ["release", "gpu"]]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
