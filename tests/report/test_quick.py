"""Notebooks are read and checked without loading what none of them needs."""

import subprocess
import sys


def run(source):
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_a_batch_begins_without_the_grammar_of_addresses_and_without_matplotlib():
    slow = "{'rfc3987_syntax', 'matplotlib', 'papermill', 'ipykernel'}"
    assert run(f"import klktools.batch.run, sys; print({slow} & set(sys.modules))") == "set()"


def test_the_grammar_can_be_imported_afterwards():
    assert (
        run("import klktools.report.quick, rfc3987_syntax; print(rfc3987_syntax.__name__)")
        == "rfc3987_syntax"
    )


def test_notebooks_are_still_validated():
    source = """
from klktools.report.quick import nbformat
try:
    nbformat.validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"id": "a"}]})
except nbformat.ValidationError:
    print("refused")
"""
    assert run(source) == "refused"
