#!/usr/bin/env python3
"""Writes what an installed Actium is made of: PREFIX/share/sbom.cdx.json and the licences.

Usage: write-sbom.py PREFIX BUILD

Components that are in PREFIX/lib (property actium:linkage is "shared") are traced to the Debian package
or to the wheel of cmake/wheels.lock that they were copied from. What is compiled into the programs and
plug-ins ("compiled in": header-only libraries, and the inline parts of others) is found by the headers
that the objects of BUILD were made from, as ninja knows them; a header or a library of unknown origin is
an error. The compiler's own and the C library's headers are left out. Each component's licences go to
PREFIX/share/licenses, one file a component; one that has none is an error. The list is CycloneDX 1.5 in
JSON. Run it where PREFIX was built and installed from.

Exit status: 0 written, 1 something has no known origin or no licence, 2 bad arguments.

Example: write-sbom.py /opt/actium build/release
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# By the wheels' files; LibTorch brings its own libgomp.
WHEEL_OF = [(r"libtorch_cpu|libc10|libgomp", "torch"), (r"libcudart", "nvidia-cuda-runtime"),
            (r"libcupti", "nvidia-cuda-cupti"), (r"libdnnl", "onednn-cpu-gomp")]
# By the folder of the cache that headers are in.
WHEEL_OF_HEADERS = [(r".*/libtorch-[^/]*/", "torch"), (r".*/onednn-[^/]*/", "onednn-devel-cpu-gomp"),
                    (r".*/cuda-[^/]*/.*/include/crt/", "nvidia-cuda-crt"),
                    (r".*/cuda-[^/]*/.*/include/cccl/", "nvidia-cuda-cccl"),
                    (r".*/cuda-[^/]*/.*/include/(?!crt/|cccl/)", "nvidia-cuda-runtime")]
# What no header tells of: the charts' JavaScript; CUDA's runtime and its functions for the device.
EMBEDDED = {"actium": ["altair-viewer"], "libactium_cuda.so": ["nvidia-cuda-runtime", "nvidia-nvvm"]}
WHEEL_LICENCE = {"torch": "BSD-3-Clause", "onednn-cpu-gomp": "Apache-2.0",
                 "onednn-devel-cpu-gomp": "Apache-2.0", "altair-viewer": "BSD-3-Clause",
                 **dict.fromkeys(["nvidia-cuda-cccl", "nvidia-cuda-crt", "nvidia-cuda-cupti",
                                  "nvidia-cuda-runtime", "nvidia-nvvm"],
                                 "NVIDIA Proprietary Software")}
TOOLCHAIN = r"libc6-dev|linux-libc-dev|libgcc-\d+-dev|libstdc\+\+-\d+-dev"


class Unknown(Exception):
    """An origin or a licence is."""


def output_of(command: list, check: bool = True) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=check).stdout


def wheels() -> dict[str, tuple[str, str]]:
    """Version and SHA-256 of each wheel."""
    lines = (ROOT / "cmake/wheels.lock").read_text().splitlines()
    return {name: (version, digest) for name, version, digest
            in (line.split() for line in lines if line and not line.startswith("#"))}


def owners_of(files: list[str]) -> dict[str, str]:
    """The Debian package that each file belongs to, where one does. A file may be a pattern."""
    owners = {}
    for line in output_of(["dpkg-query", "-S", *files], check=False).splitlines():
        package, _, file = line.partition(": ")
        if not package.startswith("diversion by"):
            owners[file] = package.split(",")[0].split(":")[0]
    return owners


def debian_licence(package: str) -> str | None:
    """The licence of the package's files in general, in Debian's words."""
    file = pathlib.Path("/usr/share/doc") / package / "copyright"
    if not file.exists():
        return None
    for paragraph in re.split(r"\n\s*\n", file.read_text()):
        if re.search(r"^Files:\s*\*\s*$", paragraph, re.MULTILINE):
            found = re.search(r"^License:\s*(.+)$", paragraph, re.MULTILINE)
            return found.group(1) if found else None
    return None


def component(name: str, version: str, purl: str, linkage: str, licence: str | None) -> dict:
    licences = {"licenses": [{"license": {"name": licence}}]} if licence else {}
    return {"type": "library", "name": name, "version": version, "purl": purl, **licences,
            "properties": [{"name": "actium:linkage", "value": linkage}]}


def debian_component(package: str, linkage: str) -> dict:
    version = output_of(["dpkg-query", "-W", "-f", "${Version}", package])
    return component(package, version, f"pkg:deb/debian/{package}@{version}?distro=bookworm",
                     linkage, debian_licence(package))


def wheel_component(name: str, linkage: str) -> dict:
    version, digest = wheels()[name]
    return component(name, version, f"pkg:pypi/{name}@{version}", linkage, WHEEL_LICENCE[name]) | {
        "hashes": [{"alg": "SHA-256", "content": digest}]}


def shared(libraries: list[pathlib.Path]) -> list[dict]:
    """What the libraries of the prefix come from."""
    wheel_of = {library: wheel for library in libraries for pattern, wheel in WHEEL_OF
                if re.match(pattern, library.name)}
    packages = {}
    # All at once: each search goes through the lists of all packages.
    rest = [library for library in libraries if library not in wheel_of]
    for file, package in owners_of([f"*/{library.name}" for library in rest]).items():
        packages.setdefault(pathlib.Path(file).name, set()).add(package)
    unknown = [library for library in rest if library.name not in packages]
    if unknown:
        raise Unknown(f"{unknown[0]}: neither of a Debian package nor of a wheel")
    return ([wheel_component(wheel, "shared") for wheel in wheel_of.values()] +
            [debian_component(min(packages[library.name]), "shared") for library in rest])


def headers(build: pathlib.Path, programs: list[pathlib.Path]) -> set[str]:
    """What the programs' objects were compiled from, outside of the source tree."""
    targets = [f"{program.parent.name}/{program.name}" for program in programs]
    inputs = output_of(["ninja", "-C", build, "-t", "inputs", *targets])
    objects = [line for line in inputs.splitlines() if line.endswith(".o")]
    used = {line.strip() for line in output_of(["ninja", "-C", build, "-t", "deps", *objects])
            .splitlines() if line.startswith("    /")}
    resolved = {str(pathlib.Path(file).resolve()) for file in used}
    return {file for file in resolved if not file.startswith(f"{ROOT}/")}


def compiled_in(build: pathlib.Path, programs: list[pathlib.Path]) -> list[dict]:
    """What the programs consist of beside our own code and what they are linked with."""
    files = headers(build, programs)
    if not files:
        raise Unknown(f"{build}: ninja knows of no header")
    from_wheels = {wheel for pattern, wheel in WHEEL_OF_HEADERS
                   if any(re.match(pattern, file) for file in files)}
    for program in programs:
        from_wheels.update(EMBEDDED.get(program.name, []))
    rest = [file for file in sorted(files)
            if not any(re.match(pattern, file) for pattern, _ in WHEEL_OF_HEADERS)]
    owners = owners_of(rest)
    unknown = [file for file in rest if file not in owners]
    if unknown:
        raise Unknown(f"{unknown[0]}: a header neither of a Debian package nor of a wheel")
    packages = {package for package in owners.values() if not re.fullmatch(TOOLCHAIN, package)}
    return ([debian_component(package, "compiled in") for package in packages] +
            [wheel_component(wheel, "compiled in") for wheel in from_wheels])


def licence_files(name: str, cache: pathlib.Path) -> list[pathlib.Path]:
    """What a component's Debian package or wheel says of its licences."""
    if name in wheels():
        about = sorted(cache.glob(f"*/{name.replace('-', '_')}-{wheels()[name][0]}.d*/**/*"))
        licences = [file for file in about if file.is_file()
                    and re.search("licen|notice|third-party", file.name, re.IGNORECASE)]
        # Once, of a wheel that two folders of the cache have a part of.
        return list({file.name: file for file in licences}.values())
    debian = pathlib.Path("/usr/share/doc") / name / "copyright"
    return [debian] if debian.exists() else []


def copy_licences(names: set[str], folder: pathlib.Path) -> None:
    cache = pathlib.Path(output_of([ROOT / "cmake/setup.sh", "--cache"]).strip())
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        files = licence_files(name, cache)
        if not files:
            raise Unknown(f"{name}: no licence of it is installed")
        (folder / name).write_text("\n".join(file.read_text(errors="replace") for file in files))


def program_component(program: pathlib.Path) -> dict:
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    return {"type": "application", "name": program.name,
            "hashes": [{"alg": "SHA-256", "content": digest}]}


def write(prefix: pathlib.Path, build: pathlib.Path) -> None:
    plugins = sorted((prefix / "lib").glob("libactium_*.so"))
    programs = sorted((prefix / "bin").iterdir()) + plugins
    libraries = [file for file in sorted((prefix / "lib").iterdir()) if file not in plugins]
    found = shared(libraries) + compiled_in(build, programs)
    # A wheel may be both.
    components = {(entry["name"], entry["properties"][0]["value"]): entry for entry in found}
    copy_licences({name for name, _ in components}, prefix / "share/licenses")
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "components": [program_component(program) for program in programs] +
                          [components[key] for key in sorted(components)]}
    (prefix / "share/sbom.cdx.json").write_text(json.dumps(sbom, indent=1) + "\n")
    inside = sum(linkage == "compiled in" for _, linkage in components)
    print(f"{prefix}/share/sbom.cdx.json: {len(programs)} programs, "
          f"{len(components) - inside} shared libraries, {inside} compiled in")


def main() -> int:
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        write(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    except Unknown as error:
        print(f"write-sbom: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
