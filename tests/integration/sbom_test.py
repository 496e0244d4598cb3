"""What deploy/image/write-sbom.py says of an installed build, with the plug-in for GPUs if it was built.

Usage: sbom_test.py BUILD_DIR
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv[1])
WRITE_SBOM = pathlib.Path(__file__).resolve().parents[2] / "deploy/image/write-sbom.py"


def write_sbom(prefix):
    return subprocess.run([WRITE_SBOM, prefix, BUILD], capture_output=True, text=True)


class SbomTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="actium-test-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.prefix = pathlib.Path(cls.folder.name)
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix, "--strip"],
                       check=True, stdout=subprocess.DEVNULL)
        written = write_sbom(cls.prefix)
        if written.returncode != 0:
            raise AssertionError(written.stderr)
        listed = json.loads((cls.prefix / "share/sbom.cdx.json").read_text())["components"]
        cls.applications = {entry["name"] for entry in listed if entry["type"] == "application"}
        cls.libraries = {(entry["name"], entry["properties"][0]["value"]) for entry in listed
                         if entry["type"] == "library"}

    def test_lists_programs_plugins_and_where_their_parts_come_from(self):
        expected = {("torch", "shared"), ("torch", "compiled in"), ("onednn-cpu-gomp", "shared"),
                    ("altair-viewer", "compiled in"), ("libcli11-dev", "compiled in")}
        plugins = {file.name for file in (self.prefix / "lib").glob("libactium_*")}
        if plugins:
            expected |= {("nvidia-cuda-runtime", "compiled in"), ("nvidia-nvvm", "compiled in")}
        self.assertEqual(self.applications, {"actium", "actium-server"} | plugins)
        self.assertLessEqual(expected, self.libraries)

    def test_every_component_has_its_licences_beside_it(self):
        licences = {file.name: file.read_text() for file in (self.prefix / "share/licenses").iterdir()}
        self.assertEqual(set(licences), {name for name, _ in self.libraries})
        self.assertIn("Redistribution and use", licences["torch"])
        for name in ["onednn-cpu-gomp", "onednn-devel-cpu-gomp"]:
            self.assertIn("Apache License", licences[name])
            self.assertIn("Third Party Programs", licences[name])
        self.assertIn("Format: ", licences["libcli11-dev"])
        for name in [name for name in licences if name.startswith("nvidia-")]:
            self.assertIn("NVIDIA", licences[name])

    def test_refuses_a_library_of_unknown_origin(self):
        stranger = self.prefix / "lib/libstranger.so.1"
        stranger.touch()
        self.addCleanup(stranger.unlink)
        written = write_sbom(self.prefix)
        self.assertEqual(written.returncode, 1)
        self.assertIn("libstranger.so.1: neither of a Debian package nor of a wheel", written.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
