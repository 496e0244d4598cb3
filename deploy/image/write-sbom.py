#!/usr/bin/env python3
"""Writes what an installed Actium is made of: PREFIX/share/sbom.cdx.json and the licences.

Usage: write-sbom.py PREFIX

Each library of PREFIX/lib is traced to the Debian package or to the wheel of cmake/wheels.lock that it
was copied from; one that comes from neither is an error. Licences go to PREFIX/share/licenses.
The list is CycloneDX 1.5 in JSON. Run it where PREFIX was installed from.

Exit status: 0 written, 1 a library has no known origin, 2 bad arguments.

Example: write-sbom.py /opt/actium
"""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# By the wheels' files; LibTorch brings its own libgomp.
WHEEL_OF = [(r"libtorch_cpu|libc10|libgomp", "torch"), (r"libcudart", "nvidia-cuda-runtime"),
            (r"libcupti", "nvidia-cuda-cupti"), (r"libdnnl", "onednn-cpu-gomp")]


def wheels() -> dict[str, tuple[str, str]]:
    """Version and SHA-256 of each wheel."""
    lines = (ROOT / "cmake/wheels.lock").read_text().splitlines()
    return {name: (version, digest) for name, version, digest
            in (line.split() for line in lines if line and not line.startswith("#"))}


def package_of(library: str) -> str | None:
    """The Debian package that a library of this name belongs to."""
    found = subprocess.run(["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True)
    owners = {line.split(":")[0] for line in found.stdout.splitlines()}
    return min(owners) if owners else None


def debian_component(package: str) -> dict:
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                             capture_output=True, text=True, check=True).stdout
    return {"type": "library", "name": package, "version": version,
            "purl": f"pkg:deb/debian/{package}@{version}?distro=bookworm"}


def wheel_component(name: str) -> dict:
    version, digest = wheels()[name]
    return {"type": "library", "name": name, "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "hashes": [{"alg": "SHA-256", "content": digest}]}


def origin(library: pathlib.Path) -> dict | None:
    for pattern, wheel in WHEEL_OF:
        if re.match(pattern, library.name):
            return wheel_component(wheel)
    package = package_of(library.name)
    return debian_component(package) if package else None


def copy_licence(component: dict, folder: pathlib.Path) -> None:
    source = pathlib.Path("/usr/share/doc") / component["name"] / "copyright"
    if source.exists():
        shutil.copyfile(source, folder / component["name"])


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr if len(sys.argv) != 2 else sys.stdout)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    prefix = pathlib.Path(sys.argv[1])
    licences = prefix / "share/licenses"
    licences.mkdir(parents=True, exist_ok=True)
    components = {}
    for library in sorted((prefix / "lib").iterdir()):
        component = origin(library)
        if component is None:
            print(f"write-sbom: {library}: neither of a Debian package nor of a wheel",
                  file=sys.stderr)
            return 1
        components[component["name"]] = component
        copy_licence(component, licences)
    programs = [{"type": "application", "name": program.name, "hashes": [
        {"alg": "SHA-256", "content": hashlib.sha256(program.read_bytes()).hexdigest()}]}
        for program in sorted((prefix / "bin").iterdir())]
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "components": programs + [components[name] for name in sorted(components)]}
    (prefix / "share/sbom.cdx.json").write_text(json.dumps(sbom, indent=1) + "\n")
    print(f"{prefix}/share/sbom.cdx.json: {len(programs)} programs, {len(components)} libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
