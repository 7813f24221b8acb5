"""What collecting is worth: speed, freshness, copies, odd feeds, a hostile server; each beside a peer in the same run.

    python -m benchmarks.collect [--only feeds,delay,copies,suite,hostile] [--feeds 2000] [--days 14] [--seeds 12]
                                 [--tail-words 15] [--crowd 20] [--timeout 10] [--cache FOLDER]

Other work on the machine makes feeds a minute a lower bound; processor time a feed is what to compare then.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.table import Table

PARTS = ("feeds", "delay", "copies", "suite", "hostile")


def main() -> None:
    """The parts are loaded here: child processes load this module again, and their memory is measured."""
    from benchmarks import collect_copies, collect_delay, collect_feeds, collect_hostile, collect_suite
    from benchmarks.shared import NotRunError, reporting, results

    args = _arguments()
    with reporting() as report:
        parts: dict[str, Callable[[], Iterable[Table]]] = {
            "feeds": lambda: collect_feeds.tables(args.feeds, report),
            "delay": lambda: collect_delay.tables(args.days, args.seeds, report),
            "copies": lambda: collect_copies.tables(args.copy_seeds, args.tail_words, report),
            "suite": lambda: collect_suite.tables(args.cache, report),
            "hostile": lambda: collect_hostile.tables(args.timeout, args.crowd, report),
        }
        for name in args.only:
            try:
                for table in parts[name]():
                    results.print(table)
            except NotRunError as reason:
                results.print(f"{name}: not run ({reason})")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", type=_parts, default=list(PARTS), metavar="PART,...", help=", ".join(PARTS))
    parser.add_argument("--feeds", type=int, default=2000, help="sources on loopback")
    parser.add_argument("--days", type=int, default=14, help="simulated days")
    parser.add_argument("--seeds", type=int, default=12, help="simulated sources of each kind")
    parser.add_argument("--copy-seeds", type=int, default=3, help="collections of copies")
    parser.add_argument("--tail-words", type=int, default=15, help="words added to each copy")
    parser.add_argument("--crowd", type=int, default=20, help="endless bodies at the same time")
    parser.add_argument("--timeout", type=float, default=10.0, help="the collector's time-out in seconds")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path.home() / ".cache" / "waspada-benchmarks",
        help="where feedparser's source package is kept",
    )
    return parser.parse_args()


def _parts(value: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'} is no part; parts: {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    main()
