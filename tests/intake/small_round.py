# ruff: noqa: E501 - rows of tables
"""A small, faultless round of one fictitious municipality as English csv, and ways to change and write it.

The departments are so young that usage is delivered for every month in which they existed (E12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

import pandas as pd

from klktools.contract import load_contract
from klktools.intake import Round, read_round
from klktools.texts import fill

TEXTS = {
    "municipalities": """
municipality,name,region_code,region_name,population,wave
0060,Almsund,1093,Fiktivregion Syd,42000,2018E
""",
    "visits": """
visit,municipality,wave,instrument_version,start_date,end_date,period_from,period_to,consultants,status
B1,0060,2018E,v2,2018-09-12,2018-09-14,2016-01,2018-08,K1|K2,completed
""",
    "departments": """
department,municipality,name,department_group,core_welfare,level,valid_from,valid_to,replaces,aliases
A1,0060,Økonomi,finance,no,central,2018-07,,,Økonomiafdelingen
A2,0060,Børn og Unge,children_youth,yes,service_administration,2018-08,,,
""",
    "staffing": """
municipality,department,year,headcount,fte,joined,left,internal_moves,turnover_stated,turnover_definition
0060,A1,2018,40,37.5,6,5,2,0.125,left
0060,A2,2018,120,104.25,,,,,
""",
    "solutions": """
solution,municipality,name,function,supports_function,underlying_solution,supplier,status,is_new,go_live,project_closed,relevant_departments,transaction_unit,denominator,target_share,licence_kr,modules_paid,modules_used,utilisation_reviewed,manager_role,follow_ups_12m,relations_described
L1,0060,Handel,purchasing,,,Firma,operation,yes,2016-06,2017-01,A1|A2,order,all_eligible,0.75,250000,4,3,2018-01-15,OC,2,yes
L2,0060,Robot,robot,purchasing,L1,,planned,,,,A1,case,unknown,,,,,,,,
""",
    "users": """
municipality,solution,department,users,in_onboarding
0060,L1,A1,30,yes
0060,L1,A2,80,no
""",
    "interviews": """
interview,visit,municipality,date,role,department_group,participants,form,consultant,duration_min,observed
I1,B1,0060,2018-09-12,OC,,1,in_person,K1,90,no
I2,B1,0060,2018-09-13,AM,children_youth,2,group,K2,45,yes
""",
    "answers": """
municipality,interview,question,solution,answer_type,score,value,assumed_value,before_value,status,dont_know_reason,basis,theme
0060,I1,Q03,,scale,2,,,,answered,,,
0060,I1,Q11,L1,percent,3,62.5,,,answered,,estimate,
0060,I1,Q12,L1,yes_no,,,,,dont_know,nobody_measures,,
0060,I2,Q20,L1,minutes,1,9,3,8,answered,,count,
0060,I2,Q26,,open,,,,,answered,,,training
""",
    "ratings": """
municipality,visit,criterion,consultant,phase,score,evidence,reason
0060,B1,P1,K1,individual,1.5,B,
0060,B1,P1,K2,individual,2,B,
0060,B1,P1,K1,consensus,2,B,Set planen
""",
    "usage": """
municipality,solution,department,month,through,eligible,as_intended,amount_through,amount_all,active_users,evidence,source,sample_n
0060,L1,A1,2018-07,120,400,60,,,28,A,udtræk,
0060,L1,A1,2018-08,150,420,75,10250,30500,29,A,udtræk,
0060,L1,A2,2018-08,1500,4200,,,,,B,stikprøve,100
""",
    "usage_log": """
municipality,event,timestamp,solution,department_ref,channel,transaction,event_type,as_intended,user_hash,amount
0060,H1,2018-08-31T21:59:00Z,L1,Økonomiafdelingen,solution,T1,created,yes,a9,100
0060,H2,2018-08-31T22:30:00Z,L1,A2,solution,T1,completed,yes,a9,100
0060,H3,2018-08-03T10:00:00,L1,A1,manual,T2,completed,,,
0060,H4,2018-08-03T10:00:01,L1,A1,manual,T2,completed,,,
0060,H5,2018-08-04T10:00:00,L1,A1,solution,T3,completed,yes,,
0060,H6,2018-08-05T10:00:00,L1,A1,solution,T3,cancelled,,,
0060,H7,2018-08-06T10:00:00,L1,A1,solution,T4,test,,,
0060,H8,2018-08-07T10:00:00,L1,oekonomi,solution,T5,created,,,
""",
    "initiatives": """
initiative,municipality,name,solution,function,type,status,start,end,go_live,owner_role,in_overall_plan,relations_described,change_admin_described,change_rest_described,manager_role,affected_departments,no_dependencies,replaces_solution,existing_assessed,economy_kr
N1,0060,Indkøbsrobot,L2,robot,robot,decided,2018-10,2019-06,2019-05,DC,yes,yes,no,no,OC,A1,no,,,500000
N2,0060,Ny e-handel,L1,purchasing,extension,in_progress,2018-01,2018-12,,DC,yes,no,,,,A1|A2,yes,,no,
""",
    "dependencies": """
municipality,initiative,requires,type,hard,note
0060,N1,N2,finish_to_start,yes,
0060,N1,N99,data,no,findes ikke
""",
    "plans": """
municipality,visit,plan_exists,decided_by,decided_date,last_updated,covers_administration
0060,B1,partly,executive_board,2017-05-01,2018-02-20,yes
""",
    "gains": """
gain,municipality,solution,initiative,gain_type,business_case_kr,duration,price_level,expected_department,budget_cut_kr,budget_department,budget_year,realised_kr,documentation,description,owner_role,baseline_date,indicator,target_value,target_date
G1,0060,L1,,budget,300000,permanent,2018-pl,A1,300000,ACROSS_THE_BOARD,2018,120000,computed,Færre fakturaer,OC,2016-01-01,andel,0.8,2019-01-01
G2,0060,,N1,time,100000,permanent,2018-pl,A1,,,,,none,,,,,,
""",
    "assumptions": """
assumption,municipality,solution,gain,type,description,unit,weight,baseline_value,assumed_value,measured_value,measured_date,method,n_measurements,adjusted,adjusted_date
F1,0060,L1,G1,functionality,Kataloger,yes_no,2,,1,0.5,2018-09-13,self_reported,1,no,
F2,0060,L1,G1,usage,Andel,share,,,0.6,0.36,2018-08-31,system,12,yes,2018-06-01
F3,0060,L1,G1,time_per_task,Find en vare,minutes,,8,3,9.5,2018-09-13,stopwatch,5,no,
""",
    "training": """
training,municipality,solution,department,date,type,form,persons,participations,mandatory
U1,0060,L1,A1,2016-06-01,go_live,course,25,30,yes
""",
    "support": """
municipality,solution,channel,active_from,active_to,funding,enquiries_12m,response_hours_median,latest_feedback,changes_6m,known_by_users
0060,L1,hotline,2016-06-01,,operation,140,1.5,2018-05-02,1,0.85
""",
    "processes": """
process,municipality,function,org_level,fte,digital_task,digital_flow
P1,0060,purchasing,central,3.5,3,2
""",
}


Grids = Mapping[str, pd.DataFrame]
Edit = tuple[str, int | None, dict[str, str]]


def grids() -> dict[str, pd.DataFrame]:
    """The round as tables of text, as a person would type them; an empty cell is ""."""
    return {
        name: pd.read_csv(StringIO(text.lstrip()), dtype="str", keep_default_na=False)
        for name, text in TEXTS.items()
    }


def edited(edits: Iterable[Edit]) -> dict[str, pd.DataFrame]:
    """The round with cells changed: (table, row from 0, changes); row None adds a copy of the last row."""
    tables = grids()
    for table, row, changes in edits:
        grid = tables[table]
        if row is None:
            grid = pd.concat([grid, grid.tail(1)], ignore_index=True)
            row = len(grid) - 1
        for column, value in changes.items():
            grid.loc[row, column] = value
        tables[table] = grid
    return tables


def around(*names: str) -> dict[str, pd.DataFrame]:
    """The round with these tables and those they refer to only; quicker to read."""
    specs = load_contract().tables
    wanted, ahead = set(), {"municipalities", "visits", *names}
    while ahead:
        wanted |= ahead
        ahead = (
            {column.references for name in ahead for column in specs[name].columns.values()} - wanted - {""}
        )
    return {name: grid for name, grid in grids().items() if name in wanted}


def write_csv(tables: Grids, folder: Path, *, separator: str = ",", encoding: str = "utf-8") -> Path:
    """One csv per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, grid in tables.items():
        grid.to_csv(folder / f"{name}.csv", sep=separator, encoding=encoding, index=False)
    return folder


def write_workbook(tables: Grids, path: Path) -> Path:
    """One workbook with a sheet per table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for name, grid in tables.items():
            grid.to_excel(book, sheet_name=name, index=False)
    return path


def read_edited(folder: Path, edits: Iterable[Edit], *, separator: str = ",") -> Round:
    """Cells changed, and the tables they are in with those they refer to written as csv and read."""
    edits = list(edits)
    tables = edited(edits)
    needed = {"municipalities", "visits"} | {table for table, _, _ in edits}
    while more := {name for table in needed for name in _referred(table)} - needed:
        needed |= more
    return read_round(write_csv({name: tables[name] for name in needed}, folder, separator=separator))


def _referred(table: str) -> set[str]:
    return {c.references for c in load_contract().tables[table].columns.values() if c.references}


def problem(place: str, rule: str, column: str, value: str, message: str) -> dict:
    """A whole row of problems of the small round's csv: `place` is the table and the cell, "" is no cell."""
    entry = load_contract().rules[rule]
    more = {"value": value, "rule": rule, "severity": entry["severity"], "message": message}
    return _placed(place, column) | more | {"remedy": entry["do_da"]}


def correction(place: str, rule: str, column: str, old: str, new: str, **words: str) -> dict:
    """A whole row of corrections of the small round's csv."""
    words = {"header": column, "this": old, "new": new, "other": "1"} | words
    told = {"rule": rule, "cells": int(words["other"]) if words["other"].isdigit() else 1}
    message = fill(load_contract().rules[rule]["da"], **words)
    return _placed(place, column) | {"old": old, "new": new, **told, "message": message}


def _placed(place: str, column: str) -> dict:
    table, _, cell = place.partition(" ")
    row = int("".join(filter(str.isdigit, cell))) if cell else None
    where = {"municipality": "0060", "table": table, "file": f"{table}.csv", "sheet": "", "row": row}
    return where | {"cell": cell, "column": column}


def rows_of(journal: pd.DataFrame) -> list[dict]:
    """The rows of problems or corrections as plain values."""
    return journal.astype(object).where(journal.notna(), None).to_dict("records")
