"""Runs the statements that `esf compare METRIC -o FILE.sql` writes in DuckDB, over the Parquet files of the newest release.

    answer.py ESF WAREHOUSE

Every metric is asked about Germany by its usual dimension, as the cube answers it and, with a condition that leaves nothing out,
as the operations do. What DuckDB gives for a key must be the row of `esf compare`: numbers may differ by 1e-12 of the larger
one, and what has no value has none on both sides. Statements that call for a function of `esf` that DuckDB lacks are counted
and told, and enough must be left. Exit code 1 says that answers differ.
"""

import csv
import io
import os
import re
import subprocess
import sys
import tempfile

import duckdb
from ask import open_release, same

COLUMNS = ["value", "lower", "upper", "n", "coverage", "unallocated_share"]
LEAST = 8


def run(esf, warehouse, *arguments):
    return subprocess.run([esf, *arguments, "--warehouse", warehouse], capture_output=True, encoding="utf-8",
                          env={"PATH": os.environ.get("PATH", "")}, cwd=os.path.dirname(os.path.abspath(warehouse)))


def rows(done):
    assert done.returncode == 0, done.stderr
    found = csv.DictReader(io.StringIO(done.stdout))
    return [{name: text or None for name, text in row.items()} for row in found]


def statements(esf, warehouse, question):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "answer.sql")
        done = run(esf, warehouse, *question, "-o", path)
        assert done.returncode == 0, done.stderr
        with open(path, encoding="utf-8") as file:
            return file.read()


def differences(told, given):
    """What is not the same, in words; `told` by esf, `given` by DuckDB."""
    for key, row in told.items():
        theirs = given.get(key)
        if row["value"] is None and (theirs is None or theirs["value"] is None):
            continue
        for name in COLUMNS if theirs else ():
            if not same(row[name], theirs[name]):
                yield f"{key} {name}: esf {row[name]}, DuckDB {theirs[name]}"
        if not theirs:
            yield f"{key} is missing in the answer of DuckDB"
    for key in given.keys() - told.keys() - {"*"}:
        yield f"{key} is missing in the answer of esf"


def main(esf, warehouse):
    compared, lacking, failed = 0, set(), False
    for metric in rows(run(esf, warehouse, "metric", "list", "--format", "csv")):
        for condition in ([], ["--where", "true"]):
            question = ["compare", metric["metric"], "--country", "DE", "--limit", "0", *condition]
            done = run(esf, warehouse, *question, "--format", "csv")
            if done.returncode == 2 and "esf explain compare-" in done.stderr:
                continue
            told = {row["key"]: row for row in rows(done)}
            try:
                answer = open_release(warehouse).execute(statements(esf, warehouse, question))
            except duckdb.CatalogException as error:
                name = re.search(r"Function with name \"?(\w+)\"? does not exist", str(error))
                if not name:
                    raise
                lacking.add(name[1])
                continue
            names = [column[0] for column in answer.description]
            given = {row[0]: dict(zip(names, row)) for row in answer.fetchall()}
            found = list(differences(told, given))
            for line in found:
                print(metric["metric"], condition, line)
            failed |= bool(found)
            compared += any(row["value"] is not None for row in given.values())
    print(f"{compared} answers; DuckDB lacks {', '.join(sorted(lacking))}")
    assert compared >= LEAST, f"only {compared} answers are compared"
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
