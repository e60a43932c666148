"""Units to choose from on a form: in groups, told apart from others of their name, none chosen by the alphabet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, g
from flask_babel import gettext

from gis import catalogue, unit_choices
from gis.progress import today
from gis.unit_choices import UnitChoice
from webmap import i18n
from webmap.auth import reader
from webmap.session import session

Group = tuple[str, list[tuple[str, str]]]
"""Heading, and slugs with names."""


@dataclass(frozen=True)
class Offered:
    """Units in the order in which they are looked for."""

    groups: Sequence[Group]
    usual: str
    """Slug of the one that is meant unless another is chosen; empty where nobody can know."""

    @property
    def names(self) -> dict[str, str]:
        """Name by slug."""
        return {slug: name for _, pairs in self.groups for slug, name in pairs}

    def only(self, slugs: frozenset[str]) -> "Offered":
        """Give these units alone."""
        kept = [(title, [pair for pair in pairs if pair[0] in slugs]) for title, pairs in self.groups]
        return Offered([group for group in kept if group[1]], self.usual if self.usual in slugs else "")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(units_of_project=of_project, communes_of_project=communes_of_project, unit_label=label)


def of_reader(wanted: Callable[[UnitChoice], bool] | None = None) -> Offered:
    """Offer units to this reader, the reader's own first: those given, and those of the projects given."""
    return _offered(_choices(None), gettext("Your units"), wanted)


def of_project(project_id: int) -> Offered:
    """Offer units for something of a project: those it reports to and lies in first."""
    return _offered(_choices(project_id), gettext("Units of the project"), None)


def communes_of_project(project_id: int) -> Offered:
    """Offer the communes whose cadastral maps may number a parcel of a project: of today and former ones."""
    return _offered(_choices(project_id), gettext("Units of the project"), lambda choice: choice.level == "commune")


def label(choice: UnitChoice) -> str:
    """Name a unit so that it is told apart: of one that has ended its last day, of a commune then its district."""
    apart = [choice.district] if choice.district and (choice.ended or choice.begins) else []
    if choice.ended:
        apart.append(gettext("until %(day)s", day=i18n.day(choice.ended)))
    if choice.begins:
        apart.append(gettext("from %(day)s", day=i18n.day(choice.begins)))
    return f"{choice.name} ({', '.join(apart)})" if apart else choice.name


def _choices(project_id: int | None) -> list[UnitChoice]:
    kept = g.setdefault("unit_choices", {})
    if project_id not in kept:
        own = frozenset() if project_id is not None else _hers()
        kept[project_id] = unit_choices.choices(session(), today(), own=own, project_id=project_id)
    return kept[project_id]


def _hers() -> frozenset[str]:
    """Give the units of this reader: those given, and of the projects given to officers those they lie in today."""
    from webmap.desk import beginning  # the desk's forms stand on this module

    return beginning.units() | catalogue.units_of_projects(session(), reader().record_ids, today())


def _offered(choices: Sequence[UnitChoice], own: str, wanted: Callable[[UnitChoice], bool] | None) -> Offered:
    listed = [choice for choice in choices if wanted is None or wanted(choice)]
    groups: list[Group] = []
    for title, belongs in (
        (own, lambda choice: choice.own),
        (gettext("Units of today"), lambda choice: not choice.own and not choice.ended),
        (gettext("Units that have ended"), lambda choice: not choice.own and choice.ended),
    ):
        if pairs := [(choice.slug, label(choice)) for choice in listed if belongs(choice)]:
            groups.append((title, pairs))
    return Offered(groups, _usual(listed))


def _usual(listed: Sequence[UnitChoice]) -> str:
    """Give the one unit of today that is the reader's, or holds all that are; else the province, for who has none."""
    standing = [choice for choice in listed if not choice.ended and not choice.begins]
    own = [choice for choice in standing if choice.own]
    if len(own) == 1:
        return own[0].slug
    widest = [choice for choice in (own or standing) if choice.level == "province"]
    return widest[0].slug if len(widest) == 1 else ""
