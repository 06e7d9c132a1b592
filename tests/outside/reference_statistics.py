"""Writes questions about the statistics in SQL with the answers of independent implementations, as JSON.

    python3 reference_statistics.py SEED

Each question is a statement and the rows it must give: numbers, or null. A number agrees if it differs by less than
1e-12 of the larger one, or by less than the floor given with it: a few roundings of the operands where either side is a
difference of them. Numbers go into the statements as text that is cast, so that both sides start from the same floats.
"""

import datetime
import json
import math
import sys
from collections import Counter
from fractions import Fraction

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

rng = np.random.default_rng(int(sys.argv[1]))
EPS = float(np.finfo(float).eps)
CONFIDENCES = [0.8, 0.9, 0.95, 0.99, 0.998]
questions = {}


def literal(value):
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, (str, datetime.date)) else f"'{value!r}'"


def ask(name, columns, rows, select, wanted, group=""):
    """Columns are `name type`; the first, `i`, orders the answers. Wanted: for each row numbers, or (number, floor)."""
    cast = ", ".join(f"CAST({c.split()[0]} AS {c.split()[1]}) AS {c.split()[0]}" for c in columns)
    names = ", ".join(c.split()[0] for c in columns)
    values = ",\n".join(f"({', '.join(literal(plain(v)) for v in row)})" for row in rows)
    sql = f"SELECT {select} FROM (SELECT {cast} FROM (VALUES {values}) AS t({names})) AS v {group} ORDER BY i"
    pairs = [[pair(v) for v in row] for row in wanted]
    questions.setdefault(name, []).append({"sql": sql, "wanted": pairs})


def plain(value):
    return value.item() if hasattr(value, "item") else value


def pair(value):
    value, floor = value if isinstance(value, tuple) else (value, 0.0)
    return None if value is None else [float(value), float(floor)]


def z_of(c):
    return float(stats.norm.ppf((1 + c) / 2))


def confidence():
    return float(rng.choice(CONFIDENCES))


def part_of(most):
    n = int(rng.integers(1, most))
    return int(rng.integers(0, n + 1)), n


def money(size, zeros=0.0):
    values = np.round(np.exp(rng.normal(11, 2, size)), 2)
    return np.where(rng.uniform(size=size) < zeros, 0.0, values)


def normal():
    p = np.concatenate([rng.uniform(0, 1, 500), 10.0 ** rng.uniform(-300, -1, 200), [0.025, 0.075, 0.925, 0.975, 0.999]])
    ask("normal", ["i BIGINT", "p DOUBLE"], list(enumerate(p)), "normal_quantile(p)", [[v] for v in stats.norm.ppf(p)])
    z = np.concatenate([rng.normal(0, 1, 400), rng.uniform(-37, 9, 400)])
    ask("normal", ["i BIGINT", "z DOUBLE"], list(enumerate(z)), "normal_cdf(z)", [[v] for v in stats.norm.cdf(z)])


def intervals():
    one, one_wanted, two, two_wanted = [], [], [], []
    for i in range(900):
        most = [12, 300, 10**7][i % 3]
        (x, n), (x2, n2), c = part_of(most), part_of(most), confidence()
        lower, upper = proportion_confint(x, n, alpha=1 - c, method="wilson")
        # statsmodels leaves rounding at ends that are exact, and takes the lower end as a difference.
        one.append((i, x, n, c))
        one_wanted.append([(0.0 if x == 0 else lower, 4 * EPS * upper), 1.0 if x == n else upper])
        lower, upper = confint_proportions_2indep(x, n, x2, n2, method="newcomb", compare="diff", alpha=1 - c)
        floor = 8 * EPS * max(x / n, x2 / n2)
        two.append((i, x, n, x2, n2, c))
        two_wanted.append([(max(lower, -1.0), floor), (min(upper, 1.0), floor)])
    ask("intervals", ["i BIGINT", "x BIGINT", "n BIGINT", "c DOUBLE"], one, "wilson_lower(x, n, c), wilson_upper(x, n, c)", one_wanted)
    ask("intervals", ["i BIGINT", "x BIGINT", "n BIGINT", "y BIGINT", "m BIGINT", "c DOUBLE"], two,
        "newcombe_lower(x, n, y, m, c), newcombe_upper(x, n, y, m, c)", two_wanted)


def poisson_ends(count, c):
    if count < 10:
        low = 0.0 if count == 0 else stats.chi2.ppf((1 - c) / 2, 2 * count) / 2
        return low, stats.chi2.isf((1 - c) / 2, 2 * count + 2) / 2
    byar = lambda k, z: k * max(0.0, 1 - 1 / (9 * k) + z / (3 * math.sqrt(k))) ** 3
    return byar(count, -z_of(c)), byar(count + 1, z_of(c))


def counts():
    rows = [(i, int(rng.integers(0, rng.choice([12, 2000]))), confidence()) for i in range(500)]
    ask("counts", ["i BIGINT", "k BIGINT", "c DOUBLE"], rows, "poisson_lower(k, c), poisson_upper(k, c)",
        [poisson_ends(k, c) for _, k, c in rows])


def funnel():
    rows, wanted = [], []
    for i in range(500):
        n, p, c = int(rng.integers(1, 5000)), float(rng.uniform(0.01, 0.99)), confidence()
        half = z_of(c) * math.sqrt(p * (1 - p) / n)
        rows.append((i, p, n, c))
        wanted.append([(max(0.0, p - half), 4 * EPS * p), min(1.0, p + half)])
    ask("funnel", ["i BIGINT", "p DOUBLE", "n BIGINT", "c DOUBLE"], rows, "funnel_lower(p, n, c), funnel_upper(p, n, c)", wanted)


def days():
    epoch, rows, wanted = datetime.date(2000, 1, 1), [], []
    for i in range(300):
        a, b = (np.sort(rng.integers(-500, 500, 2)) for _ in range(2))
        span = lambda p: {epoch + datetime.timedelta(int(d)) for d in range(p[0], p[1] + 1)}
        rows.append((i, *(epoch + datetime.timedelta(int(d)) for d in (*a, *b))))
        years = Counter(day.year for day in span(a))
        wanted.append([len(span(a) & span(b)), len(span(a)), len(years), years[min(years)], years[max(years)]])
    ask("days", ["i BIGINT", "a DATE", "b DATE", "c DATE", "d DATE"], rows,
        "day_overlap(a, b, c, d), duration_days(a, b), cardinality(year_days(a, b)), year_days(a, b)[1], year_days(a, b)[-1]", wanted)


def pairs_gini(x, w):
    above = math.fsum((w[:, None] * w[None, :] * np.abs(x[:, None] - x[None, :])).ravel())
    return above / (2 * math.fsum(w) * math.fsum(w * x))


def inequality():
    rows, wanted = [], []
    for i in range(60):
        n = int(rng.integers(5, 40))
        x, w, r = money(n, 0.1), rng.uniform(0.1, 10, n), rng.integers(0, 4, n)
        if len(set(r.tolist())) < 2 or (x > 0).sum() < 2:
            continue
        rows += [(i, x[j], w[j], f"r{r[j]}") for j in range(n)]
        # The Theil index is the divergence of the shares of the amount from those of the heads.
        amount, between, within = x * w, 0.0, 0.0
        total, heads = math.fsum(amount), math.fsum(w)
        for g in sorted(set(r.tolist())):
            held, own = math.fsum(amount[r == g]) / total, math.fsum(w[r == g]) / heads
            if held > 0:
                between += held * math.log(held / own)
                within += held * stats.entropy(amount[r == g], w[r == g])
        wanted.append([
            math.fsum((x / math.fsum(x)) ** 2), pairs_gini(x, np.ones(n)), stats.entropy(x, np.ones(n)),
            pairs_gini(x, w), stats.entropy(amount, w), (within, 1e-15), (between, 1e-15),
        ])
    ask("inequality", ["i BIGINT", "x DECIMAL(18,2)", "w DOUBLE", "r VARCHAR"], rows,
        "hhi(x), gini(x), theil(x), gini_weighted(x, w), theil_weighted(x, w), theil_within(x, w, r), theil_between(x, w, r)",
        wanted, "GROUP BY i")


def percentiles():
    # Halves of halves meet ties exactly, the others none.
    for share in [0.5, 0.25, 0.0625, 0.317, 0.8713]:
        rows, wanted = [], []
        for i in range(80):
            n = int(rng.integers(1, 30))
            x = np.round(rng.normal(0, 100, n), 0 if i % 2 else 3)
            w = [rng.integers(1, 5, n).astype(float), rng.uniform(0.1, 3, n), np.ones(n)][i % 3]
            rows += [(i, x[j], w[j]) for j in range(n)]
            wanted.append([DescrStatsW(x, w).quantile([share], return_pandas=False)[0]])
            if i % 3 == 2:
                assert math.isclose(wanted[-1][0], np.quantile(x, share, method="averaged_inverted_cdf"), rel_tol=1e-14)
        ask("percentiles", ["i BIGINT", "x DOUBLE", "w DOUBLE"], rows, f"weighted_percentile(x, w, {share})", wanted, "GROUP BY i")


def standardisation():
    rows, wanted = [], []
    for i in range(100):
        k = int(rng.integers(1, 20))
        w, n, rate = rng.uniform(0.1, 5, k), rng.integers(2, 500, k), rng.uniform(0.05, 0.9, k)
        y = rng.binomial(n, rng.uniform(0.1, 0.9, k))
        y[0] = max(1, min(y[0], n[0] - 1))
        share, r, z = w / w.sum(), y / n, z_of(0.9)
        direct, spread = math.fsum(share * r), math.sqrt(math.fsum(share**2 * r * (1 - r) / n))
        low, high = max(0.0, direct - z * spread), min(1.0, direct + z * spread)
        expected, ends = math.fsum(n * rate), poisson_ends(int(y.sum()), 0.9)
        rows += [(i, w[j], y[j], n[j], rate[j]) for j in range(k)]
        wanted.append([direct, (low, 4 * EPS * high), high, y.sum() / expected, ends[0] / expected, ends[1] / expected])
    ask("standardisation", ["i BIGINT", "w DOUBLE", "y BIGINT", "n BIGINT", "r DOUBLE"], rows,
        "direct_rate(w, y, n), direct_rate_lower(w, y, n, 0.9), direct_rate_upper(w, y, n, 0.9), indirect_ratio(y, n, r), "
        "indirect_ratio_lower(y, n, r, 0.9), indirect_ratio_upper(y, n, r, 0.9)", wanted, "GROUP BY i")


def ratios():
    rows, wanted = [], []
    for i in range(60):
        g = int(rng.integers(2, 60))
        y, x = money(g), rng.integers(1, 500, g)
        rows += [(i, y[j], x[j]) for j in range(g)]
        r = math.fsum(y) / math.fsum(x)
        half = 1.959963984540054 * math.sqrt(g / (g - 1) * math.fsum((y - r * x) ** 2)) / math.fsum(x)
        floor = 8 * EPS * (r + half)
        wanted.append([(y / x).min(), (y / x).max()] if g < 30 else [(max(0.0, r - half), floor), (r + half, floor)])
    ask("ratios", ["i BIGINT", "y DECIMAL(18,2)", "x BIGINT"], rows, "ratio_lower(y, x), ratio_upper(y, x)", wanted, "GROUP BY i")


def shrinkage():
    rows, wanted = [], []
    for g in range(40):
        k = int(rng.integers(2, 25))
        n = rng.integers(1, 2000, k)
        y = rng.binomial(n, rng.uniform(0.2, 0.8) if g % 3 == 0 else rng.uniform(0.1, 0.9, k))
        estimates = []
        for exposure, binomial in [(n.astype(float), True), (n / 4, False)]:
            m, r = math.fsum(y) / math.fsum(exposure), y / exposure
            unit = m * (1 - m) if binomial else m
            s2 = max(0.0, math.fsum(exposure * (r - m) ** 2) / math.fsum(exposure) - unit / exposure.mean())
            estimates.append(m + (s2 / (s2 + unit / exposure)) * (r - m) if s2 > 0 else np.full(k, m))
        rows += [(1000 * g + j, g, y[j], n[j], n[j] / 4) for j in range(k)]
        wanted += [list(both) for both in zip(*estimates)]
    ask("shrinkage", ["i BIGINT", "g BIGINT", "y BIGINT", "n BIGINT", "e DOUBLE"], rows,
        "shrunk_rate(y, n) OVER (PARTITION BY g), shrunk_poisson(y, e) OVER (PARTITION BY g)", wanted)


def comparisons():
    rows, wanted = [], []
    for g in range(40):
        k = int(rng.integers(2, 40))
        p = rng.uniform(0, 1, k) ** rng.choice([1, 4])
        p[: k // 4] = p[-1]
        lower = np.round(rng.normal(0, 1, k), 1)
        upper = np.round(lower + rng.exponential(0.5, k), 1)
        higher = (lower[None, :] > upper[:, None]).sum(1)
        below = (upper[None, :] < lower[:, None]).sum(1)
        q = multipletests(p, method="fdr_bh")[1]
        assert np.allclose(q, stats.false_discovery_control(p), rtol=1e-14)
        rows += [(1000 * g + j, g, p[j], lower[j], upper[j]) for j in range(k)]
        wanted += [[q[j], 1 + higher[j], k - below[j], 1 + below[j], k - higher[j]] for j in range(k)]
        # A member with a null changes no other.
        rows.append((1000 * g + k, g, None, None, 9.0))
        wanted.append([None] * 5)
    ask("comparisons", ["i BIGINT", "g BIGINT", "p DOUBLE", "l DOUBLE", "u DOUBLE"], rows,
        "benjamini_hochberg(p) OVER (PARTITION BY g), rank_best(l, u) OVER (PARTITION BY g), rank_worst(l, u) OVER (PARTITION BY g), "
        "rank_best(l, u, 'lower') OVER (PARTITION BY g), rank_worst(l, u, 'lower') OVER (PARTITION BY g)", wanted)


def remainders():
    rows, wanted = [], []
    for g in range(100):
        k, total = int(rng.integers(1, 20)), int(rng.integers(-(10**12), 10**12))
        weights = [int(v) for v in rng.integers(0, rng.choice([3, 10**6]), k)]
        weights[0] += 1
        shares = [Fraction(abs(total) * v, sum(weights)) for v in weights]
        parts = [math.floor(v) for v in shares]
        for place in sorted(range(k), key=lambda i: (-(shares[i] - parts[i]), i))[: abs(total) - sum(parts)]:
            parts[place] += 1
        cents = f"{'-' if total < 0 else ''}{abs(total) // 100}.{abs(total) % 100:02}"
        rows += [(1000 * g + j, g, cents, weights[j]) for j in range(k)]
        # In cents, which are exact.
        wanted += [[v if total >= 0 else -v] * 2 for v in parts]
    weights = "array_agg(w) OVER (PARTITION BY g ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    ask("remainders", ["i BIGINT", "g BIGINT", "t DECIMAL(18,2)", "w BIGINT"], rows,
        f"largest_remainder(t, w) OVER (PARTITION BY g ORDER BY i) * 100, apportion(t, {weights})[i - 1000 * g + 1] * 100", wanted)


for make in [normal, intervals, counts, funnel, days, inequality, percentiles, standardisation, ratios, shrinkage, comparisons, remainders]:
    make()
json.dump(questions, sys.stdout, allow_nan=False)
