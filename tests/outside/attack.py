"""An attack on published counts of participants that shares no code with the protection.

    attack.py WAREHOUSE TRUTH.csv [--reveal] [--newest]

Reads the public files `participation_cell` and `operation` of every release with DuckDB. Every cell is an unknown, every
published count an equation, and whatever adds up a sum: regions by NUTS prefix, sexes, ages, education and labour status
to `total`, operations to their programme. Those of whom an indicator is true are at most those of whom it is known, and
persons at most as many as participations; by how many they are fewer is an unknown too. TRUTH.csv (release, the key
columns, n) is what the restricted store holds. It is used to grant the attacker to know which hidden counts did not change
between releases, and to know how wide the interval of a count must be. For every hidden count scipy's HiGHS finds the least and the greatest value; the
exit code is 1 if they are nearer than that: t - 1 for a count below its minimum t, else 1, so that none can be derived;
and of a group of which all have an attribute it must stay possible that t - 1 have not. No count may be shown that is all
of those known, or none of them.
The differences between every two releases are attacked in the same way: they are counts of those who came or went. One that
both releases show is 0 or at least the minimum, and a smaller one that is hidden must keep its width, also for those who
know that people only came, or only went. What a release shows of a count can lag behind what was counted for it; the last row
of the count in the restricted `disclosure_log` says which of the numbers of TRUTH.csv it is.
--reveal shows counts that were hidden only to protect others, and --newest what was counted where a release shows something
older: then the attack must find something.
"""

import argparse
import csv
import glob
import json
import math
import os
import sys
from collections import defaultdict

import duckdb
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

DIMS = ["indicator_list", "indicator_code", "count_of", "operation_id", "programme_id", "nuts_code", "period_start",
        "period_end", "sex", "age_group", "education", "labour_status", "unit_of_count", "estimation"]
# Counts of which one is at most the other, by a number that nobody knows to be zero.
AT_MOST = {"count_of", "unit_of_count"}
ARTICLE_9 = {"CO15", "CO16", "CO17", "EECO12", "EECO13", "EECO14", "EECO15"}


def minimum(key):
    cell = dict(zip(DIMS, key))
    region, strictest = cell["nuts_code"], 3
    if region == "" or region.startswith("SE"):
        strictest = 5
    if len(region) > 5 or cell["indicator_code"] in ARTICLE_9:
        strictest = 10
    return strictest


def table(warehouse, release, name, columns):
    files = [os.path.join(warehouse, file["path"]) for file in release["tables"][name]["files"]]
    assert all("/data/" in file for file in files), files
    if not files:
        return []
    chosen = ", ".join(f"coalesce(cast({one} AS VARCHAR), '')" for one in columns)
    return duckdb.sql(f"SELECT {chosen} FROM read_parquet({files})").fetchall()


def parents(key, programmes):
    """The totals that a cell is a part of, each with the kind of sum."""
    at = {name: place for place, name in enumerate(DIMS)}
    changed = lambda **new: tuple(new.get(name, key[place]) for place, name in enumerate(DIMS))
    for name in ("sex", "age_group", "education", "labour_status"):
        if key[at[name]] != "total":
            yield name, changed(**{name: "total"})
    if key[at["count_of"]] == "indicator":
        yield "count_of", changed(count_of="known")
    if key[at["unit_of_count"]] == "persons":
        yield "unit_of_count", changed(unit_of_count="entries")
    region = key[at["nuts_code"]]
    if region:
        # The nearest region above that the table has is found by the caller.
        up = region[: min(len(region) - 1, 5)] if len(region) > 2 else ""
        yield "nuts_code", changed(nuts_code=up)
    operation = key[at["operation_id"]]
    if operation in programmes:
        yield "operation_id", changed(operation_id="", programme_id=programmes[operation])


def state(warehouse, release):
    """What the restricted log says that the release shows or hides: the count of the last decision about each cell."""
    files = [os.path.join(warehouse, file["path"]) for file in release["tables"]["disclosure_log"]["files"]]
    assert files and all("/restricted/" in file for file in files), files
    chosen = ", ".join(f"coalesce(cast({one} AS VARCHAR), '')" for one in [*DIMS, "n"])
    rows = duckdb.sql(f"SELECT {chosen} FROM read_parquet({files}) ORDER BY decision").fetchall()
    return {tuple(key): int(n) for *key, n in rows}


class Lines:
    """Equations between unknowns, in parts that have none in common."""

    def __init__(self, equations, known, unknown):
        self.known = known
        root = {at: at for at in unknown}

        def find(at):
            while root[at] != at:
                root[at] = root[root[at]]
                at = root[at]
            return at

        for equation in equations:
            free = [at for at, _ in equation if at in root]
            for one in free[1:]:
                root[find(one)] = find(free[0])
        self.members, self.lines = defaultdict(list), defaultdict(list)
        for at in unknown:
            self.members[find(at)].append(at)
        for equation in equations:
            free = [at for at, _ in equation if at in root]
            if free:
                self.lines[find(free[0])].append(equation)

    def parts(self):
        """The unknowns of each part with their matrix, or none where nothing adds up, and its right side."""
        for part, inside in sorted(self.members.items()):
            column = {at: place for place, at in enumerate(inside)}
            entries, right = [], []
            for number, equation in enumerate(self.lines[part]):
                constant = 0.0
                for at, sign in equation:
                    if at in column:
                        entries.append((number, column[at], sign))
                    else:
                        constant -= sign * self.known[at]
                right.append(constant)
            matrix = None
            if entries:
                rows, columns, signs = zip(*entries)
                matrix = csr_matrix((signs, (rows, columns)), shape=(len(right), len(inside)))
            yield inside, column, matrix, right


def sums_of(cells, programmes):
    """Which cells of a release add up to which, by the kind of sum and the total."""
    sums = defaultdict(list)
    for key in cells:
        for kind, total in parents(key, programmes):
            # A region that the table does not have is skipped.
            while kind == "nuts_code" and total not in cells and total[DIMS.index("nuts_code")] != "":
                total = next(up for name, up in parents(total, {}) if name == "nuts_code")
            if total in cells:
                sums[kind, total].append(key)
    return sums


def attack_differences(numbers, value, shown, programmes):
    """How many differences are shown or can be narrowed below their minimum, and how many were attacked."""
    narrow = attacked = 0
    for earlier in numbers:
        for later in (number for number in numbers if number > earlier):
            change = {key: value[later][key] - n for key, n in value[earlier].items() if key in value[later]}
            known = {key: float(by) for key, by in change.items() if {(earlier, key), (later, key)} <= shown}
            for key, by in known.items():
                if 0 < abs(by) < minimum(key):
                    narrow += 1
                    print(f"{key} is shown to change by {by:.0f} between releases {earlier} and {later}")
            cells, equations = list(change), []
            for (kind, total), parts in sums_of(cells, programmes[later]).items():
                equation = [(total, 1.0)] + [(part, -1.0) for part in parts]
                gap = change[total] - sum(change[part] for part in parts)
                if gap or kind in AT_MOST:
                    change["", len(equations)] = gap
                    equation.append((("", len(equations)), -1.0))
                equations.append(equation)
            rises, falls = any(by > 0 for by in change.values()), any(by < 0 for by in change.values())
            # Where people came and others went, nothing is known of a change beside the sums.
            least, most = (None, None) if rises and falls else (0.0, None) if rises else (None, 0.0)
            unknown = [key for key in change if key not in known]
            for inside, column, matrix, right in Lines(equations, known, unknown).parts():
                for key in inside:
                    if key[0] == "" or not 0 < abs(change[key]) < minimum(key):
                        continue
                    attacked += 1
                    if matrix is None:
                        continue
                    ends = []
                    for sign in (1.0, -1.0):
                        objective = np.zeros(len(inside))
                        objective[column[key]] = sign
                        bounds = [(least, most)] * len(inside)
                        result = linprog(objective, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
                        assert result.status in (0, 3), result.message
                        ends.append(sign * result.fun if result.status == 0 else -sign * math.inf)
                    if ends[1] - ends[0] < minimum(key) - 1 - 1e-6:
                        narrow += 1
                        print(f"{key}: its change of {change[key]} between releases {earlier} and {later} lies in {ends}")
    return narrow, attacked


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("warehouse")
    parser.add_argument("truth")
    parser.add_argument("--reveal", action="store_true")
    parser.add_argument("--newest", action="store_true")
    args = parser.parse_args()

    truth = {}
    with open(args.truth, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            truth[int(row["release"]), tuple(row[name] for name in DIMS)] = int(row["n"])

    releases, names, known = {}, {}, {}
    programmes, held = {}, {}
    hidden, lag, shown = 0, 0, set()
    for path in sorted(glob.glob(os.path.join(args.warehouse, "releases", "*.json"))):
        with open(path, encoding="utf-8") as file:
            release = json.load(file)
        programmes[release["number"]] = {
            row[0]: row[1] for row in table(args.warehouse, release, "operation", ["operation_id", "programme_id"]) if row[1]
        }
        cells, last = releases.setdefault(release["number"], {}), state(args.warehouse, release)
        values = held.setdefault(release["number"], {})
        for *key, n, status in table(args.warehouse, release, "participation_cell", [*DIMS, "n", "status"]):
            key = tuple(key)
            counted, value = truth[release["number"], key], last[key]
            assert any(truth.get((number, key)) == value for number in releases), (key, value)
            lag += value != counted
            assert n == "" or int(n) == value, (key, n, value)
            value = values[key] = counted if args.newest else value
            at = names.setdefault((key, value), len(names))
            cells[key] = at
            assert status in ("ok", "suppressed") and (n == "") == (status == "suppressed"), (key, n, status)
            if n != "":
                shown.add((release["number"], key))
            hidden += n == ""
            if n != "" or (args.reveal and value >= minimum(key)):
                known[at] = float(value)
    label = {at: name for name, at in names.items()}

    equations, extra = [], 0
    # Counts that can be zero though they are hidden, and those of whole groups.
    can_be_zero, groups = set(), set()
    for number, cells in releases.items():
        for (kind, total), parts in sums_of(cells, programmes[number]).items():
            equation = [(cells[total], 1.0)] + [(cells[part], -1.0) for part in parts]
            whole = held[number][total]
            gap = whole - sum(held[number][part] for part in parts)
            assert gap >= 0, (total, parts)
            if kind == "count_of" and whole > 0:
                can_be_zero.update(cells[part] for part in parts)
                if gap in (0, whole):
                    groups.update(cells[part] for part in parts)
                    told = [part for part in parts if (number, part) in shown]
                    assert not told, f"release {number} shows of a whole group: {told}"
            if gap > 0 or kind in AT_MOST:
                equation.append((len(names) + extra, -1.0))
                extra += 1
            equations.append(equation)

    # Connected parts of the unknowns are separate problems.
    unknown = [at for at in range(len(names) + extra) if at not in known]
    narrow = attacked = 0
    for inside, column, matrix, right in Lines(equations, known, unknown).parts():
        if matrix is None:
            # Nothing adds up to it or from it.
            attacked += sum(at < len(names) for at in inside)
            continue
        # What is hidden is at least 1 where zeros are shown; a remainder can be nothing.
        is_known = lambda at: at < len(names) and label[at][1] > 0 and at not in can_be_zero
        bounds = [(1.0 if is_known(at) else 0.0, None) for at in inside]
        ends = {}
        for at in (one for one in inside if one < len(names)):
            key, value = label[at]
            attacked += 1
            width = minimum(key) - 1 if 0 < value < minimum(key) else 1
            down = min(value, minimum(key) - 1) if at in groups and value >= minimum(key) else 0
            # The solutions found for others may already show that this one moves far enough.
            if at in ends:
                least, most = math.ceil(ends[at][0] - 1e-6), math.floor(ends[at][1] + 1e-6)
                if most - least >= width and value - least >= down:
                    continue
            found = []
            for sign in (1.0, -1.0):
                objective = np.zeros(len(inside))
                objective[column[at]] = sign
                result = linprog(objective, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
                if result.status == 3:
                    found.append(math.inf)
                    continue
                assert result.status == 0, result.message
                found.append(sign * result.fun)
                for one, solved in zip(inside, result.x):
                    low, high = ends.get(one, (solved, solved))
                    ends[one] = (min(low, solved), max(high, solved))
            least, most = math.ceil(found[0] - 1e-6), found[1]
            most = most if math.isinf(most) else math.floor(most + 1e-6)
            if most - least < width or value - least < down:
                narrow += 1
                print(f"{key} of {value} lies in {least}..{most}, needs {width}, and {down} below")
    small, differences = attack_differences(sorted(releases), held, shown, programmes)
    print(f"{len(releases)} releases, {hidden} hidden, {attacked} attacked, {narrow} narrower than their range")
    print(f"{lag} counts lag, {differences} differences attacked, {small} smaller than their minimum")
    sys.exit(1 if narrow or small else 0)


if __name__ == "__main__":
    main()
