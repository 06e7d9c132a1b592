"""How long comparisons take while a session is open, and as processes of their own.

    python3 benches/compare.py --esf target/release/esf --warehouse W [--rounds 5]

Every metric that the cube of a release holds is asked by region and by programme: `hot` is a session's time from the text of
the statement to the last row, the first run left out; `process` is `esf compare` from its start to its end. Figures are
milliseconds, minimum and median.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
DIMENSIONS = ["region", "programme"]


def metrics(options: argparse.Namespace) -> list[str]:
    """The metrics of which the newest release has a cube."""
    query = "SELECT DISTINCT metric FROM comparison_cube ORDER BY 1"
    command = [options.esf, "sql", "--warehouse", options.warehouse, "--format", "json", query]
    return [row["metric"] for row in json.loads(subprocess.run(command, check=True, capture_output=True).stdout)]


def hot(options: argparse.Namespace, metric: str, by: str) -> list[float] | None:
    """Milliseconds of each run but the first; none where the question is refused."""
    query = f"SELECT * FROM compare('{metric}', '{by}', 'country=DE')"
    command = [options.esf, "sql", "--warehouse", options.warehouse, "--timed", str(options.rounds + 1), "--format", "csv", query]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 2:
        return None
    if done.returncode != 0:
        sys.exit(f"{metric} by {by} failed: {done.stderr[-2000:]}")
    runs = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return [run["seconds"] * 1000 for run in runs[1:]]


def process(options: argparse.Namespace, metric: str, by: str) -> list[float]:
    """Milliseconds of whole processes."""
    command = [options.esf, "compare", metric, "--by", by, "--country", "DE", "--warehouse", options.warehouse, "--format", "csv"]
    taken = []
    for _ in range(options.rounds):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--esf", default=str(REPO / "target/release/esf"))
    arguments.add_argument("--warehouse", required=True)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    shown = lambda taken: f"{min(taken):.0f} / {statistics.median(taken):.0f}"
    print("| metric | by | hot | process |\n|---|---|---|---|")
    for metric in metrics(options):
        for by in DIMENSIONS:
            taken = hot(options, metric, by)
            if taken is not None:
                print(f"| {metric} | {by} | {shown(taken)} | {shown(process(options, metric, by))} |", flush=True)


if __name__ == "__main__":
    main()
