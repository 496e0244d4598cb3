#!/usr/bin/env python3
"""Adds up test results.

Usage: tests/totals.py BUILD_DIR...

Reads each build directory's test-results/ctest.xml (written by ctest --output-junit) and, beside
it, the GoogleTest results of the programs that ctest ran, one <program>.xml each. Counts test
cases; a program that failed without saying in which case (it crashed or ran out of time) counts
as one failure more. A program without such a file counts as one case.

Prints the failures, one a line, then "N passed, N failed, N skipped" alone on the last line. Exit
status: 0 if some test ran and none failed, else 1.
"""
import pathlib
import sys
import xml.etree.ElementTree as xml


def outcomes_of_program(entry, results):
    """Yields (name, outcome) for each case of one ctest entry; outcome: passed, failed, skipped."""
    program = entry.get("name")
    skipped = entry.find("skipped")
    # ctest says that a program is skipped, too, when it is not there.
    chose_to_skip = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    program_failed = entry.find("failure") is not None or (skipped is not None and not chose_to_skip)
    cases = []
    file = results / f"{program}.xml"
    if file.exists():
        try:
            cases = list(xml.parse(file).getroot().iter("testcase"))
        except xml.ParseError:
            program_failed = True  # Cut off: the program ended while it wrote.
    said_so = False
    for case in cases:
        name = f"{program}: {case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            said_so = True
            yield name, "failed"
        elif case.get("result") == "completed":
            yield name, "passed"
        else:
            yield name, "skipped"
    if program_failed and not said_so:
        yield f"{program}: the program failed outside of its test cases", "failed"
    elif not cases:
        yield program, "skipped" if chose_to_skip else "passed"


def main(builds):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for build in map(pathlib.Path, builds):
        results = build / "test-results"
        if not (results / "ctest.xml").exists():
            continue  # It was not built; the stage that failed to says so.
        for entry in xml.parse(results / "ctest.xml").getroot().iter("testcase"):
            for name, outcome in outcomes_of_program(entry, results):
                counts[outcome] += 1
                if outcome == "failed":
                    print(f"FAILED {build.name}: {name}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if len(sys.argv) > 1 else 2)
    sys.exit(main(sys.argv[1:]))
