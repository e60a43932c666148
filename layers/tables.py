"""The tables there are: one of every layer with rows of its own, and the roll-ups."""

from gis.access import allows
from gis.errors import NotFound
from layers import visible_to
from layers.rollups import RollUp, roll_ups
from layers.rows import LayerTable, tables_of

Table = LayerTable | RollUp


def tables(opened: str) -> list[Table]:
    """Give the tables a reader under setting `opened` (see `gis.access.OPEN_ACCESS`) may see, roll-ups first."""
    of_layers = tables_of(visible_to(opened))
    return [table for table in (*roll_ups(of_layers), *of_layers) if allows(opened, table.access)]


def table(name: str, opened: str) -> Table:
    """Find a table by name.

    Raises
    ------
    NotFound
        If there is none, or the reader may not see it: both look the same.
    """
    for found in tables(opened):
        if found.name == name:
            return found
    raise NotFound("There is no map layer “%(name)s”.", parameter="table", name=name)
