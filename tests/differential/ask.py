"""Asks one question twice, of `esf` and of DuckDB over the Parquet files of the newest release, and compares the answers.

    ask.py ESF WAREHOUSE QUESTION.sql [--cent]

A question is a statement for DuckDB, written from the definition of the number and not from the queries of `esf`. Its
header says what to ask `esf`: `-- compare: METRIC --by ...` or `-- sql: SELECT ...`, over several lines if need be. Lines
such as `-- each: kind = paid | granted` ask it once for every value (of several such lines, every combination): `{kind}`
stands for the value on the side of `esf`, `getvariable('kind')` in the statement. `-- key: a, b` names the columns that
tell rows apart, otherwise it is `key`. The columns of DuckDB's answer are compared with those of the same name.

Rows must be the same on both sides. Exact types must be equal, decimals to the last cent; floats may differ by 1e-12 of
the larger one. After that every column of the answer is changed by the least that matters and every comparison must see
it, so that none passes because it compares nothing. `--cent` changes one published amount on DuckDB's side by a cent:
then the question must fail. Exit code 1 says that answers differ.
"""

import csv
import datetime
import glob
import io
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from decimal import Decimal

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-12
SHOWN = 20
# Types of Arrow where DuckDB's name is another one.
TYPES = {"Utf8": "VARCHAR", "Int64": "BIGINT", "Float64": "DOUBLE", "Date32": "DATE"}
# How regions of one level are asked for.
LEVELS = {f"nuts{level}": f"region --level nuts{level}" for level in (1, 2, 3)}


def open_release(warehouse):
    """The public tables of the newest release and our own views of them (views/, in the order of their numbers)."""
    with open(max(glob.glob(os.path.join(warehouse, "releases", "*.json"))), encoding="utf-8") as file:
        tables = json.load(file)["tables"]
    database = duckdb.connect()
    for name, table in tables.items():
        files = [os.path.join(warehouse, part["path"]) for part in table["files"]]
        if table["visibility"] == "public" and files:
            database.read_parquet(files).create_view(name)
        elif table["visibility"] == "public":
            kinds = {c["name"]: TYPES.get(c["type"], c["type"].replace("128", "")) for c in table["schema"]}
            columns = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in kinds.items())
            database.execute(f'CREATE VIEW "{name}" AS SELECT {columns} WHERE false')
    return database


def derive(database):
    for path in sorted(glob.glob(os.path.join(HERE, "views", "*.sql"))):
        name = os.path.basename(path).removesuffix(".sql").split("_", 1)[1]
        with open(path, encoding="utf-8") as file:
            database.execute(f"CREATE VIEW {name} AS {file.read()}")


def add_a_cent(database):
    """One amount, of which nothing is special but that it counts, is a cent higher."""
    database.execute("""
        CREATE TABLE altered AS SELECT * FROM operation_amount;
        UPDATE altered SET amount = amount + 0.01 WHERE operation_id = (
            SELECT min(operation_id) FROM operation_amount SEMI JOIN counted USING (operation_id)
            WHERE amount_kind = 'total_eligible' AND currency = 'EUR');
        CREATE OR REPLACE VIEW operation_amount AS SELECT * FROM altered""")


class Question:
    """What is asked, of both sides."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.statement = file.read()
        lines = re.findall(r"^-- (\w+): (.*)$", self.statement, re.MULTILINE)
        said = lambda name: [text for found, text in lines if found == name]
        self.compare, self.sql = " ".join(said("compare")), " ".join(said("sql"))
        assert bool(self.compare) != bool(self.sql), "a header has either compare or sql"
        self.key = [name.strip() for name in (said("key") or ["key"])[0].split(",")]
        each = [text.split("=", 1) for text in said("each")]
        self.names = [name.strip() for name, _ in each]
        self.choices = [[value.strip() for value in values.split("|")] for _, values in each]

    def cases(self):
        return [dict(zip(self.names, values)) for values in itertools.product(*self.choices)]

    def of_esf(self, esf, warehouse, case):
        spelled = {name: LEVELS.get(value, value) for name, value in case.items()}
        fill = lambda text: re.sub(r"\{(\w+)\}", lambda name: spelled[name[1]], text)
        asked = ["compare", *shlex.split(fill(self.compare)), "--limit", "0"] if self.compare else ["sql", fill(self.sql)]
        command = [esf, *asked, "--format", "csv", "--warehouse", warehouse]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", env={"PATH": os.environ.get("PATH", "")},
                              cwd=os.path.dirname(os.path.abspath(warehouse)))
        if done.returncode == 2 and re.search(r"esf explain compare-(nothing|lacks)", done.stderr):
            return None
        assert done.returncode == 0, f"{asked}: {done.stderr}"
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        return [{name: text or None for name, text in row.items()} for row in rows]

    def of_duckdb(self, database, case):
        for name, value in case.items():
            database.execute(f'SET VARIABLE "{name}" = ?', [value])
        answer = database.execute(self.statement)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row)) for row in answer.fetchall()]


def same(text, value):
    """Whether a cell of esf's CSV is DuckDB's value."""
    if text is None or value is None:
        return text is None and value is None
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, (int, Decimal)):
        return Decimal(text) == value
    if isinstance(value, float):
        found = float(text)
        return abs(found - value) <= TOLERANCE * max(abs(found), abs(value))
    return text == str(value)


def differences(esf, theirs, key):
    """What is not the same, in words."""
    def by_key(rows, side):
        keyed = {}
        for row in rows:
            place = tuple(None if row[name] is None else str(row[name]) for name in key)
            if place in keyed:
                yield f"{place} stands twice in the answer of {side}"
            keyed[place] = row
        sides.append(keyed)

    sides = []
    yield from by_key(esf, "esf")
    yield from by_key(theirs, "DuckDB")
    ours, theirs = sides
    for place in sorted(ours.keys() | theirs.keys(), key=str):
        if place not in theirs:
            yield f"{place} is missing in the answer of DuckDB; esf has {ours[place]}"
        elif place not in ours:
            yield f"{place} is missing in the answer of esf; DuckDB has {theirs[place]}"
        else:
            for name, value in theirs[place].items():
                if not same(ours[place][name], value):
                    yield f"{place} {name}: esf {ours[place][name]}, DuckDB {value}"


def nudged(value):
    """The least change that matters: a unit, the last digit of a decimal, a little more than the tolerance."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, Decimal):
        return value + Decimal(1).scaleb(value.as_tuple().exponent)
    if isinstance(value, float):
        return value * (1 + 10 * TOLERANCE) if value else 10 * TOLERANCE
    if isinstance(value, datetime.date):
        return value + datetime.timedelta(days=1)
    return value + "?"


def blind_spots(esf, rows, key):
    """Changes to DuckDB's answer that the comparison does not see, tried on its first rows."""
    place = lambda row: [None if row[name] is None else str(row[name]) for name in key]
    rows = rows[:SHOWN]
    places = [place(row) for row in rows]
    esf = [row for row in esf if place(row) in places]
    altered = {"a missing row": rows[1:], "a row more": [*rows, {**rows[0], key[0]: "?"}]}
    for name in rows[0]:
        at = next((at for at, row in enumerate(rows) if row[name] is not None), None)
        for change in (nudged, lambda _: None) if at is not None else ():
            row = {**rows[at], name: change(rows[at][name])}
            altered[f"{row} for {rows[at]}"] = [*rows[:at], row, *rows[at + 1:]]
    return [change for change, changed in altered.items() if not any(differences(esf, changed, key))]


def main(esf, warehouse, path, *options):
    database = open_release(warehouse)
    derive(database)
    if "--cent" in options:
        add_a_cent(database)
    question, failed, compared = Question(path), False, 0
    for case in question.cases():
        ours, theirs = question.of_esf(esf, warehouse, case), question.of_duckdb(database, case)
        if ours is None:
            # A question is refused where it would have no value at all.
            found = [f"esf has nothing, DuckDB {row}" for row in theirs if row.get("value") is not None]
        else:
            found = list(differences(ours, theirs, question.key))
        if theirs and ours is not None and not found:
            found = [f"the comparison does not see {change}" for change in blind_spots(ours, theirs, question.key)]
        for line in found[:SHOWN]:
            print(case, line)
        if len(found) > SHOWN:
            print(case, f"and {len(found) - SHOWN} more")
        failed |= bool(found)
        compared += 0 if ours is None else sum(len(row) - len(question.key) for row in theirs)
    assert compared, "nothing is compared"
    print(f"{len(question.cases())} questions, {compared} values")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
