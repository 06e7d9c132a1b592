"""Reads the public tables of a warehouse through their Delta logs, and compares them with the files of its releases.

    delta.py WAREHOUSE [URL]

Every release is compared in the version that its number has in each log: rows (as often as they are there), names and
types of columns, and what a filter on the bounds of a file finds, which a wrong bound would hide. URL names another
place of the same tables, such as s3://bucket/warehouse (with the usual AWS_ variables); the releases and the files are
always those of WAREHOUSE. Exit code 1 says that something differs.
"""

import glob
import json
import os
import sys

import deltalake
import duckdb

# Types of Arrow where DuckDB's name is another one.
TYPES = {"Utf8": "VARCHAR", "Int64": "BIGINT", "Date32": "DATE", "Boolean": "BOOLEAN"}


def releases(warehouse):
    """The documents, ascending."""
    found = []
    for path in sorted(glob.glob(os.path.join(warehouse, "releases", "*.json"))):
        with open(path, encoding="utf-8") as file:
            found.append(json.load(file))
    return found


def version_of(log, number):
    """The version of a table in the release of that number: the newest commit that is not of a later one."""
    return max(commit["version"] for commit in log.history() if commit["esf.release"] <= number)


def table_of_release(database, warehouse, table):
    """The view `expected`: the files that the release names."""
    kinds = {c["name"]: TYPES.get(c["type"], c["type"].replace("128", "")) for c in table["schema"]}
    columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in kinds.items())
    database.execute(f"CREATE OR REPLACE VIEW expected AS SELECT {columns} WHERE false")
    if table["files"]:
        files = [os.path.join(warehouse, file["path"]) for file in table["files"]]
        database.read_parquet(files).create_view("expected", replace=True)


def answers(database, statement):
    """What is answered over the Delta table and over the files."""
    return [database.execute(statement.format(view)).fetchall() for view in ("delta", "expected")]


def bounds(table):
    """Columns and values at which some file of the table begins or ends."""
    sides = [file[side] for file in table["files"] for side in ("min", "max")]
    return sorted({(name, value) for side in sides for name, value in side.items()})


def differences(database, table):
    """What is not the same in the views `delta` and `expected`, in words."""
    kinds = [[(column, kind) for column, kind, *_ in rows] for rows in answers(database, "DESCRIBE {}")]
    if kinds[0] != kinds[1]:
        yield f"columns: {kinds[0]} instead of {kinds[1]}"
        return
    for more, less in (("delta", "expected"), ("expected", "delta")):
        query = f"SELECT count(*) FROM (SELECT * FROM {more} EXCEPT ALL SELECT * FROM {less})"
        ((rows,),) = database.execute(query).fetchall()
        if rows:
            yield f"{rows} rows are in {more} only"
    for name, value in bounds(table):
        literal = value.replace("'", "''")
        found, expected = answers(database, f"SELECT count(*) FROM {{}} WHERE \"{name}\" = '{literal}'")
        if found != expected or not expected[0][0]:
            yield f"{name} = {value}: {found} rows instead of {expected}"


def main(warehouse, place):
    database = duckdb.connect()
    failed, compared, told_apart = False, 0, 0
    before = {}
    for release in releases(warehouse):
        for name, table in release["tables"].items():
            if table["visibility"] != "public":
                continue
            log = deltalake.DeltaTable(f"{place}/data/{name}")
            version = version_of(log, release["number"])
            log.load_as_version(version)
            assert log.transaction_version("esf") <= release["number"]
            database.register("delta", log.to_pyarrow_dataset())
            # What changed must differ from the release before, or the comparison is blind.
            if name in before and before[name]["files"] != table["files"]:
                table_of_release(database, warehouse, before[name])
                assert list(differences(database, table)), f"{name}: release {release['number']} is like the one before"
                told_apart += 1
            table_of_release(database, warehouse, table)
            for difference in differences(database, table):
                print(f"release {release['number']}, {name} version {version}: {difference}")
                failed = True
            compared += 1
            before[name] = table
    assert compared, "nothing is compared"
    print(f"{compared} tables compared, {told_apart} told apart from the release before")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], (sys.argv[2:] or sys.argv[1:])[0]))
