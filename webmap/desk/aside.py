"""Rows that a file hides or strikes through: they are neither taken nor left out before somebody says so."""

from collections.abc import Mapping, Sequence

from gis.errors import BadParameter
from gis.exchange.sheets import Sheet

HIDDEN, STRUCK = "hidden-rows", "struck-rows"


def places(sheet: Sheet) -> dict[int, str]:
    """Give the question that each such row of a sheet belongs to."""
    return dict.fromkeys(sheet.struck_rows, STRUCK) | dict.fromkeys(sheet.hidden_rows, HIDDEN)


def answer(answers: Mapping[str, str], name: str) -> str:
    """Give what was answered: ``take``, ``leave``, or nothing yet."""
    given = answers.get(name, "")
    return given if given in ("take", "leave") else ""


def asked(sheets: Sequence[Sheet], answers: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """Name the questions that sheets ask, with the number of rows and what was answered."""
    every = [name for sheet in sheets for name in places(sheet).values()]
    return [(name, every.count(name), answer(answers, name)) for name in (HIDDEN, STRUCK) if name in every]


def left_out(name: str) -> BadParameter:
    """Say why a row is left out that was said to be."""
    return BadParameter("hidden in the file") if name == HIDDEN else BadParameter("struck through")


def open_row(name: str) -> BadParameter:
    """Say what stands against a row of which nothing was said yet."""
    if name == HIDDEN:
        return BadParameter("This row is hidden in the file: say whether it is taken or left out.", parameter="row")
    return BadParameter("This row is struck through: say whether it is taken or left out.", parameter="row")
