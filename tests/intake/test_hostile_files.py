"""Files that are broken, misnamed or made to fill the memory: a sentence each, and little memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from klktools.intake import Limits, read_round
from tests.intake.hostile_files import FILES, HEADING, PLANS, special, workbook, write_hostile
from tests.intake.small_round import grids, write_csv
from tests.intake.ways import Ways, write_rows

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of a process, pipes and devices are Linux")
GIGABYTES, SECONDS = 4, 60  # of address space and processor, for all files together
BROKEN = "Filen kan ikke læses: "
NAMED = "Filen hedder noget på "
LARGE = "Filen er ikke læst: "
DAMAGED = ("F01", "", f"{BROKEN}den er beskadiget eller ikke af den type, navnet siger")
ENTITIES = ("F01", "", f"{BROKEN}den har en dokumenttype (DTD), og det har ingen projektmappe fra Excel")
MISSING = "Planens hoved mangler kolonnen »{}« ({}); ingen af rækkerne kan bruges"
EXPECTED = {
    "truncated/plans.xlsx": DAMAGED,
    "locked/plans.xlsx": ("F01", "", f"{BROKEN}den er beskyttet med adgangskode"),
    "xls/plans.xlsx": ("F09", "", f"{NAMED}.xlsx, men den er i Excels gamle format (.xls)"),
    "csv/plans.xlsx": ("F09", "", f"{NAMED}.xlsx, men den er ren tekst"),
    "zip/plans.xlsx": ("F09", "", f"{NAMED}.xlsx, men den er en zip-fil, men ingen Excel-projektmappe"),
    "word/plans.xlsx": ("F09", "", f"{NAMED}.xlsx, men den er et Word-dokument"),
    "html/plans.xls": ("F01", "", f"{BROKEN}typen kan ikke læses"),
    "html/plans.csv": ("F09", "", f"{NAMED}.csv, men den er en webside (html) eller xml"),
    "parquet/plans.csv": ("F09", "", f"{NAMED}.csv, men den er Parquet"),
    "xlsx/plans.csv": ("F09", "", f"{NAMED}.csv, men den er en Excel-projektmappe (.xlsx)"),
    "gzip/plans.csv": ("F09", "", f"{NAMED}.csv, men den er pakket (gzip)"),
    "text/plans.csv.gz": ("F09", "", f"{NAMED}.csv.gz, men den er ren tekst"),
    "text/plans.parquet": ("F09", "", f"{NAMED}.parquet, men den er ren tekst"),
    "empty/plans.parquet": ("F01", "", f"{BROKEN}den er tom"),
    "cut/plans.csv.gz": DAMAGED,
    "cut/plans.parquet": DAMAGED,
    "nul/plans.csv": ("F09", "", f"{NAMED}.csv, men indholdet er af ingen kendt slags"),
    "late nul/plans.csv": ("F01", "A6003", f"{BROKEN}den har tegn, der ikke er tekst (NUL)"),
    "quote/plans.csv": (
        "F01",
        "A3",
        f"{BROKEN}et anførselstegn er ikke lukket, eller der står tekst efter det",
    ),
    "dos/plans.csv": ("F01", "A3", f"{BROKEN}dens tegnsæt er hverken UTF-8, UTF-16 eller Windows-1252"),
    "corner/plans.xlsx": (
        "F08",
        "",
        f"{LARGE}rækker gange kolonner er mindst 17179869184, og grænsen er 20000000",
    ),
    "beyond/plans.xlsx": ("F08", "", f"{LARGE}den har mindst 9999999 rækker, og grænsen er 1048576"),
    "nowhere/plans.xlsx": DAMAGED,
    "unnamed/plans.xlsx": (
        "F08",
        "",
        f"{LARGE}rækker gange kolonner er mindst 20007000, og grænsen er 20000000",
    ),
    "laughs/plans.xlsx": ENTITIES,
    "outside/plans.xlsx": ENTITIES,
    "deep/plans.xlsx": ("F02", "", "Planens hoved er leveret uden nogen overskrifter eller rækker"),
    "repeated/plans.xlsx": (
        "F08",
        "",
        f"{LARGE}cellernes tekster er tilsammen mindst 1966020000 tegn, og grænsen er 1000000000",
    ),
    "bomb/plans.xlsx": (
        "F08",
        "",
        f"{LARGE}den bliver 1020 gange så stor, når den pakkes ud; grænsen er 250 gange",
    ),
    "lying/plans.xlsx": DAMAGED,
    "parts/plans.xlsx": ("F08", "", f"{LARGE}den består af 5104 dele, og grænsen er 5000"),
    "twice/plans.xlsx": DAMAGED,
    "bomb/plans.csv.gz": ("F08", "", f"{LARGE}den fylder mindst 65 MB, og grænsen er 64 MB"),
    "comma bomb/plans.csv.gz": ("F07", "D3", "Rækken har 1048577 felter, men overskriften har 3"),
    "half a row/plans.csv": ("F12", "", "Filen slutter midt i en række og kan være skåret over"),
    "line bomb/plans.csv.gz": (
        "F08",
        "",
        f"{LARGE}rækker gange kolonner er mindst 945817356, og grænsen er 100000000",
    ),
    "wide/plans.csv": ("F08", "", f"{LARGE}den har mindst 20001 kolonner, og grænsen er 1000"),
    "rows/plans.parquet": ("F05", "", MISSING.format("Kommunekode", "`municipality`, `kommunekode`")),
}
READ = """
import json, sys
from klktools.intake import read_round
found = read_round(sys.argv[1]).problems.drop_duplicates("file")
print(json.dumps({p["file"]: [p["rule"], p["cell"], p["message"]] for p in found.to_dict("records")}))
"""


def base(folder: Path) -> Path:
    """The two tables that must be there."""
    return write_csv({name: grids()[name] for name in ("municipalities", "visits")}, folder)


def limited(*command: str, gigabytes: int = GIGABYTES, seconds: int = SECONDS) -> subprocess.CompletedProcess:
    """A command that is killed when it takes more memory or processor than it may."""
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (gigabytes << 30,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds,) * 2)

    return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)


def check(folder: Path, **limits: int) -> subprocess.CompletedProcess:
    return limited(sys.executable, "-m", "klktools", "check", str(folder), **limits)


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, tuple[str, str, str]]:
    """The first problem of every hostile file, from one process with limits."""
    folder = write_hostile(base(tmp_path_factory.mktemp("hostile")))
    done = limited(sys.executable, "-c", READ, str(folder))
    assert done.returncode == 0, done.stderr
    return {name: tuple(problem) for name, problem in json.loads(done.stdout).items()}


@linux
def test_every_hostile_file_is_told_and_no_other(told):
    assert sorted(told) == sorted(EXPECTED) == sorted(FILES)


@linux
@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_file_is_one_clear_sentence(name, told):
    assert told[name] == EXPECTED[name]


@linux
def test_pipes_devices_and_links_in_circles_are_told_and_not_opened(tmp_path):
    special(base(tmp_path))
    told = read_round(tmp_path).problems[["rule", "file", "message"]].values.tolist()
    nowhere = "Ikke læst: den er en genvej til noget, der ikke findes"
    pipe = "Ikke læst: den er ikke en almindelig fil, men en enhed eller et rør"
    assert told == [
        ["F10", "gains.csv", nowhere],
        ["F10", "loop", "Ikke læst: den er en genvej til en anden mappe"],
        ["F10", "support.csv", nowhere],
        ["F10", "training.csv", pipe],
        ["F10", "users.csv", pipe],
    ]


@linux
def test_gigabytes_of_zeros_are_told_at_once(tmp_path):
    base(tmp_path)
    for name in ("usage.csv", "usage_log.csv", "gains.parquet", "plans.xlsx"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2 << 30)  # takes no room on the disk
    done = check(tmp_path, gigabytes=2, seconds=20)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "Fejl: 4. Advarsler: 0." in done.stdout


@linux
def test_a_file_that_may_not_be_opened_is_told_by_check_and_by_report(tmp_path):
    folder = base(tmp_path / "data")
    (folder / "plans.csv").write_text(PLANS, encoding="utf-8")
    (folder / "plans.csv").chmod(0)
    # root opens any file, unless it gives that up
    kept = "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"
    setpriv = [shutil.which("setpriv") or "", *kept] if os.geteuid() == 0 else []
    if setpriv and not setpriv[0]:
        pytest.skip("root cannot give up its rights here")
    told = (
        "plans.csv                       F10    1       Fejl: Ikke læst: der er ikke adgang til at læse den."
    )
    python = [*setpriv, sys.executable, "-m", "klktools"]
    done = subprocess.run([*python, "check", str(folder)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert told in done.stdout
    done = subprocess.run(
        [*python, "report", str(folder), "--to", str(tmp_path / "to"), "--dry-run"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 af 1 rapport skal laves" in done.stdout


@linux
def test_names_that_are_no_text_formulas_and_escapes_are_shown_harmlessly(tmp_path):
    folder = base(tmp_path)
    (folder / "Planens hoved.csv").write_text(PLANS, encoding="utf-8")
    (folder / "planens hoved.CSV").write_text(PLANS, encoding="utf-8")
    for name in (b"pl\xffns.csv", b"a\x1b[31mb\nc.csv", b"x" * 240 + b".csv"):
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(b"a\n")
    headings = f"municipality,=cmd|'/C calc'!A0,../../etc/passwd,\x1b[2J,{'y' * 100_000}"
    (folder / "gains.csv").write_text(f"{headings}\n0060,1,2,3,4\n", encoding="utf-8")
    done = check(folder)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "=cmd|'/C calc'!A0" in done.stdout
    assert len(done.stdout) < 20_000
    assert read_round(folder).tables["plans"]["visit"].tolist() == ["B1"]


@linux
@pytest.mark.parametrize(("path", "found"), [("/dev/zero", "found neither"), ("/dev/null", "found neither")])
def test_what_is_no_round_is_one_sentence(path, found):
    done = check(Path(path))
    must = "The data must be a folder or an ordinary file with one round"
    assert done.stderr == f"klktools: {must}; {found} ({path}). Choose the folder of the round.\n"
    assert done.returncode == 1


def test_a_folder_with_far_too_many_files_is_one_sentence(tmp_path):
    from klktools.errors import TableError

    folder = base(tmp_path)
    with pytest.raises(TableError, match="found more than 1 files and folders"):
        read_round(folder, file_limits=Limits(entries=1))
    with pytest.raises(TableError, match="found 2 data files"):
        read_round(folder, file_limits=Limits(files=1))


def test_a_consultant_may_read_a_larger_file(tmp_path):
    folder = base(tmp_path)
    columns = ",".join(["", *(f"x{number}" for number in range(6))])
    (folder / "plans.csv").write_text(f"{PLANS.splitlines()[0]}{columns}\n", encoding="utf-8")
    small = Limits(columns=8)
    found = read_round(folder, file_limits=small).problems[["file", "rule"]].values.tolist()
    assert found == [["plans.csv", "F08"], ["visits.csv", "F08"]]
    assert "F08" not in set(read_round(folder, file_limits=small.times(4)).problems["rule"])


def test_the_raw_log_has_no_limit_as_text_and_other_tables_have(tmp_path):
    folder = base(tmp_path)
    tables = grids()
    for name in ("solutions", "departments", "usage_log"):
        tables[name].to_csv(folder / f"{name}.csv", index=False)
    found = read_round(folder, file_limits=Limits(text=450))
    assert found.problems["file"][found.problems["rule"] == "F08"].tolist() == ["solutions.csv"]


def test_files_that_are_too_many_together_are_told(tmp_path):
    found = read_round(write_csv(grids(), tmp_path), file_limits=Limits(round_cells=200)).problems
    large = found[found["rule"] == "F08"]
    assert len(large) > 3
    assert set(large["message"]) == {f"{LARGE}rundens filer er tilsammen for store"}


def test_macros_are_told_and_not_run(tmp_path):
    folder = base(tmp_path)
    row = "".join(
        f'<c r="{cell}2" t="str"><v>{text}</v></c>' for cell, text in zip("AB", ("0060", "B1"), strict=True)
    )
    whole = HEADING.replace("</row>", '<c r="C1" t="str"><v>plan_exists</v></c></row>')
    rows = f'{whole}<row r="2">{row}<c r="C2" t="str"><f>1</f><v>yes</v></c></row>'
    (folder / "plans.xlsm").write_bytes(workbook(rows, macros=b"\xd0\xcf"))
    found = read_round(folder)
    assert found.problems[["rule", "severity", "message"]].values.tolist() == [
        ["F11", "warning", "Filen har makroer; de er ikke kørt, kun cellernes værdier er læst"]
    ]
    assert found.tables["plans"]["plan_exists"].tolist() == ["yes"]


SPOILT_PARQUET = """
import sys
from pathlib import Path
from klktools.intake.files import read_files

file = Path(sys.argv[1])
raw = file.read_bytes()
start = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
for place in range(start, start + 400):
    file.write_bytes(raw[:place] + raw[place + 2 :])
    reading = read_files(file)
    assert reading.sheets or reading.faults
"""


def test_a_parquet_file_without_two_bytes_of_what_it_says_of_its_columns_never_ends_the_process(tmp_path):
    """pyarrow itself calls `abort` for some of these."""
    path = tmp_path / write_rows("dependencies", grids()["dependencies"], Ways("parquet"), tmp_path)
    ran = subprocess.run([sys.executable, "-c", SPOILT_PARQUET, path], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
