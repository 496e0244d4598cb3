#!/usr/bin/env python3
"""Turns the figures of bench_engines.py into tables and a plot.

Usage: report.py FIGURES.json [--plot FILE.svg]

Prints Markdown: times, what each activation costs, and the ratio to the fastest peer.
"""
import argparse
import dataclasses
import json
import pathlib
import statistics

# fp32, like Actium; all other contenders compute in a precision of their own and are no peers.
PEERS = ["onnxruntime", "openvino", "torchscript", "torch-compile"]


@dataclasses.dataclass
class Cell:
    """What one network with one activation took at one batch size."""

    network: str
    activation: str
    batch: int
    seconds: dict[str, list[float]]  # By contender, Actium first: a median for each round.

    def median(self, contender: str) -> float:
        return statistics.median(self.seconds[contender])

    def fastest_peer(self) -> str:
        return min((name for name in PEERS if name in self.seconds), key=self.median)

    def ratio(self) -> float:
        """How many times as fast Actium is as the fastest peer."""
        return self.median(self.fastest_peer()) / self.median("actium")


def geometric_mean(cells: list[Cell]) -> float:
    """Of the ratios to the fastest peers."""
    return statistics.geometric_mean(cell.ratio() for cell in cells)


def relu_cells(cells: list[Cell]) -> dict[tuple[str, int], Cell]:
    return {(cell.network, cell.batch): cell for cell in cells if cell.activation == "relu"}


def costs_of_activations(cells: list[Cell]) -> dict[str, float]:
    """Actium's time with each other activation relative to ReLU, geometric mean over the cells."""
    relu = relu_cells(cells)
    ratios: dict[str, list[float]] = {}
    for cell in cells:
        base = relu.get((cell.network, cell.batch))
        if base is not None and base is not cell:
            ratios.setdefault(cell.activation, []).append(
                cell.median("actium") / base.median("actium"))
    return {activation: statistics.geometric_mean(values)
            for activation, values in ratios.items()}


def markdown(head: list[str], rows: list[list[str]], texts: int) -> str:
    """A table whose first `texts` columns are aligned to the left."""
    rule = ["---"] * texts + ["--:"] * (len(head) - texts)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows])


def times(cells: list[Cell]) -> str:
    contenders = list(cells[0].seconds)
    peers = any(name in PEERS for name in contenders)
    rows = []
    for cell in cells:
        row = [cell.network, cell.activation, str(cell.batch)]
        for name in contenders:
            values = [1e3 * value for value in cell.seconds[name]]
            row.append(f"{statistics.median(values):.3g} [{min(values):.3g}..{max(values):.3g}]")
        rows.append([*row, f"{cell.ratio():.2f} ({cell.fastest_peer()})"] if peers else row)
    head = ["network", "activation", "batch", *contenders,
            *(["fastest peer / actium"] if peers else [])]
    return markdown(head, rows, texts=2)


def activation_costs(cells: list[Cell]) -> str:
    """Times relative to the same network's with ReLU, or nothing if there is no such."""
    relu = relu_cells(cells)
    contenders = list(cells[0].seconds)
    rows = []
    for cell in cells:
        base = relu.get((cell.network, cell.batch))
        if base is None or cell is base:
            continue
        costs = [f"{cell.median(name) / base.median(name):.2f}" for name in contenders]
        rows.append([cell.network, cell.activation, str(cell.batch), *costs])
    if not rows:
        return ""
    return markdown(["network", "activation", "batch", *contenders], rows, texts=2)


def plot(cells: list[Cell]) -> str:
    """An SVG: each contender's time as a multiple of Actium's, at the largest batch size."""
    import vl_convert
    largest = max(cell.batch for cell in cells)
    values = []
    for cell in cells:
        if cell.batch != largest:
            continue
        ours = cell.median("actium")
        values += [{"network": cell.network, "activation": cell.activation, "engine": name,
                    "times": cell.median(name) / ours,
                    "least": min(seconds) / ours, "most": max(seconds) / ours}
                   for name, seconds in cell.seconds.items()]
    # Not bars: on a logarithmic axis they have no natural beginning.
    medians = {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": {
        "x": {"field": "times", "type": "quantitative", "scale": {"type": "log"},
              "axis": {"values": [0.5, 1, 2, 5, 10, 20]},
              "title": f"time / Actium's, batch {largest}"},
        "color": {"field": "engine", "type": "nominal", "legend": None}}}
    ranges = {"mark": "rule", "encoding": {"x": {"field": "least", "type": "quantitative"},
                                           "x2": {"field": "most"}}}
    spec = {"data": {"values": values},
            "facet": {"row": {"field": "network", "type": "nominal", "title": None},
                      "column": {"field": "activation", "type": "nominal", "title": None}},
            "spec": {"width": 170, "encoding": {"y": {"field": "engine", "type": "nominal",
                                                      "sort": None, "title": None}},
                     "layer": [ranges, medians]}}
    return vl_convert.vegalite_to_svg(spec)


def report(cells: list[Cell]) -> str:
    rounds = len(cells[0].seconds["actium"])
    parts = [f"Milliseconds of a batch, one thread; medians over {rounds} rounds, [least..most]",
             times(cells)]
    if costs := activation_costs(cells):
        parts += ["Time relative to the same network with ReLU", costs]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path, help="SVG file to write")
    arguments = parser.parse_args()
    figures = json.loads(arguments.figures.read_text())
    cells = [Cell(**cell) for cell in figures["cells"]]
    print(report(cells))
    if arguments.plot:
        arguments.plot.write_text(plot(cells) + "\n")


if __name__ == "__main__":
    main()
