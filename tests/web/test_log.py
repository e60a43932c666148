"""The log of a project tells every entry that the product's own doors make, as page, as file and on the case's page."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from shapely import MultiPolygon

from gis import (
    attachments,
    correcting,
    costs,
    db,
    documents,
    holders,
    logbook,
    model,
    person,
    project_acts,
    record,
    registers,
    registration,
    reported,
    scope,
)
from gis.model import AuditEntry
from gis.new_figures import NewFigure
from gis.record import Act, NewDocument, Share
from gis.register_table import REGISTERS
from gis.registration import NewCase, NewHolder, NewParcel
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.db.test_attachments import PDF
from tests.people import invite, signed_in
from webmap.desk import log

LOG = "/desk/projects/duong-moi/log"
DAY = date(2024, 5, 6)
PAPER = NewDocument("decision", "15/QĐ-UBND", DAY, "UBND tỉnh")
_keys = iter(f"log-{n}" for n in range(1000))


def key() -> dict:
    return {"by": "lan@gpmb.vn", "key": next(_keys)}


def _land(session, number: str) -> int:
    parcel = session.query(model.Parcel).filter_by(number=number).one()
    return session.query(model.AffectedParcel).filter_by(parcel_id=parcel.id).one().id


def everything(session, folder) -> None:
    """Go through every door that writes the log of a project."""
    unit = make.unit(session, slug="x-thu", name="xã Thử", shape=make.square(side_m=2000))
    make.unit(session, slug="p-moi", name="phường Mới", shape=make.square(5000, side_m=900))
    project = make.project(session, code="duong-moi", name="Đường mới", reporting_unit_id=unit.id)
    for number in ("1", "2"):
        session.add(model.Parcel(numbered_in_unit_id=unit.id, sheet="9", number=number,
                                 geom=make.stored(make.square(60 * int(number), 30, 20))))  # fmt: skip
    session.flush()
    parcel = NewParcel("x-thu", "5", "85", Decimal("120.5"), "ODT", Decimal(400))
    registration.register_cases(
        session, "duong-moi",
        [
            NewCase(NewHolder("household", "Vi Văn Chín"), (parcel, replace(parcel, number="86")), "HS-1"),
            NewCase(None, (NewParcel("x-thu", "6", "1", Decimal(99)),)),
        ],
        registered_on=date(2024, 1, 1), **key(),
    )  # fmt: skip
    given = {
        "part": {"code": "bt", "name": "Hợp phần BT"},
        "target": {"due_on": date(2026, 1, 1), "measure": "area_m2", "value": Decimal(100), "percent": Decimal(70)},
        "key_designation": {"year": 2025, "body": "UBND tỉnh"},
        "funding": {"year": 2025, "kind": "capital_plan", "amount_vnd": 5_000_000, "unit": "x-thu"},
        "obstacle": {"kind": "land_price_missing", "description": "Chưa có giá", "known_since": DAY, "case": "HS-1",
                     "place": (Decimal("2417500.00"), Decimal("449300.00")), "unit": "x-thu"},
        "petition": {"kind": "petition", "received_on": DAY, "subject": "Đơn", "case": "HS-1"},
        "site": {"code": "tdc", "name": "Khu TĐC"},
        "plot": {"site": "tdc", "number": "7", "area_m2": Decimal(90)},
    }  # fmt: skip
    for name, values in given.items():
        made = registers.enter(session, name, project.id, values, **key())
        if name == "obstacle":
            changes = {"place": (Decimal("2417510.00"), Decimal("449310.00")), "owner": "Sở Tài chính"}
            registers.amend(session, name, made.id, changes, expected_version=1, by="lan@gpmb.vn")
        if name in ("target", "petition"):
            registers.cancel(session, name, made.id, reason="nhầm", expected_version=made.version, **key())
    registers.amend(session, "project", project.id, {"investor": "Ban QLDA"}, expected_version=1, by="lan@gpmb.vn")
    registers.enter(session, "project", None, {"name": "Dự án con", "reporting_unit": "x-thu", "parent": "duong-moi"},
                    **key())  # fmt: skip
    paper = documents.enter(session, "duong-moi", PAPER, **key()).result["document_id"]
    done = record.record(session, Act("duong-moi", "inventory", DAY, paper), [Share("HS-1")], **key())
    record.record(session, Act("duong-moi", "plan_approval", DAY, paper, "ghi chú"),
                  [Share("HS-1", amount_vnd=7_000_000, plots=1)], **key())  # fmt: skip
    record.record(session, Act("duong-moi", "resettlement_allocation", DAY, paper), [Share("HS-1", plot="tdc/7")],
                  **key())  # fmt: skip
    record.void(session, done.event_ids[0], reason="nhầm thửa", **key())
    record.undo(session, done.act_id, reason="nhầm cả", **key())
    line = costs.NewLine("structures", "Nhà cấp 4", "m²", Decimal("17.5"), Decimal(3_000_001))
    for item in (line, costs.NewLine("crops", "Bưởi", "cây", Decimal(2), Decimal(333))):
        costs.enter(session, "duong-moi", [costs.NewSheet("HS-1", (item,))], confirmed=True, **key())
    holders.amend_holder(session, "duong-moi", "HS-1", {"full_name": "Vi Văn Chính"}, expected_version=1, **key())
    correcting.correct_case(
        session, "duong-moi", "HS-1",
        correcting.Wanted(parcels=(correcting.ParcelAs(_land(session, "86"), unit="p-moi", row=1),)),
        reason="nhầm xã", expected_version=1, may_record=lambda _: True, **key(),
    )  # fmt: skip
    holders.amend_case(session, "duong-moi", "HS-1", code="HS-01", part="bt", expected_version=2, **key())
    file = attachments.attach(session, folder, project="duong-moi", document_id=paper, content=PDF,
                              file_name="quyết định.pdf", most_mib=20, **key())  # fmt: skip
    attachments.withdraw(session, project.id, file.id, reason="bản mờ", **key())
    acted = project_acts.record_act(
        session, project_acts.ProjectAct("duong-moi", "suspension", DAY, paper, step="payment", note="chờ"), **key()
    )
    project_acts.void(session, project.id, acted.event_ids[0], reason="nhầm", **key())
    outline = MultiPolygon([make.square(side_m=200)])
    land = [row.id for row in session.query(model.Parcel).where(model.Parcel.sheet == "9").order_by(model.Parcel.id)]
    scope.adopt(session, project.id, outline, valid_from=DAY, document=paper, source="vẽ", note=None,
                no_holder=land, changed=(), **key())  # fmt: skip
    scope.adopt(session, project.id, MultiPolygon([make.square(side_m=70)]), valid_from=date(2024, 6, 1),
                document=paper, source="vẽ", note="thu hẹp", no_holder=(), changed=land[:1], **key())  # fmt: skip
    figure = NewFigure("x-thu", "12/BC-UBND", "handover", "period", date(2024, 1, 31), {"households": 40}, "3",
                       from_on=date(2024, 1, 1), project="duong-moi",
                       proposed={"households": 41, "period": ["2024-01-01", None]})  # fmt: skip
    (name,) = reported.enter(session, [figure], way="form", **key()).result["figures"]
    newer = reported.correct(session, name, figure, reason="gõ nhầm", **key()).result["figure"]
    reported.withdraw(session, newer, reason="không phải của ta", **key())
    person.erase(session, "duong-moi", "HS-01", reason="theo đơn", years=None, order="9/QĐ", by="lan@gpmb.vn")


@pytest.fixture(scope="module")
def place(make_database, tmp_path_factory):
    database = make_database("log")
    with serving(database, GPMB_OPEN_ACCESS="none") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            everything(session, tmp_path_factory.mktemp("files"))
            invite(session, {"lan": ("officer", {"projects": ["duong-moi"]})})
        yield app


@pytest.fixture(scope="module")
def lan(place):
    return signed_in(place, "lan")


def test_every_entry_of_every_door_is_told_on_the_page_and_in_the_file(place, lan):
    with engine_of(place.config["DATABASE_URL"]) as engine, db.reading_session(engine) as session:
        project = session.query(model.Project).filter_by(code="duong-moi").one()
        entries = logbook.entries(session, project.id)
    assert {"register", "adopt_boundary", "costs", "amend_holder", "erase", "enter_figure", "correct_figure",
            "withdraw_figure", "attach", "withdraw", "void", "cancel"} <= {entry.act for entry in entries}  # fmt: skip
    answer = lan.get(f"{LOG}.csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {int(row["number"]) for row in rows} == {entry.id for entry in entries}
    for entry in entries:  # each page that begins at an entry, so that each is on one
        assert lan.get(f"{LOG}?before={entry.id + 1}").status_code == 200
    page = lan.get(LOG).text
    assert "120,5" in answer.text and "5/85 (xã Thử): 120,5" in answer.text
    assert "X 2.417.510; Y 449.310" in answer.text
    assert "5/86 (xã Thử)" in answer.text and "5/86 (phường Mới)" in answer.text
    assert "p-moi" not in "".join(row["before"] + row["after"] for row in rows), "communes by their names"
    assert "{" not in "".join(row["before"] + row["after"] for row in rows), "no value is a piece of program text"
    named = [row for row in rows if row["act"] == "sửa thông tin chủ sử dụng đất"]
    assert named and {row["name"] for row in named} == {"HS-01"}, "by its code, not by a number of the database"
    both = [row for row in rows if row["before"] and row["before"] == row["after"]]
    assert not both, "what did not change is not told as a change"
    for word in ("register", "amend_holder", "costs", "erase", "identity_changed", "land_of_no_holder", "household"):
        assert f">{word}<" not in page, "every act and field has its words"
        assert word not in {row[name] for row in rows for name in ("act", "field", "before", "after")}


def test_the_case_tells_its_own_history(lan):
    page = lan.get("/desk/projects/duong-moi/cases/HS-01")
    assert page.status_code == 200
    assert "5/85 (xã Thử): 120,5" in page.text
    assert "/desk/projects/duong-moi/cases/HS-01/holder" in page.text, "who the holder is can be put right from here"
    assert lan.get("/desk/projects/duong-moi/cases/HS-01/holder").status_code == 200


SHAPES = [None, True, 0, 1.5, "", "chữ", "2024-13-45", [], [1, [2, {"a": [None]}]], {}, {"x": {"y": [{}]}},
          {"x-mai-pha 212/101": "1113.88"}, {"không có dấu cách": 1}, ["1", "2"], ["1", "2", "3"], "NaN"]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_no_shape_of_a_value_breaks_the_log(place, shape):
    entities = {*log.ENTITIES, "?", *(register.entity for register in REGISTERS.values())}
    fields = {*log.FIELDS, "place", "measure", "?", *(name for r in REGISTERS.values() for name in r.by_name)}
    entries = [
        AuditEntry(id=1, who="lan", act="amend", entity=entity, entity_id=1, project_id=1, before=values, after=None)
        for entity in entities
        for values in (dict.fromkeys(fields, shape), {name: [shape] for name in fields}, {"?": {"a": shape}}, None)
    ]
    with (
        engine_of(place.config["DATABASE_URL"]) as engine,
        db.reading_session(engine) as session,
        place.test_request_context(),
    ):
        made = log.told(session, entries, "duong-moi")
    assert len(made) == len(entries)
