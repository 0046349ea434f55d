"""The command line: what is said, and the exit code."""

import subprocess
import sys

import pytest

from klktools.cli import main
from tests.conftest import SAMPLE
from tests.intake.small_round import edited, write_csv


def test_check_of_the_sample_finds_no_error_is_short_and_exits_0(capsys):
    assert main(["check", str(SAMPLE)]) == 0
    said = capsys.readouterr().out
    assert "Fejl: 0." in said
    assert said.count("E12") == 1  # thousands of missing months are told once
    assert len(said.splitlines()) < 40


def test_a_folder_that_is_not_there_is_one_sentence_and_exit_1(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nothing")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("klktools: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_an_unknown_municipality_is_usage_and_nothing_runs(tmp_path, capsys):
    code = main(["report", str(SAMPLE), "--to", str(tmp_path / "reports"), "--municipality", "48"])
    assert code == 2
    assert "found '48'" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("arguments", [[], ["reprot"], ["report"], ["report", "x", "--jobs", "0"]])
def test_wrong_usage_exits_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    capsys.readouterr()


def test_a_sample_of_three_is_written_and_can_be_checked(tmp_path, capsys):
    assert main(["sample", "--to", str(tmp_path / "three"), "--municipalities", "3"]) == 0
    assert main(["check", str(tmp_path / "three"), "--language", "en"]) == 0
    assert "Read: 3 municipalities" in capsys.readouterr().out


def test_a_delivery_with_a_cpr_number_is_stopped_with_the_cell_named_and_nothing_is_made(tmp_path, capsys):
    tables = edited([("ratings", 0, {"reason": "Set 311257-5005"}), ("ratings", 1, {"reason": "707515123"})])
    path = write_csv(tables, tmp_path / "round")
    for command in ("report", "benchmark"):
        assert main([command, str(path), "--to", str(tmp_path / "reports")]) == 1
        said = capsys.readouterr()
        assert said.err == (
            "klktools: Leverancen er stoppet. Celler med, hvad der ligner et CPR-nummer: 2, den første er "
            f"ratings.csv H2. Ingen rapport er lavet. Se cellerne med: klktools check {path}\n"
        )
        assert not list((tmp_path / "reports").glob("*"))
    assert main(["check", str(path), "--language", "en"]) == 1
    said = (*said, *capsys.readouterr())
    assert "ratings.csv H2" in said[-2] and "ratings.csv H3" in said[-2]
    assert not any(number in text for text in said for number in ("311257", "5005", "707515123"))


def test_a_folder_of_notes_is_mentioned_and_not_opened(tmp_path, capsys):
    path = write_csv(edited([]), tmp_path / "round")
    write_csv({"noter": edited([])["users"]}, path / "0060" / "_restricted")
    main(["check", str(path)])
    assert "Mappen 0060/_restricted med interviewnoter er ikke åbnet.\n" in capsys.readouterr().out


def test_the_command_is_installed():
    result = subprocess.run(
        [sys.executable, "-m", "klktools", "--version"], capture_output=True, text=True, check=True
    )
    assert result.stdout == "klktools 0.1.0\n"


@pytest.fixture
def faulty(tmp_path):
    """A round of one municipality with an error and a correction."""
    from tests.intake.small_round import edited, write_csv

    edits = [("staffing", 0, {"headcount": "-4"}), ("interviews", 0, {"municipality": "60"})]
    return write_csv(edited(edits), tmp_path / "round")


def test_check_shows_corrections_and_problems(faulty, capsys):
    assert main(["check", str(faulty)]) == 1
    assert capsys.readouterr().out.splitlines()[2:] == [
        "Rettelser",
        "Hvor                            Regel  Antal   Hvad der er rettet",
        "-" * 100,
        "interviews.csv C2               E01    1       1 celle i kolonnen »municipality« var en kommunekode",
        "                                               uden det foranstillede nul.",
        "",
        "Hvor                            Regel  Antal   Hvad der er galt",
        "-" * 100,
        "staffing.csv D2                 C04    1       Fejl: »Antal ansatte« skal være mindst 0; der står",
        "                                               »-4«.",
        "                                                 Ret tallet, eller lad cellen være tom, hvis det",
        "                                                 ikke kendes.",
        "",
        "Fejl: 1. Advarsler: 0.",
    ]


def test_check_writes_the_list_to_send(faulty, tmp_path, capsys):
    path = tmp_path / "to" / "problems.xlsx"
    assert main(["check", str(faulty), "--to", str(path), "--municipality", "0060"]) == 1
    assert capsys.readouterr().out.endswith(f"Listen er skrevet: {path}\n")
    assert [entry.name for entry in path.parent.iterdir()] == ["problems.xlsx"]


def test_check_of_a_municipality_that_is_not_there_is_usage(faulty, tmp_path, capsys):
    code = main(["check", str(faulty), "--to", str(tmp_path / "p.xlsx"), "--municipality", "0061"])
    assert code == 2
    assert "found 0061" in capsys.readouterr().err
    assert not (tmp_path / "p.xlsx").exists()


@pytest.mark.parametrize(("more", "sheets"), [([], 21), (["--interview"], 4)])
def test_the_template_is_written(more, sheets, tmp_path, capsys):
    import openpyxl

    path = tmp_path / "skema.xlsx"
    assert main(["template", "--to", str(path), "--municipality", "0060", *more]) == 0
    assert capsys.readouterr().out == f"Skemaet er skrevet: {path}\n"
    assert len(openpyxl.load_workbook(path).sheetnames) == sheets


@pytest.mark.parametrize("wrong", [["--to", "skema.xls"], ["--to", "skema.xlsx", "--municipality", "0199"]])
def test_a_template_that_cannot_be_is_usage(wrong, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["template", *wrong]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.iterdir())
