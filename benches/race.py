"""Whole processes side by side: `esf nightly` against a script that only cleans, over the same files.

    python3 benches/race.py lists  --esf target/release/esf --shared ../shared [--rounds 5]
    python3 benches/race.py copies --esf target/release/esf --shared ../shared [--rounds 3] [--copies 50]
    python3 benches/race.py cold   --esf target/release/esf --shared ../shared [--duckdb DUCKDB_BINARY]

`lists`: all shared lists, from nothing to a published release; then the same again with nothing changed.
`copies`: altered copies of the three largest CSV lists (`copies.py` of the rivals), each declared as a list of its own.
`cold`: one grouped count over operations, a new process each time, against the DuckDB command line on the same Parquet.

Programs run in turn, one after the other, with the starting order turned each round; figures are the operating system's
own of the finished process and its children. Needs: polars, fastexcel (PyPI) for the rival; nothing for `esf` alone.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent


def once(command: list[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak MiB of one process."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    if os.waitstatus_to_exitcode(status) not in (0, 4):
        sys.exit(f"{command[0]} failed: {error.decode(errors='replace')[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def race(entries: dict[str, object], rounds: int) -> None:
    """Runs the entries in turn and prints minimum, median and the ratio to the last entry, round by round."""
    names = list(entries)
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for round_ in range(rounds + 1):
        for name in names[round_ % len(names):] + names[: round_ % len(names)]:
            figures = once(entries[name]())
            if round_ > 0:  # the first round warms the caches
                runs[name].append(figures)
    rival = names[-1]
    print(f"{'':24} {'min s':>8} {'median s':>9} {'CPU s':>7} {'peak MiB':>9} {'ratio to ' + rival:>20}")
    for name in names:
        wall = [r[0] for r in runs[name]]
        ratio = statistics.median(a[0] / b[0] for a, b in zip(runs[name], runs[rival]))
        cpu, memory = (statistics.median(r[i] for r in runs[name]) for i in (1, 2))
        print(f"{name:24} {min(wall):8.3f} {statistics.median(wall):9.3f} {cpu:7.2f} {memory:9.0f} {ratio:20.2f}")


def declare_copies(copies: Path, into: Path) -> None:
    """One source folder per copy `NAME__07.csv`, from the declarations of the source that takes `NAME.csv`."""
    bases = {}
    for folder in (REPO / "pipelines/sources").iterdir():
        declared = tomllib.loads((folder / "source.toml").read_text())
        if declared["kind"] == "operations" and "files" in declared:
            bases[folder] = declared
    for copy in sorted(copies.iterdir()):
        stem, number = copy.stem.rsplit("__", 1)
        base = next(f for f, d in bases.items() if any(Path(f"{stem}.csv").match(g) for g in d["files"]))
        folder = into / f"{base.name}_copy_{number}"
        folder.mkdir(parents=True)
        text = (base / "source.toml").read_text()
        lines = []
        for line in text.splitlines():
            if line.startswith("files ="):
                line = f'files = ["{copy.name}"]'
            if line.startswith("list_id ="):
                line = f'list_id = "{stem}__{number}"'
            lines.append(line)
        (folder / "source.toml").write_text("\n".join(lines) + "\n")
        shutil.copy(base / "mapping.toml", folder / "mapping.toml")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["lists", "copies", "cold"])
    arguments.add_argument("--esf", default=str(REPO / "target/release/esf"))
    arguments.add_argument("--shared", type=Path, default=REPO.parent / "shared")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--copies", type=int, default=50)
    arguments.add_argument("--duckdb", default="duckdb")
    options = arguments.parse_args()
    lists = options.shared / "data/beneficiaries"
    references = options.shared / "data/reference"
    rival = [sys.executable, str(options.shared / "bench/normalise_polars.py")]
    tercet = str(references / "tercet_DE_zip_nuts3.csv")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)

        def fresh(name: str) -> str:
            folder = scratch / name
            shutil.rmtree(folder, ignore_errors=True)
            return str(folder)

        mirrors = ["--mirror", str(lists), "--mirror", str(references)]
        if options.what == "lists":
            full = lambda: [options.esf, "nightly", "-q", "--warehouse", fresh("w"), *mirrors]
            polars = lambda: [*rival, str(lists), fresh("p"), tercet]
            race({"esf nightly": full, "polars (cleans only)": polars}, options.rounds)
            kept = str(scratch / "kept")
            once([options.esf, "nightly", "-q", "--warehouse", kept, *mirrors])
            again = lambda: [options.esf, "nightly", "-q", "--warehouse", kept, *mirrors]
            race({"esf, nothing changed": again}, options.rounds)
        elif options.what == "copies":
            copies, declared = scratch / "copies", scratch / "sources"
            maker = options.shared / "bench/copies.py"
            subprocess.run([sys.executable, str(maker), str(lists), str(copies), str(options.copies)], check=True)
            declare_copies(copies, declared)
            command = ["nightly", "-q", "--sources", str(declared), "--mirror", str(copies), "--mirror", str(references)]
            full = lambda: [options.esf, *command, "--warehouse", fresh("w")]
            polars = lambda: [*rival, str(copies), fresh("p"), tercet]
            race({"esf nightly": full, "polars (cleans only)": polars}, options.rounds)
        else:
            kept = str(scratch / "kept")
            once([options.esf, "nightly", "-q", "--warehouse", kept, *mirrors])
            count = "SELECT country, period, count(*) AS n FROM {} GROUP BY country, period ORDER BY country, period"
            files = f"read_parquet('{kept}/data/operation/*.parquet')"
            esf = lambda: [options.esf, "sql", "--warehouse", kept, count.format("operation")]
            duckdb = lambda: [options.duckdb, "-c", count.format(files)]
            race({"esf sql": esf, "duckdb": duckdb}, max(options.rounds, 15))


if __name__ == "__main__":
    main()
