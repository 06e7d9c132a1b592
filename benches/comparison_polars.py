"""The twelve questions of `comparison/` as Polars lazy frames: functions from the scans of the tables to a frame."""

import polars as pl

c = pl.col
NUTS1 = c("nuts_code").str.slice(0, 3).alias("nuts1")
NUTS2 = c("nuts_code").str.slice(0, 4).alias("nuts2")
LEFT, EMPLOYED = c("indicator_code") == "leaving", c("indicator_code") == "employed_6m"


def annual_rate(t):
    """Currency and year: units of the currency for one euro, mean of the published days."""
    year = c("rate_date").dt.year().alias("year")
    return t["exchange_rate"].group_by("currency", year).agg(rate=c("rate").cast(pl.Float64).mean())


def euro(t, kind, *columns, where=None):
    """Operation: columns, and one kind of amount at the mean rate of the year in which it starts."""
    operation = t["operation"] if where is None else t["operation"].filter(where)
    operation = operation.select("operation_id", *columns, year=c("start_date").dt.year())
    amount = t["operation_amount"].filter(amount_kind=kind).select("operation_id", "amount", "currency")
    rate = pl.when(c("currency") == "EUR").then(1.0).otherwise(c("rate"))
    return (operation.join(amount, on="operation_id")
            .join(annual_rate(t), on=["currency", "year"], how="left")
            .with_columns(eur=c("amount").cast(pl.Float64) / rate))


def beneficiary(t):
    return t["operation_organisation"].filter(role="beneficiary").select("operation_id", "organisation_id")


def people(t, where, *of_operation, columns=()):
    """Cell: columns, and columns of its operation."""
    cell = t["participation"].filter(where).select("operation_id", "n", *columns)
    return cell.join(t["operation"].select("operation_id", *of_operation), on="operation_id")


def q01(t):
    cost = euro(t, "total_eligible", "nuts_code", "period").group_by(NUTS2, "period").agg(c("eur").sum())
    entered = people(t, c("indicator_code") == "entry", "nuts_code", "period")
    entered = entered.group_by(NUTS2, "period").agg(participants=c("n").sum())
    return (cost.join(entered, on=["nuts2", "period"])
            .with_columns(eur_per_participant=c("eur") / c("participants")).sort("nuts2", "period"))


def rates(cells, *by):
    """Group: leavers (n) and those of them who are employed after six months (k)."""
    return cells.group_by(*by).agg(n=c("n").filter(LEFT).sum().cast(pl.Float64), k=c("n").filter(EMPLOYED).sum().cast(pl.Float64))


def q02(t):
    z = 1.959963984540054
    cells = people(t, c("indicator_code").is_in(["leaving", "employed_6m"]), "country", "intervention_code", columns=["indicator_code"])
    n, k = c("n"), c("k")
    half = z * (k * (n - k) / n + z * z / 4).sqrt() / (n + z * z)
    centre = (k + z * z / 2) / (n + z * z)
    return (rates(cells, "country", c("intervention_code").alias("code"))
            .with_columns(rate=k / n, lower=centre - half, upper=centre + half).sort("country", "code"))


def q03(t):
    granted = euro(t, "granted", "nuts_code", "start_date", "end_date")
    first, last = c("start_date").dt.year(), c("end_date").dt.year()
    spread = granted.with_columns(year=pl.int_ranges(first, last + 1, dtype=pl.Int32)).explode("year")
    begin, end = pl.date(c("year"), 1, 1).to_physical(), pl.date(c("year"), 12, 31).to_physical()
    d0, d1 = c("start_date").to_physical(), c("end_date").to_physical()
    part = c("eur") * (pl.min_horizontal(d1, end) - pl.max_horizontal(d0, begin) + 1) / (d1 - d0 + 1)
    money = spread.group_by("nuts_code", "year").agg(eur=part.sum())
    unemployed = t["region_statistic"].filter(statistic="unemployed").select(
        "nuts_code", year=c("period_start").dt.year(), unemployed=c("value").cast(pl.Int64))
    return (money.join(unemployed, on=["nuts_code", "year"])
            .select("nuts_code", "year", "unemployed", "eur", eur_per_unemployed=c("eur") / c("unemployed")).sort("nuts_code", "year"))


def q04(t):
    granted = euro(t, "granted", "nuts_code").join(beneficiary(t), on="operation_id")
    of_one = granted.group_by(NUTS1, "organisation_id").agg(c("eur").sum())
    e, n = c("eur"), pl.len()
    rank = pl.int_range(1, n + 1)
    return of_one.sort("nuts1", "eur", "organisation_id").group_by("nuts1").agg(
        beneficiaries=n, total_eur=e.sum(), hhi=10000 * (e * e).sum() / e.sum().pow(2),
        gini=2 * (rank * e).sum() / (n * e.sum()) - (n + 1.0) / n).sort("nuts1")


def q05(t):
    granted = euro(t, "granted").join(beneficiary(t), on="operation_id")
    return granted.group_by("organisation_id").agg(operations=pl.len(), eur=c("eur").sum()).sort(
        "eur", "organisation_id", descending=[True, False]).head(20)


def q06(t):
    entered = people(t, c("indicator_code") == "entry", "nuts_code", columns=["sex"])
    return entered.group_by(NUTS2).agg(
        participants=c("n").sum(), share=c("n").filter(c("sex") == "f").sum() / c("n").sum()).sort("nuts2")


def q07(t):
    strata = ["sex", "age_group", "education"]
    cells = people(t, c("indicator_code").is_in(["leaving", "employed_6m"]), "nuts_code", columns=["indicator_code", *strata])
    cells = rates(cells, NUTS1, *strata)
    standard = cells.group_by(strata).agg(weight=c("n").sum())
    return cells.filter(c("n") > 0).join(standard, on=strata).group_by("nuts1").agg(
        crude=c("k").sum() / c("n").sum(),
        standardised=(c("weight") * c("k") / c("n")).sum() / c("weight").sum()).sort("nuts1")


def q08(t):
    entered = people(t, c("indicator_code") == "entry", "nuts_code", columns=["period_start"])
    counted = entered.group_by(NUTS2, year=c("period_start").dt.year()).agg(participants=c("n").sum())
    before = c("participants").shift(1).over("nuts2", order_by="year")
    return counted.sort("nuts2", "year").with_columns(change=c("participants") / before - 1)


def q09(t):
    days = (c("end_date").to_physical() - c("start_date").to_physical() + 1).cast(pl.Float64)
    return t["operation"].group_by("country", "fund", "period").agg(
        operations=pl.len(), **{f"p{p}": days.quantile(p / 100, interpolation="linear") for p in (10, 50, 90)}
    ).sort("country", "fund", "period")


def q10(t):
    started = t["operation"].select("operation_id", "nuts_code", "start_date").join(beneficiary(t), on="operation_id")
    return started.group_by(NUTS2, year=c("start_date").dt.year()).agg(
        beneficiaries=c("organisation_id").n_unique()).sort("nuts2", "year")


def q11(t):
    one = c("operation_id") == "s00000001234"
    granted = t["operation_amount"].filter(one & (c("amount_kind") == "granted")).select(granted=c("amount").sum())
    cells = t["participation"].filter(one).select("operation_id", "period_start", "n")
    operation = t["operation"].filter(one).select("operation_id", "title", "nuts_code")
    return (operation.join(cells, on="operation_id").group_by("title", "nuts_code", "period_start").agg(n=c("n").sum())
            .join(granted, how="cross").select("title", "nuts_code", "granted", "period_start", "n").sort("period_start"))


def q12(t):
    named = c("title").str.to_lowercase().str.contains("langzeitarbeitslos", literal=True)
    return euro(t, "granted", "country", "period", where=named).group_by("country", "period").agg(
        operations=pl.len(), eur=c("eur").sum()).sort("country", "period")


QUERIES = {f.__name__: f for f in (q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12)}
