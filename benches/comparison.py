"""Twelve comparative questions, `esf` beside DuckDB and Polars on the very same Parquet files of a synthetic release.

    python3 benches/comparison.py --esf target/release/esf [--operations 2000000 --participations 100000000]
    python3 benches/comparison.py --esf target/release/esf --warehouse W [--rounds 5] [--only q03,q07] [--rivals duckdb]

The questions are the files of `benches/comparison/`: the same text for esf and DuckDB, except where a file
`qNN_….duckdb.sql` says it in DuckDB's words; `comparison_polars.py` asks them as lazy frames. A process answers one
question: once to warm up, then the timed run, from the text to the last row in memory. Programs take turns, and every
round begins with another one. Ratios are taken round by round; results are equal at 1e-8 relative, or the script fails.

Peak memory is the operating system's for the whole process: those of DuckDB and Polars include Python and pyarrow.
Needs duckdb, polars and pyarrow from PyPI, and memory for 2 threads.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
QUERIES = Path(__file__).resolve().parent / "comparison"
TABLES = ["operation", "operation_amount", "operation_organisation", "participation", "region_statistic", "exchange_rate"]
TOLERANCE = 1e-8


def names() -> list[str]:
    """The questions."""
    return sorted(path.stem for path in QUERIES.glob("q*.sql") if "." not in path.stem)


def files_of(warehouse: Path) -> dict[str, list[str]]:
    """The files of each table in the newest release."""
    release = json.loads(max((warehouse / "releases").glob("*.json")).read_text())
    return {table: [str(warehouse / file["path"]) for file in release["tables"][table]["files"]] for table in TABLES}


def duckdb(warehouse: Path, name: str, threads: int):
    """A function that asks DuckDB and gives an Arrow table."""
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    for table, files in files_of(warehouse).items():
        connection.execute(f"CREATE VIEW {table} AS FROM read_parquet({files})")
    own = QUERIES / f"{name}.duckdb.sql"
    sql = (own if own.exists() else QUERIES / f"{name}.sql").read_text()
    return lambda: connection.sql(sql).to_arrow_table()


def polars(warehouse: Path, name: str, threads: int):
    """A function that asks Polars and gives an Arrow table."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars
    from comparison_polars import QUERIES as frames

    scans = {table: polars.scan_parquet(files) for table, files in files_of(warehouse).items()}
    return lambda: frames[name[:3]](scans).collect(engine="streaming").to_arrow()


def answer(options: argparse.Namespace) -> None:
    """Answers one question in this process, as `esf sql --timed` does."""
    import pyarrow.ipc

    run = {"duckdb": duckdb, "polars": polars}[options.answer](options.warehouse, options.only, options.threads)
    for number in range(1, options.runs + 1):
        begun = time.perf_counter()
        table = run()
        seconds = time.perf_counter() - begun
        print(json.dumps({"run": number, "seconds": seconds, "rows": len(table)}), file=sys.stderr)
    with pyarrow.ipc.new_file(options.output, table.schema) as file:
        file.write_table(table)


def command(engine: str, name: str, output: Path, options: argparse.Namespace) -> list[str]:
    """The process that answers a question."""
    if engine == "esf":
        return [options.esf, "sql", "--warehouse", str(options.warehouse), "--threads", str(options.threads),
                "--access", "restricted", "--timed", str(options.runs), "-f", str(QUERIES / f"{name}.sql"),
                "--format", "arrow", "--output", str(output), *options.esf_flag]
    return [sys.executable, __file__, "--answer", engine, "--warehouse", str(options.warehouse), "--only", name,
            "--threads", str(options.threads), "--runs", str(options.runs), "--output", str(output)]


def once(engine: str, name: str, output: Path, options: argparse.Namespace) -> tuple[float, float]:
    """Milliseconds of the last run and peak MiB of the process."""
    process = subprocess.Popen(command(engine, name, output, options), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{engine} {name} failed: {said[-2000:]}")
    runs = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return runs[-1]["seconds"] * 1000, usage.ru_maxrss / 1024


def rows_of(path: Path) -> list[tuple]:
    """The rows of an answer, numbers as floats."""
    import pyarrow

    with pyarrow.memory_map(str(path)) as source:
        try:
            table = pyarrow.ipc.open_file(source).read_all()
        except pyarrow.ArrowInvalid:
            source.seek(0)
            table = pyarrow.ipc.open_stream(source).read_all()
        number = lambda value: float(value) if isinstance(value, (int, float, Decimal)) else value
        return [tuple(map(number, row.values())) for row in table.to_pylist()]


def is_equal(a, b) -> bool:
    """Whether two cells say the same."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-12)
    return a == b


def require_equal(name: str, engine: str, ours: list[tuple], theirs: list[tuple]) -> None:
    """Fails where two answers differ, with the first row that does, or where there is none."""
    if not ours or len(ours) != len(theirs):
        sys.exit(f"{name}: esf gives {len(ours)} rows, {engine} {len(theirs)}")
    for a, b in zip(ours, theirs):
        if len(a) != len(b) or not all(map(is_equal, a, b)):
            sys.exit(f"{name}: esf gives {a}, {engine} {b}")


def geometric_mean(values: list[float]) -> float:
    return math.exp(statistics.fmean(math.log(value) for value in values))


def race(options: argparse.Namespace) -> None:
    """Runs all questions in turn and prints what they took."""
    engines = ["esf", *options.rivals]
    asked = [name for name in names() if not options.only or name[:3] in options.only.split(",")]
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for round_ in range(options.rounds):
            turn = round_ % len(engines)
            for name in asked:
                answers = {}
                for engine in engines[turn:] + engines[:turn]:
                    output = Path(scratch) / f"{engine}.arrow"
                    taken.setdefault((name, engine), []).append(once(engine, name, output, options))
                    answers[engine] = rows_of(output)
                for engine in options.rivals:
                    require_equal(name, engine, answers["esf"], answers[engine])
            print(f"round {round_ + 1} of {options.rounds}: equal answers", file=sys.stderr)
    report(asked, engines, taken, options)


def report(asked: list[str], engines: list[str], taken: dict, options: argparse.Namespace) -> None:
    """Prints a Markdown table: milliseconds (minimum, median), ratios, peak memory."""
    rivals = engines[1:]
    heads = [f"{engine} ms, min / median" for engine in engines] + [f"esf / {rival}" for rival in rivals]
    heads += [f"{engine} MiB" for engine in engines]
    print("| question | " + " | ".join(heads) + " |\n" + "|---" * (len(heads) + 1) + "|")
    ratios: dict[str, list[float]] = {rival: [] for rival in rivals}
    peaks = {engine: 0.0 for engine in engines}
    for name in asked:
        cells = []
        for engine in engines:
            ms = [figures[0] for figures in taken[name, engine]]
            cells.append(f"{min(ms):.0f} / {statistics.median(ms):.0f}")
        for rival in rivals:
            by_round = [ours[0] / theirs[0] for ours, theirs in zip(taken[name, "esf"], taken[name, rival])]
            ratios[rival].append(statistics.median(by_round))
            cells.append(f"{statistics.median(by_round):.2f} ({min(by_round):.2f}-{max(by_round):.2f})")
        for engine in engines:
            peak = max(figures[1] for figures in taken[name, engine])
            peaks[engine] = max(peaks[engine], peak)
            cells.append(f"{peak:.0f}")
        print(f"| {name} | " + " | ".join(cells) + " |")
    means = [f"**{geometric_mean(ratios[rival]):.2f}**" for rival in rivals]
    print("| **geometric mean, largest peak** | " + " | ".join([""] * len(engines) + means + [f"**{peaks[e]:.0f}**" for e in engines]) + " |")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--esf", default=str(REPO / "target/release/esf"))
    arguments.add_argument("--warehouse", type=Path, help="a warehouse of `esf generate`; made for the run if it is not named")
    arguments.add_argument("--operations", type=int, default=200_000)
    arguments.add_argument("--participations", type=int, default=10_000_000)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--only", help="questions such as q03,q07")
    arguments.add_argument("--rivals", type=lambda text: [r for r in text.split(",") if r], default=["duckdb", "polars"])
    arguments.add_argument("--runs", type=int, default=2, help="runs of a process; the last one counts")
    arguments.add_argument("--esf-flag", action="append", default=[], help="a further flag of `esf sql`")
    arguments.add_argument("--answer", help=argparse.SUPPRESS)
    arguments.add_argument("--output", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.answer:
        answer(options)
        return
    with tempfile.TemporaryDirectory() as scratch:
        options.warehouse = options.warehouse or Path(scratch) / "warehouse"
        if not (options.warehouse / "releases").exists():
            size = ["--operations", str(options.operations), "--participations", str(options.participations)]
            made = [options.esf, "generate", *size, "--seed", str(options.seed), "--warehouse", str(options.warehouse)]
            subprocess.run(made, check=True, stdout=sys.stderr)
        race(options)


if __name__ == "__main__":
    main()
