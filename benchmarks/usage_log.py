"""Time and memory to count a raw usage log: by klktools, and by hand with DuckDB, polars and pandas.

    python benchmarks/usage_log.py                            1 and 10 million events as Parquet and csv
    python benchmarks/usage_log.py --events 100000000 --formats parquet --ways klktools,duckdb,polars
    python benchmarks/usage_log.py --smoke                    a few thousand events, to see that it runs

The log is the sample's, many times over, with transactions of their own on other days. Every way runs in a
process of its own, `--rounds` times in turn; the least CPU and wall seconds and the largest peak memory are
told. By hand means: the data are taken to be faultless, columns and codes canonical, each event there once.
klktools reads the whole round as handed in, checks every row and finds copies. All ways must give the same
counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from assessment_scale import peak_mib

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
TABLES = ("municipalities", "visits", "departments", "solutions")
EVENTS, SMOKE = (1_000_000, 10_000_000), (5_000,)
FORMATS = ("parquet", "csv")
MOST_IN_PANDAS = 10_000_000
KEY = ["municipality", "transaction"]
CELL = ["municipality", "solution", "department_ref", "month"]
VOID = ("test", "cancelled", "credited")
ADDRESS_SPACE = 16 * 2**30  # so that a way that needs more fails alone
Rows = Iterable[tuple[Any, ...]]


def make_log(folder: Path, kind: str, events: int) -> None:
    """Write a round to `folder`: the sample's registers, and so many events."""
    import duckdb

    folder.mkdir(parents=True)
    for name in TABLES:
        (folder / f"{name}.parquet").write_bytes((SAMPLE / f"{name}.parquet").read_bytes())
    source = f"'{SAMPLE / 'usage_log.parquet'}'"
    settings = {"memory_limit": "2GB", "threads": 2, "preserve_insertion_order": False}
    with duckdb.connect(config=settings) as database:
        rows = database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
        moved = "timestamp + to_days((hash(transaction, copy) % 1461)::INTEGER)"
        time = moved if kind == "parquet" else f"strftime({moved}, '%Y-%m-%dT%H:%M:%S')"
        options = "FORMAT parquet" if kind == "parquet" else "FORMAT csv, DELIMITER ';', HEADER"
        database.execute(f"""
            COPY (
                SELECT municipality, format('{{}}{{:05d}}', event, copy) AS event, {time} AS timestamp,
                    solution, department_ref, channel,
                    format('{{}}{{:05d}}', transaction, copy) AS transaction,
                    event_type, as_intended, user_hash, amount
                FROM range({-(-events // rows)}) AS copies(copy), {source} LIMIT {events})
            TO '{folder / f"usage_log.{kind}"}' ({options})""")


def by_klktools(folder: Path) -> Rows:
    """As a user does."""
    from klktools.intake import read_round

    return read_round(folder).tables["logged_usage"].itertuples(index=False, name=None)


def by_duckdb(folder: Path) -> Rows:
    """One query."""
    import duckdb

    log = next(folder.glob("usage_log.*"))
    with tempfile.TemporaryDirectory() as spilled:
        settings = {"memory_limit": "2GB", "temp_directory": spilled, "preserve_insertion_order": False}
        with duckdb.connect(config=settings) as database:
            return database.execute(f"""
                WITH transactions AS (
                    SELECT municipality, transaction, bool_or(event_type IN {VOID}) AS void,
                        min_by({{'s': solution, 'd': department_ref, 'c': channel, 'i': as_intended,
                                 't': timestamp}}, timestamp) FILTER (event_type = 'completed') AS done,
                        min_by(department_ref, timestamp) FILTER (event_type = 'created') AS buyer
                    FROM '{log}' GROUP BY ALL)
                SELECT municipality, done.s, coalesce(buyer, done.d), date_trunc('month', done.t),
                    count(*) FILTER (done.c = 'solution'), count(*),
                    CASE WHEN bool_or(done.c = 'solution' AND done.i IS NULL) THEN NULL
                         ELSE count(*) FILTER (done.c = 'solution' AND done.i) END
                FROM transactions WHERE done IS NOT NULL AND NOT void GROUP BY ALL""").fetchall()


def by_polars(folder: Path) -> Rows:
    """One lazy query, streamed."""
    import polars as pl

    log = next(folder.glob("usage_log.*"))
    frame = (
        pl.scan_parquet(log)
        if log.suffix == ".parquet"
        else pl.scan_csv(log, separator=";", try_parse_dates=True)
    )
    kind, first = pl.col("event_type"), ["timestamp", "solution", "department_ref", "channel", "as_intended"]

    def earliest(name: str, which: str) -> pl.Expr:
        rows = pl.col(name).filter(kind == which)
        return rows.sort_by(pl.col("timestamp").filter(kind == which)).first()

    frame = frame.with_columns(pl.col("municipality").cast(pl.String).str.zfill(4))
    transactions = frame.group_by(KEY).agg(
        kind.is_in(VOID).any().alias("void"),
        *(earliest(name, "completed").alias(name) for name in first),
        earliest("department_ref", "created").alias("buyer"),
    )
    by_solution = pl.col("channel") == "solution"
    counts = (
        transactions.filter(pl.col("timestamp").is_not_null() & ~pl.col("void"))
        .with_columns(
            month=pl.col("timestamp").dt.truncate("1mo"),
            department_ref=pl.coalesce("buyer", "department_ref"),
        )
        .group_by(CELL)
        .agg(
            by_solution.sum().alias("through"),
            pl.len().alias("eligible"),
            (by_solution & pl.col("as_intended")).sum().alias("as_intended"),
            (by_solution & pl.col("as_intended").is_null()).sum().alias("unknown"),
        )
    )
    known = pl.when(pl.col("unknown") == 0).then(pl.col("as_intended"))
    return counts.select(*CELL, "through", "eligible", known).collect(engine="streaming").rows()


def by_pandas(folder: Path) -> Rows:
    """Everything in memory."""
    import pandas as pd

    path = next(folder.glob("usage_log.*"))
    columns = [*KEY, "timestamp", "solution", "department_ref", "channel", "event_type", "as_intended"]
    if path.suffix == ".parquet":
        log = pd.read_parquet(path, columns=columns)
    else:
        types = {name: "str" for name in columns if name != "timestamp"}
        log = pd.read_csv(path, sep=";", usecols=columns, dtype=types, parse_dates=["timestamp"])
        log["as_intended"] = log["as_intended"].map({"true": True, "false": False})
    ordered = log.sort_values("timestamp", kind="stable")
    void = ordered.loc[ordered["event_type"].isin(VOID), KEY].drop_duplicates()
    done = ordered[ordered["event_type"] == "completed"].drop_duplicates(KEY)
    done = done.merge(void, on=KEY, how="left", indicator="void").query("void == 'left_only'")
    bought = ordered[ordered["event_type"] == "created"].drop_duplicates(KEY)[[*KEY, "department_ref"]]
    done = done.merge(bought, on=KEY, how="left", suffixes=("", "_buyer"))
    through = done["channel"] == "solution"
    counted = done.assign(
        department_ref=done["department_ref_buyer"].fillna(done["department_ref"]),
        month=done["timestamp"].dt.to_period("M").dt.start_time,
        through=through.astype(int),
        eligible=1,
        intended=(through & done["as_intended"].eq(True)).astype(int),
        unknown=(through & done["as_intended"].isna()).astype(int),
    )
    sums = counted.groupby(CELL)[["through", "eligible", "intended", "unknown"]].sum().reset_index()
    known = sums["intended"].astype("Int64").mask(sums["unknown"] > 0)
    return sums.assign(intended=known).drop(columns="unknown").itertuples(index=False, name=None)


WAYS: dict[str, Callable[[Path], Rows]] = {
    "klktools": by_klktools,
    "duckdb": by_duckdb,
    "polars": by_polars,
    "pandas": by_pandas,
}


def digest(rows: Rows) -> str:
    """Equal for equal counts in any order."""
    lines = sorted(
        " ".join(
            [
                *map(str, row[:3]),
                f"{row[3]:%Y-%m}",
                *(str(n) if n == n and n is not None else "-" for n in row[4:]),
            ]
        )
        for row in ((*row[:6], None if str(row[6]) == "<NA>" else row[6]) for row in rows)
    )
    return f"{len(lines)}:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"


def run_way(way: str, folder: Path) -> dict[str, Any]:
    """One way in this process."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    except ImportError:  # Windows
        pass
    start = time.perf_counter()
    found = digest(WAYS[way](folder))
    return {
        "cpu": time.process_time(),
        "wall": time.perf_counter() - start,
        "peak": peak_mib(),
        "digest": found,
    }


def child(*arguments: str) -> dict[str, Any] | None:
    """What a process of its own printed; None when it failed."""
    command = [sys.executable, __file__, "--child", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def measure(folder: Path, ways: Iterable[str], rounds: int) -> dict[str, dict[str, Any] | None]:
    """The ways in turn."""
    found: dict[str, dict[str, Any] | None] = {}
    for _ in range(rounds):
        for way in ways:
            now, before = child(way, str(folder)), found.get(way)
            if now and before:
                now |= {key: min(now[key], before[key]) for key in ("cpu", "wall")}
                now["peak"] = max(now["peak"], before["peak"])
            found[way] = now
    digests = {result["digest"] for result in found.values() if result}
    if len(digests) > 1:
        raise SystemExit(
            f"The ways differ: { {way: result and result['digest'] for way, result in found.items()} }"
        )
    return found


HEAD = f"{'events':>11} {'format':<8} {'MiB':>7} {'way':<9} {'cpu s':>8} {'wall s':>8} {'peak MiB':>9}"


def main(argv: list[str] | None = None) -> None:
    """Print a row per size, format and way."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=lambda text: [int(n) for n in text.split(",")], default=EVENTS)
    parser.add_argument("--formats", type=lambda text: text.split(","), default=FORMATS)
    parser.add_argument("--ways", type=lambda text: text.split(","), default=tuple(WAYS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="make the logs in here (default: the temporary folder)")
    parser.add_argument("--smoke", action="store_true", help="a size for continuous integration")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.child:
        print(json.dumps(run_way(args.child[0], Path(args.child[1]))))
        return
    print(HEAD, flush=True)
    for events in SMOKE if args.smoke else args.events:
        for kind in args.formats:
            with tempfile.TemporaryDirectory(prefix="usage-log-", dir=args.folder) as scratch:
                folder = Path(scratch) / "round"
                make_log(folder, kind, events)
                size = (folder / f"usage_log.{kind}").stat().st_size / 2**20
                ways = [way for way in args.ways if way != "pandas" or events <= MOST_IN_PANDAS]
                for way, found in measure(folder, ways, 1 if args.smoke else args.rounds).items():
                    start = f"{events:>11,} {kind:<8} {size:>7,.0f} {way:<9}"
                    told = (
                        f"{found['cpu']:>8.1f} {found['wall']:>8.1f} {found['peak']:>9,.0f}"
                        if found
                        else " failed"
                    )
                    print(f"{start} {told}", flush=True)


if __name__ == "__main__":
    main()
