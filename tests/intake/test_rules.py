"""Each rule of the contract is broken once, each time in a municipality of its own, in one big round."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
import pytest

from klktools.contract import load_contract
from klktools.intake import Round, read_round
from tests.intake.small_round import Edit, edited, write_csv


@dataclass(frozen=True)
class Case:
    """A rule, what breaks it, the cell to blame in the municipality's own table, and the whole message."""

    rule: str
    edits: list[Edit]
    place: str
    message: str


def case(rule: str, edits: list[Edit], place: str, message: str):
    return pytest.param(Case(rule, edits, place, message), id=f"{rule} {place}")


CASES = [
    case(
        "C01",
        [("processes", 0, {"org_level": ""})],
        "processes D2",
        "»Organisatorisk niveau« skal udfyldes i Processer",
    ),
    case(
        "C02",
        [("processes", 0, {"fte": "tre"})],
        "processes E2",
        "»Årsværk« skal være et tal; der står »tre«",
    ),
    case(
        "C02",
        [("processes", 0, {"digital_task": "2.5"})],
        "processes F2",
        "»Digital opgave (0-4)« skal være et helt tal; der står »2.5«",
    ),
    case(
        "C02",
        [("support", 0, {"active_from": "31-02-2018"})],
        "support D2",
        "»Aktiv fra« skal være en dato; der står »31-02-2018«",
    ),
    case(
        "C03",
        [("support", 0, {"channel": "hotlin"})],
        "support C2",
        "»hotlin« findes ikke på listen for »Kanal«; mente du »Hotline«?",
    ),
    case(
        "C04",
        [("processes", 0, {"digital_flow": "5"})],
        "processes G2",
        "»Digitalt flow (0-4)« skal være mellem 0 og 4; der står »5«",
    ),
    case(
        "C04",
        [("support", 0, {"enquiries_12m": "-3"})],
        "support G2",
        "»Henvendelser på 12 måneder« skal være mindst 0; der står »-3«",
    ),
    case(
        "E06",
        [("support", 0, {"known_by_users": "85"})],
        "support K2",
        "Andele er skrevet på flere måder i kolonnen »known_by_users«, og »85« følger ikke kolonnens enhed",
    ),
    case(
        "E07",
        [("usage", 0, {"through": "420"})],
        "usage E2",
        "Flere gennem løsningen (420) end i alt (400); måneden regnes ikke som målt",
    ),
    case(
        "E08",
        [("usage", 0, {"through": "-5"})],
        "usage E2",
        "»Antal gennem løsningen« er negativ (-5); måneden regnes ikke som målt",
    ),
    case(
        "E13",
        [("processes", None, {"fte": "9.5"})],
        "processes A2",
        "Processer har flere forskellige rækker med samme nøgle: 0060 · P1",
    ),
    case(
        "E14",
        [
            ("departments", 1, {"valid_from": "2018-08", "valid_to": "2018-08"}),
            (
                "departments",
                None,
                {"department": "A3", "name": "Børn", "valid_from": "2018-09", "valid_to": ""},
            ),
        ],
        "departments G4",
        "»Børn« kommer til (2018-09), når »Børn og Unge« ophører (2018-08), men det står ikke, om den ene "
        "afløser den anden",
    ),
    case(
        "E15a",
        [("users", None, {"department": "I alt", "users": "111"})],
        "users C4",
        "»I alt« ligner en række med totaler, men tallene er ikke summen af de øvrige afdelinger",
    ),
    case(
        "E20",
        [("usage", 2, {"eligible": "42000"})],
        "usage F2",
        "Nævneren svarer til 508920 om året, men omkring 21000 er sædvanligt for en kommune af den størrelse",
    ),
    case(
        "E21",
        [("solutions", 0, {"licence_kr": "250"})],
        "solutions P2",
        "»Licens (kr. pr. år)« er 250; er det hele kroner?",
    ),
    case(
        "E21",
        [("initiatives", 0, {"economy_kr": "500000000"})],
        "initiatives U2",
        "»Økonomi (kr.)« er 500000000; er det hele kroner?",
    ),
    case(
        "E22",
        [("gains", 0, {"budget_cut_kr": "-300000"})],
        "gains J2",
        "Budgetreduktionen er negativ (-300000); en reduktion skal være et positivt tal",
    ),
    case("E23", [("gains", 0, {"price_level": ""})], "gains H2", "Beløbet har intet prisniveau"),
    case(
        "E23a",
        [("gains", 1, {"price_level": "2019-pl"})],
        "gains H3",
        "Prisniveauet 2019-pl er et andet end kommunens øvrige (2018-pl); "
        "beløb i flere prisniveauer lægges ikke sammen",
    ),
    case(
        "E25",
        [("usage", 0, {"month": "2016-05"})],
        "usage D2",
        "Der er anvendelse, før løsningen blev idriftsat (2016-06)",
    ),
    case("E26", [("users", 0, {"department": "A9"})], "users C2", "»A9« findes ikke i Afdelinger"),
    case(
        "E26",
        [("initiatives", 1, {"affected_departments": "A1|A8|A9"})],
        "initiatives Q3",
        "»A8, A9« findes ikke i Afdelinger",
    ),
    case("E26", [("gains", 0, {"budget_department": "A9"})], "gains K2", "»A9« findes ikke i Afdelinger"),
    case(
        "E26a",
        [
            ("support", 0, {"solution": "L2"}),
            ("solutions", 1, {"status": "x"}),
            ("initiatives", 0, {"solution": "L1"}),
        ],
        "support B2",
        "»L2« blev leveret i Løsninger, men rækken blev afvist",
    ),
    case(
        "E27",
        [("dependencies", 1, {"initiative": "N2", "requires": "N1"})],
        "dependencies C2",
        "»N1« forudsætter »N2«, som selv direkte eller gennem andre forudsætter »N1«",
    ),
    case(
        "E28",
        [("staffing", 0, {"turnover_stated": "1.2"})],
        "staffing I2",
        "Personaleomsætningen er over 100 pct.",
    ),
    case("E28a", [("staffing", 0, {"fte": "40.5"})], "staffing E2", "Flere årsværk (40.5) end ansatte (40)"),
    case(
        "E28b",
        [("staffing", 0, {"left": "", "turnover_definition": "unknown"})],
        "staffing J2",
        "Personaleomsætningen er oplyst uden definition og regnes som et interval",
    ),
    case(
        "E29",
        [("training", 0, {"persons": "31", "participations": "40"})],
        "training H2",
        "Flere uddannede personer (31) end brugere (30) i afdelingen",
    ),
    case(
        "E32",
        [
            ("solutions", None, {"solution": "L3", "name": "Robotten"}),
            ("solutions", 1, {"name": "Robottten"}),
        ],
        "solutions C4",
        "»Robotten« ligner »Robottten« (L2) i samme kommune og funktion; er det én løsning?",
    ),
    case(
        "E37",
        [("processes", 0, {"fte": "#DIVISION/0!"})],
        "processes E2",
        "»Årsværk« er en formel, der er gået i stykker (#DIVISION/0!); cellen regnes som tom",
    ),
    case(
        "R01",
        [("support", 0, {"active_to": "2016-01-01"})],
        "support E2",
        "»Aktiv til« ligger før »Aktiv fra«",
    ),
    case(
        "R01", [("visits", 0, {"start_date": "2018-09-15"})], "visits F2", "»Slutdato« ligger før »Startdato«"
    ),
    case(
        "R01",
        [("solutions", 0, {"project_closed": "2016-05"})],
        "solutions K2",
        "»Projekt afsluttet« ligger før »Idriftsat«",
    ),
    case("R01", [("initiatives", 1, {"end": "2017-12"})], "initiatives I3", "»Slut« ligger før »Start«"),
    case(
        "R02",
        [("visits", 0, {"start_date": "2018-08-14"})],
        "visits F2",
        "Besøget varer mere end 30 dage (2018-08-14 til 2018-09-14)",
    ),
    case(
        "R03",
        [("visits", 0, {"period_from": "2018-04"})],
        "visits H2",
        "Dataperioden er kortere end 6 måneder (2018-04 til 2018-08)",
    ),
    case(
        "R04",
        [("visits", 0, {"period_to": "2018-10"})],
        "visits H2",
        "Dataperioden slutter (2018-10) efter besøget (2018-09-14)",
    ),
    case(
        "R05",
        [("departments", None, {"valid_from": "2018-09"})],
        "departments G4",
        "Afdelingen »A2« har perioder, der overlapper",
    ),
    case(
        "R06",
        [("interviews", 0, {"date": "2018-11-14"})],
        "interviews D2",
        "Interviewet (2018-11-14) ligger mere end 60 dage fra besøget",
    ),
    case("R07", [("answers", 0, {"score": ""})], "answers F2", "Et besvaret spørgsmål skal have en score"),
    case(
        "R08",
        [("answers", 1, {"value": ""})],
        "answers G3",
        "Et besvaret spørgsmål af typen »percent« skal have en værdi",
    ),
    case(
        "R09",
        [("answers", 2, {"score": "2"})],
        "answers F4",
        "Et svar med status »dont_know« må ikke have en score",
    ),
    case("R10", [("answers", 2, {"dont_know_reason": ""})], "answers K4", "Et »ved ikke« skal have en årsag"),
    case(
        "R11",
        [("visits", 0, {"instrument_version": "v1"})],
        "answers C5",
        "Q20 findes ikke i instrumentversion v1",
    ),
    case("R12", [("answers", 4, {"score": "2"})], "answers F6", "Q26 scores ikke"),
    case(
        "R13",
        [("answers", 1, {"value": "162"})],
        "answers G3",
        "Værdien 162 passer ikke til svartypen »percent« (procent 0-100, minutter 0,1-600, ja/nej 1 eller 0)",
    ),
    case(
        "R13",
        [("answers", 3, {"value": "0"})],
        "answers G5",
        "Værdien 0 passer ikke til svartypen »minutes« (procent 0-100, minutter 0,1-600, ja/nej 1 eller 0)",
    ),
    case(
        "R13",
        [("answers", 2, {"value": "2"})],
        "answers G4",
        "Værdien 2 passer ikke til svartypen »yes_no« (procent 0-100, minutter 0,1-600, ja/nej 1 eller 0)",
    ),
    case(
        "R14",
        [("ratings", 0, {"score": "1.25"})],
        "ratings F2",
        "Scoren 1.25 er hverken et helt eller et halvt trin",
    ),
    case(
        "R15",
        [("ratings", None, {"consultant": "K2"})],
        "ratings C4",
        "P1 har mere end én konsensusvurdering",
    ),
    case(
        "R16",
        [("ratings", 2, {"score": "2.5"})],
        "ratings F4",
        "Konsensus 2.5 ligger uden for de individuelle vurderinger (1.5-2)",
    ),
    case(
        "R17",
        [("solutions", 1, {"supports_function": ""})],
        "solutions E3",
        "En robot skal have »Understøtter funktion«",
    ),
    case(
        "R17",
        [("solutions", 1, {"underlying_solution": ""})],
        "solutions F3",
        "En robot skal have »Underliggende løsning«",
    ),
    case(
        "R18",
        [("solutions", 0, {"go_live": ""})],
        "solutions J2",
        "En løsning i drift skal have en måned for idriftsættelse",
    ),
    case(
        "R19",
        [("solutions", 0, {"modules_used": "5"})],
        "solutions R2",
        "Flere moduler i brug (5) end betalt (4)",
    ),
    case("R20", [("usage", 0, {"eligible": "0"})], "usage F2", "Der er 120 gennem løsningen, men 0 i alt"),
    case(
        "R21",
        [("usage", 0, {"as_intended": "121"})],
        "usage G2",
        "Flere som tiltænkt (121) end gennem løsningen (120)",
    ),
    case(
        "R22",
        [("usage", 2, {"sample_n": "5000"})],
        "usage M4",
        "Stikprøven (5000) er større end antallet i alt (4200)",
    ),
    case(
        "R23",
        [("usage", 0, {"active_users": "45"})],
        "usage J2",
        "Flere aktive brugere (45) end ansatte i afdelingen (40) plus 10 pct.",
    ),
    case(
        "R24",
        [("initiatives", 0, {"go_live": "2019-08"})],
        "initiatives J2",
        "Idriftsættelsen (2019-08) ligger ikke mellem start og slut",
    ),
    case(
        "R24",
        [("initiatives", 0, {"go_live": "2018-09"})],
        "initiatives J2",
        "Idriftsættelsen (2018-09) ligger ikke mellem start og slut",
    ),
    case(
        "R25",
        [("initiatives", 0, {"solution": ""})],
        "initiatives D2",
        "Initiativet er en robot, men dets løsning har ingen underliggende løsning",
    ),
    case(
        "R26",
        [("dependencies", 0, {"requires": "N1"})],
        "dependencies C2",
        "Initiativet »N1« kan ikke forudsætte sig selv",
    ),
    case(
        "R27",
        [("gains", 1, {"initiative": ""})],
        "gains C3",
        "Gevinsten skal høre til en løsning eller et initiativ",
    ),
    case(
        "R28",
        [("assumptions", 2, {"baseline_value": ""})],
        "assumptions I4",
        "En forudsætning om tid skal have et nulpunkt",
    ),
    case(
        "R29",
        [("assumptions", 2, {"baseline_value": "3"})],
        "assumptions J4",
        "Nulpunkt og forudsat tid er ens (3); så er ingen besparelse forudsat",
    ),
    case(
        "R30",
        [("assumptions", 2, {"measured_value": "601"})],
        "assumptions K4",
        "»Målt værdi« er 601, men minutter skal være 0,1-600 og andele 0-1",
    ),
    case(
        "R30",
        [("assumptions", 1, {"assumed_value": "60"})],
        "assumptions J3",
        "»Forudsat værdi« er 60, men minutter skal være 0,1-600 og andele 0-1",
    ),
    case(
        "R31",
        [("assumptions", 0, {"measured_value": "0.7"})],
        "assumptions K2",
        "»Målt værdi« for funktionalitet skal være 0, 0,5 eller 1; der står »0.7«",
    ),
    case(
        "R32",
        [("staffing", 0, {"left": "61"})],
        "staffing G2",
        "Flere fratrådte (61) end halvanden gang de ansatte (40)",
    ),
    case(
        "R33",
        [("training", 0, {"participations": "24"})],
        "training H2",
        "Flere personer (25) end deltagelser (24)",
    ),
    case(
        "R34",
        [("usage_log", 7, {"department_ref": "Ukendt"})],
        "usage_log E9",
        "Afdelingen »Ukendt« findes hverken som nøgle, navn eller stavemåde i afdelingerne",
    ),
]


@dataclass(frozen=True)
class Tried:
    """The round of all cases, and for each case its municipality and where its tables begin."""

    round_: Round
    codes: dict[str, str]
    offsets: dict[tuple[str, str], int]

    def problems_of(self, tried: Case) -> pd.DataFrame:
        problems = self.round_.problems
        return problems[problems["municipality"] == self.codes[_key(tried)]]


def _key(tried: Case) -> str:
    return tried.place + tried.rule + str(tried.edits)


@pytest.fixture(scope="module")
def tried(tmp_path_factory) -> Tried:
    codes, offsets, piles = {}, {}, {}
    for number, param in enumerate(CASES):
        one = param.values[0]
        code = codes[_key(one)] = f"X{number:03d}"
        for table, grid in edited(one.edits).items():
            own = grid.assign(municipality=grid["municipality"].str.replace("0060", code))
            offsets[_key(one), table] = sum(len(part) for part in piles.get(table, []))
            piles.setdefault(table, []).append(own)
    grids = {table: pd.concat(parts) for table, parts in piles.items()}
    return Tried(read_round(write_csv(grids, tmp_path_factory.mktemp("round"))), codes, offsets)


@pytest.mark.parametrize("one", CASES)
def test_a_broken_rule_names_the_cell_and_says_what_is_wrong_and_what_to_do(one, tried):
    table, column, row = re.fullmatch(r"(\w+) ([A-Z]+)(\d+)", one.place).groups()
    row = int(row) + tried.offsets[_key(one), table]
    problems = tried.problems_of(one)
    found = problems[problems["rule"] == one.rule].iloc[0]
    entry = load_contract().rules[one.rule]
    expected = {"table": table, "file": f"{table}.csv", "sheet": "", "row": row, "cell": f"{column}{row}"}
    expected |= {
        "severity": entry["severity"],
        "message": one.message.replace("0060", tried.codes[_key(one)]),
        "remedy": entry["do_da"],
    }
    assert found[list(expected)].to_dict() == expected


@pytest.mark.parametrize("one", CASES)
def test_an_error_rejects_its_row_and_a_warning_keeps_it(one, tried):
    table = one.place.split()[0]
    delivered = tried.round_.delivered
    own = delivered["municipality"] == tried.codes[_key(one)]
    counts = delivered[own & (delivered["table"] == table)].iloc[0]
    problems = tried.problems_of(one)
    rows = (
        problems[problems["table"] == table]
        .groupby("row")["severity"]
        .agg(lambda given: "error" in set(given))
    )
    assert counts["rows_rejected"] == rows.sum()
    counted = "about" not in load_contract().rules[one.rule]  # what the rows say, not how they were delivered
    assert counts["rows_warned"] == (~rows).sum() * counted
    assert counts["rows_accepted"] == counts["rows_delivered"] - counts["rows_rejected"]


def test_a_municipality_without_a_broken_rule_has_no_problem(tried):
    assert set(tried.round_.problems["municipality"]) == set(tried.codes.values())


def test_every_rule_about_a_row_is_tried():
    rules = {
        name for name, rule in load_contract().rules.items() if rule.get("severity") in ("error", "warning")
    }
    # in the other modules
    elsewhere = {
        "F01",
        "F02",
        "F03",
        "F04",
        "F05",
        "F06",
        "E05",
        "C05",
        "E10b",
        "E12",
        "E17",
        "E36",
        "E30",
        "E31",
    }
    elsewhere |= {name for name in rules if name.startswith(("F", "P", "E16", "E34", "E38"))}
    assert rules - elsewhere == {param.values[0].rule for param in CASES}
