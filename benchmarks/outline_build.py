"""Rebuilds `waspada/places/data/outline.json`, the outline of Indonesia and what lies around it, for the console's map.

    npm pack world-atlas@2.0.2
    python -m benchmarks.outline_build world-atlas-2.0.2.tgz

Reads `countries-10m.json` from the archive (nothing is installed): Natural Earth 1:10m, public domain, as TopoJSON
(https://github.com/topojson/topojson-specification). Borders that two countries share are one arc there, and are
simplified once, so that no gap opens between them. The same input gives the same bytes.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "waspada" / "places" / "data" / "outline.json"
HOME = "Indonesia"
AROUND = ("Malaysia", "Brunei", "Singapore", "Timor-Leste", "Papua New Guinea", "Philippines", "Thailand", "Australia")
#: What any map can show, in degrees: west, south, east, north.
BOX = (91.0, -13.5, 145.0, 9.0)
#: Name -> (degrees that a line may be off, degrees across below which an island is left out).
DETAILS = {"country": (0.04, 0.12), "near": (0.01, 0.04)}
#: Degrees of one unit in the file.
UNIT = 0.005

Point = tuple[float, float]
Line = Sequence[Point]


def main(archive: Path) -> None:
    atlas = read_atlas(archive)
    found: dict[str, Any] = {
        "source": "Natural Earth 1:10m Admin 0, version 4.1.0, through world-atlas 2.0.2 (npm)",
        "licence": "public domain",
        "unit_degrees": UNIT,
    }
    for name, (tolerance, least) in DETAILS.items():
        arcs = [simplified(line, tolerance) for line in lines_of(atlas)]
        found[name] = {
            "home": rings(atlas, arcs, [HOME], least),
            "around": rings(atlas, arcs, AROUND, least),
        }
    FILE.write_text(json.dumps(found, indent=0, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {FILE.stat().st_size // 1024} KiB")


def read_atlas(archive: Path) -> dict[str, Any]:
    with tarfile.open(archive) as packed:
        member = packed.extractfile("package/countries-10m.json")
        assert member is not None
        atlas: dict[str, Any] = json.load(member)
    return atlas


def lines_of(atlas: dict[str, Any]) -> Iterable[Line]:
    """The arcs in degrees: differences of whole steps in the file."""
    (sx, sy), (tx, ty) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    for arc in atlas["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        yield line


def simplified(line: Line, tolerance: float) -> Line:
    """The line without points that lie nearer than `tolerance` to what is left (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    first, last = line[0], line[-1]
    if first == last:  # an island: its two ends are one point, so that it is cut in halves
        far = max(range(len(line)), key=lambda at: distance(line[at], first, first))
        return [*simplified(line[: far + 1], tolerance)[:-1], *simplified(line[far:], tolerance)]
    far = max(range(1, len(line) - 1), key=lambda at: distance(line[at], first, last))
    if distance(line[far], first, last) <= tolerance:
        return [first, last]
    return [*simplified(line[: far + 1], tolerance)[:-1], *simplified(line[far:], tolerance)]


def distance(point: Point, first: Point, last: Point) -> float:
    """From a point to the line between two others."""
    (x, y), (ax, ay), (bx, by) = point, first, last
    length = (bx - ax) ** 2 + (by - ay) ** 2
    share = 0.0 if not length else min(1.0, max(0.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return float(((x - ax - share * (bx - ax)) ** 2 + (y - ay - share * (by - ay)) ** 2) ** 0.5)


def rings(atlas: dict[str, Any], arcs: Sequence[Line], names: Sequence[str], least: float) -> list[str]:
    """The outer rings of these countries within the box, the widest first, each as in the file."""
    found = []
    for shape in atlas["objects"]["countries"]["geometries"]:
        if shape["properties"]["name"] in names:
            polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
            found += [clipped(joined(polygon[0], arcs)) for polygon in polygons]
    kept = [ring for ring in found if len(ring) > 2 and across(ring) >= least]
    lines = (written(ring) for ring in sorted(kept, key=across, reverse=True))
    return [line for line in lines if line.count(" ") > 1]


def joined(numbers: Sequence[int], arcs: Sequence[Line]) -> Line:
    """A ring from its arcs; a number below zero is the arc ~number, backwards."""
    ring: list[Point] = []
    for number in numbers:
        line = arcs[number] if number >= 0 else list(reversed(arcs[~number]))
        ring += line[1:] if ring else line
    return ring


def clipped(ring: Line) -> Line:
    """What of a ring lies within the box (Sutherland and Hodgman, 1974)."""
    west, south, east, north = BOX
    for axis, edge, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        kept: list[Point] = []
        for before, after in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
            was_in, is_in = sign * (before[axis] - edge) >= 0, sign * (after[axis] - edge) >= 0
            if was_in != is_in:
                kept.append(crossing(before, after, axis, edge))
            if is_in:
                kept.append(after)
        ring = kept
    return ring


def crossing(before: Point, after: Point, axis: int, edge: float) -> Point:
    share = (edge - before[axis]) / (after[axis] - before[axis])
    at = [before[n] + share * (after[n] - before[n]) for n in (0, 1)]
    at[axis] = edge
    return at[0], at[1]


def across(ring: Line) -> float:
    """Degrees across: the longer side of the box around a ring."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def written(ring: Line) -> str:
    """Whole steps: the first point (east, south), then differences; no point twice."""
    steps = [(round(x / UNIT), round(-y / UNIT)) for x, y in ring]
    kept = [at for number, at in enumerate(steps) if number == 0 or at != steps[number - 1]]
    kept = kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept
    moves = [kept[0], *((x - a, y - b) for (a, b), (x, y) in pairwise(kept))]
    return " ".join(f"{x},{y}" for x, y in moves)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
