"""Nights of a warehouse with many sources, each night a process of its own.

    python3 benches/nights.py unchanged --esf target/release/esf [--sources 1000] [--rounds 5]
    python3 benches/nights.py hundred   --esf target/release/esf [--sources 20] [--nights 100]

`unchanged`: a night in which no file changed, and one in which one file did, over so many declared sources with a file
each; beside them a night of that one source alone.
`hundred`: in each night one source has a new file; time and memory of the second and of the last night, how many files they
read, and what the warehouse grows by.

Lists are made up; figures are the operating system's own of the finished process.
"""

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from race import once

SOURCE = """title = "Made list {number}"
publisher = "Musterministerium"
kind = "operations"
files = ["made_{number:04}_*.csv"]
list_id = "made_{number:04}"
country = "DE"
period = "2014-2020"
fund = "ESF"
identity = ["beneficiary_name", "title", "start_date"]

[published_date]
file_name = "_(\\\\d{{4}}-\\\\d{{2}}-\\\\d{{2}})"

[format]
kind = "csv"
encoding = "utf-8"
delimiter = ";"
"""
MAPPING = """[conventions]
numbers = "1.234,56"
dates = ["dd.mm.yyyy"]
"""
PLACES = ["10115 Berlin", "20095 Hamburg", "80331 München", "01067 Dresden", "99084 Erfurt"]


def declare(folder: Path, number: int) -> None:
    """The folder of one source."""
    source = folder / f"de_xx_made_{number:04}"
    source.mkdir(parents=True)
    (source / "source.toml").write_text(SOURCE.format(number=number))
    (source / "mapping.toml").write_text(MAPPING)


def publish(mirror: Path, number: int, vintage: int, rows: int = 40) -> None:
    """The file of one source, in place of the one before."""
    made = random.Random(f"{number} {vintage}")
    for old in mirror.glob(f"made_{number:04}_*.csv"):
        old.unlink()
    lines = ["Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Ort;Gesamtausgaben in EUR"]
    for row in range(rows):
        amount = f"{made.randint(1, 99)}.{made.randint(0, 999):03},{made.randint(0, 99):02}"
        place = PLACES[row % len(PLACES)]
        lines.append(f"Verein {row} e.V.;Vorhaben {row};01.02.2016;31.12.2017;{place};{amount}")
    day = date(2020, 1, 1) + timedelta(vintage)
    (mirror / f"made_{number:04}_{day}.csv").write_text("\n".join(lines) + "\n")


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Made:
    """Sources, their files and a warehouse, in a temporary folder."""

    def __init__(self, root: Path, esf: str, sources: int) -> None:
        self.sources, self.mirror, self.warehouse = (root / name for name in ("sources", "mirror", "warehouse"))
        self.mirror.mkdir(parents=True)
        self.esf = esf
        for number in range(sources):
            declare(self.sources, number)
            publish(self.mirror, number, 0)

    def night(self) -> tuple[float, float, float]:
        """Seconds, CPU seconds and peak MiB of one night."""
        return once([self.esf, "nightly", "--quiet", "--warehouse", str(self.warehouse), "--sources", str(self.sources),
                     "--mirror", str(self.mirror)])

    def read(self) -> int:
        """How many files the last night read."""
        record = json.loads(max((self.warehouse / "runs").iterdir()).read_text())
        return sum(file["state"] in ("loaded", "older") for file in record["sources"])


def told(name: str, runs: list[tuple[float, float, float]]) -> None:
    """One line of figures."""
    wall, memory = [run[0] for run in runs], [run[2] for run in runs]
    print(f"{name:34} min {min(wall):.3f} s  median {statistics.median(wall):.3f} s  peak {max(memory):.0f} MiB", flush=True)


def unchanged(root: Path, args: argparse.Namespace) -> None:
    """Nights over many sources in which nothing or one file changed."""
    many, one = Made(root / "many", args.esf, args.sources), Made(root / "one", args.esf, 1)
    told("first night", [many.night()])
    one.night()
    quiet, changed, alone = [], [], []
    for vintage in range(1, args.rounds + 1):
        tables = size(many.warehouse / "data")
        quiet.append(many.night())
        if size(many.warehouse / "data") != tables:
            sys.exit("a night without changes wrote table data")
        for made, into in ((many, changed), (one, alone)):
            publish(made.mirror, 0, vintage)
            into.append(made.night())
    told(f"nothing changed, {args.sources} sources", quiet)
    told("one source changed", changed)
    told("that source alone", alone)


def hundred(root: Path, args: argparse.Namespace) -> None:
    """Nights that follow each other. Two of them are gone through again and again, turn by turn, from copies of what there was
    on their evenings: single processes hours apart would say more of the machine than of the night."""
    made, evenings = Made(root / "made", args.esf, args.sources), {}
    made.night()
    sizes = []
    for night in range(1, args.nights + 1):
        publish(made.mirror, night % args.sources, night)
        if night in (1, args.nights - 1):
            evenings[night + 1] = root / f"evening_{night + 1}"
            shutil.copytree(root / "made", evenings[night + 1])
        made.night()
        sizes.append(size(made.warehouse))
    runs, read = {night: [] for night in evenings}, {}
    for _ in range(args.rounds):
        for night, evening in evenings.items():
            shutil.rmtree(root / "made")
            shutil.copytree(evening, root / "made")
            runs[night].append(made.night())
            read[night] = made.read()
    for night, of_night in runs.items():
        told(f"night {night}, {args.rounds} times", of_night)
        print(f"{'':34} {read[night]} files read")
    second, last = runs.values()
    for name, figure in (("time", 0), ("memory", 2)):
        pairs = [b[figure] / a[figure] for a, b in zip(second, last)]
        least = min(run[figure] for run in last) / min(run[figure] for run in second)
        print(f"{name} of the last to the second: median of pairs {statistics.median(pairs):.2f}, of the least {least:.2f}")
    grown = [b - a for a, b in zip(sizes, sizes[1:])]
    print(f"grows by {statistics.median(grown[:20]) / 1024:.0f} KiB a night at first, {statistics.median(grown[-20:]) / 1024:.0f} at last")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["unchanged", "hundred"])
    parser.add_argument("--esf", default="target/release/esf")
    parser.add_argument("--sources", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--nights", type=int, default=100)
    args = parser.parse_args()
    args.sources = args.sources or {"unchanged": 1000, "hundred": 20}[args.what]
    root = Path(tempfile.mkdtemp(prefix="nights-"))
    try:
        {"unchanged": unchanged, "hundred": hundred}[args.what](root, args)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
