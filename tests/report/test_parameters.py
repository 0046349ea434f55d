import nbformat
import pytest

from klktools.errors import ParameterError
from klktools.report.parameters import Parameter, check_parameters, declared_parameters

DECLARED = (
    Parameter("dossier", "str", "x"),
    Parameter("language", "str", "da"),
    Parameter("at_most", "int", 8),
)


def notebook(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]}) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


def test_typed_literals_are_read_in_order():
    source = 'dossier: str = "x"  # a folder\nlanguage: str = "da"\nat_most: int = 8'
    assert declared_parameters(notebook(source)) == DECLARED


@pytest.mark.parametrize("count", [0, 2])
def test_there_must_be_exactly_one_parameters_cell(count):
    with pytest.raises(ParameterError) as error:
        declared_parameters(notebook(*['a: str = ""'] * count))
    assert str(error.value) == (
        f"a report notebook must have exactly one cell tagged `parameters`; found {count}."
    )


@pytest.mark.parametrize(
    "line", ["a = 1", "a: str = f(1)", "a: date = 1", "import os", "a: int = b * 2", "a: int"]
)
def test_a_line_that_is_not_a_typed_literal_is_refused(line):
    with pytest.raises(ParameterError) as error:
        declared_parameters(notebook(line))
    assert str(error.value) == (
        f"a line of the parameters cell must be `name: kind = literal`; found `{line}`."
    )


def test_right_names_and_kinds_pass():
    check_parameters({"dossier": "0060", "at_most": 3}, DECLARED)


def test_a_misspelt_parameter_is_an_error_that_names_the_nearest():
    with pytest.raises(ParameterError) as error:
        check_parameters({"langauge": "en"}, DECLARED)
    assert str(error.value) == (
        "a parameter must be one of dossier, language, at_most; found `langauge`. Did you mean `language`?"
    )


@pytest.mark.parametrize(
    ("name", "value", "kind", "found"),
    [
        ("dossier", 60, "str", "60 of kind int"),
        ("at_most", True, "int", "True of kind bool"),
        ("at_most", "8", "int", "'8' of kind str"),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error(name, value, kind, found):
    with pytest.raises(ParameterError) as error:
        check_parameters({name: value}, DECLARED)
    assert str(error.value) == f"the parameter `{name}` must be of kind {kind}; found {found}."
