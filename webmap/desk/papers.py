"""The document that something rests on, as every form of the desk asks for it: number, kind, day, issuer."""

from collections.abc import Mapping

from flask import Flask

from gis import documents, papers
from gis.documents import Listed
from gis.errors import BadParameter
from gis.record import DOCUMENT_KINDS, NewDocument
from webmap import desk, entry
from webmap.i18n import day
from webmap.session import session
from webmap.words import document_kind_name

FIELDS = ("document", "document_kind", "issued_on", "issuer")
_MARKS = {"qd": "decision", "tb": "notice", "bb": "minutes", "unc": "payment_order", "kh": "plan", "bc": "report",
          "cv": "official_letter"}  # fmt: skip
"""What the number of a document says of its kind: 45/CV-UBND (Decree 30/2020/NĐ-CP, appendix III)."""


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(papers_of=of_project, kinds_of_papers=kinds)


def given(form: Mapping[str, str]) -> NewDocument | None:
    """Read the document of a form; None where no number is filled in.

    One that the project has is meant by its number, a new one is entered.

    Raises
    ------
    BadParameter
        Also where the number says that it is of another kind than was chosen.
    """
    number = form.get("document", "").strip()
    if not number:
        return None
    kind = form.get("document_kind", "")
    meant = kind_by_number(number)
    if meant and kind in DOCUMENT_KINDS and meant != kind:
        raise BadParameter(
            "“%(number)s” is the number of a document of kind “%(meant)s”, and “%(chosen)s” is chosen: choose the "
            "kind that it has, or put its number right.",
            parameter="document_kind", number=number, meant=document_kind_name(meant), chosen=document_kind_name(kind),
        )  # fmt: skip
    return NewDocument(kind, number, entry.day("issued_on", form.get("issued_on")), form.get("issuer"))


def kind_by_number(number: str) -> str | None:
    """Tell the kind of a document by the letters in its number; None where they say none, or several."""
    said = {_MARKS[part] for part in papers.spelled(number) if part in _MARKS}
    return said.pop() if len(said) == 1 else None


def kinds() -> dict[str, str]:
    """Name the kinds a document can be of."""
    return {kind: document_kind_name(kind) for kind in DOCUMENT_KINDS}


def of_project(project: desk.Here) -> dict[str, list]:
    """Give what the fields suggest: the documents of a project with what they are, and who issued them."""
    listed = documents.listed(session(), project.id)
    issuers = [paper.issuer for paper in listed if paper.issuer]
    return {
        "papers": [(paper.number, _said(paper)) for paper in listed],
        "issuers": sorted(dict.fromkeys(issuers), key=lambda one: -issuers.count(one)),
    }


def _said(paper: Listed) -> str:
    return " ".join(filter(None, (document_kind_name(paper.kind), paper.issued_on and day(paper.issued_on))))
