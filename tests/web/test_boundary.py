"""The boundary of a project at the desk and for programs: brought in three ways, looked at, put on record, by whom."""

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from gis import db, model, outlines, scope
from tests import factories as make
from tests import vector_files
from tests.conftest import engine_of, serving
from tests.people import invite, signed_in

PAGE = "/desk/projects/cua-toi/boundary"
API = "/api/v1/projects/cua-toi/boundary"
NASTY = '=1+1<script>alert(1)</script>"'
PAPER = {"document_kind": "decision", "document": "5/QĐ-UBND", "issued_on": "20/05/2024", "issuer": "UBND tỉnh"}


def table(east=0, north=0, side=100):
    corners = [(0, 0), (0, side), (side, side), (side, 0)]
    return "\n".join(
        f"{n}\t{make.NORTH + north + y:.3f}\t{make.EAST + east + x:.3f}" for n, (x, y) in enumerate(corners, 1)
    )


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("boundary")
    with serving(database, GPMB_OPEN_ACCESS="none", GPMB_LEAST_REMAINDER_M2="60") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            make.unit(session, slug="p-trong", name="Phường trong", shape=make.square(-500, -500, 2000))
            mine = make.project(session, code="cua-toi", name="Dự án của tôi")
            make.project(session, code="cua-nguoi", name="Dự án của người")
            case = make.case(session, mine, code="HS-1")
            make.affected(session, mine, case=case, shape=make.square(90, 10), area_m2=Decimal("200.00"))
            for n, (east, land_use) in enumerate(((20, "ODT"), (50, "DGT"), (97, "ODT"))):
                session.add(
                    model.Parcel(numbered_in_unit_id=make.unit(session).id, sheet=NASTY if n == 0 else "3",
                                 number=str(n), land_use=land_use, geom=make.stored(make.square(east, 60))),
                )  # fmt: skip
            mine, other = {"projects": ["cua-toi"]}, {"projects": ["cua-nguoi"]}
            people = {
                "lan": ("officer", mine), "hoa": ("officer", other), "lead": ("leader", {}),
                "invest": ("investor", mine), "admin": ("administrator", {}),
            }  # fmt: skip
            invite(session, people)
        yield app


@pytest.fixture(scope="module")
def people(place):
    return {name: signed_in(place, name) for name in ("lan", "hoa", "lead", "invest", "admin")}


@pytest.fixture
def lan(people):
    return people["lan"]


@pytest.fixture
def rows(place):
    with engine_of(place.config["DATABASE_URL"]) as engine, db.reading_session(engine) as session:
        yield session


def token(browser):
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account").text)[1]


def ask(browser, path, body, **headers):
    headers = {"X-CSRFToken": token(browser), "Accept": "application/json"} | headers
    return browser.client.post(path, json=body, headers=headers)


def proposed(browser, **fields):
    answer = browser.send(f"{PAGE}/proposals", page=PAGE, **({"vertices": table(), "key": str(fields)} | fields))
    assert answer.status_code == 302, answer.text
    return answer.location


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_pasted_table_is_shown_with_what_it_takes(lan):
    address = proposed(lan)
    page = lan.get(address)
    said = text_of(page)
    assert "10.000 m²" in said and "1.060 m²" in said  # 200 + 400 + 400 + 60
    assert page.text.count('name="no_holder"') == 3
    assert said.count("còn lại quá ít") == 0, "140 m² remain of one, 200 of another: above the least of 60"
    assert text_of(lan.get(f"{address}?least=250")).count("còn lại quá ít") == 1
    assert lan.get(f"{address}?show=no_holder").text.count('name="no_holder"') == 1
    assert lan.get(f"{address}?show=x").status_code == 400
    assert "<script>alert(1)" not in page.text and "&lt;script&gt;alert(1)" in page.text


def test_the_map_draws_what_the_table_holds_and_the_table_what_is_drawn(lan):
    drawn = ask(lan, f"{PAGE}/outline", {"vertices": table(), "zone": "9215"}).get_json()
    assert drawn["area_m2"] == 10_000
    back = ask(lan, f"{PAGE}/outline", {"geojson": drawn["geojson"], "zone": "9215"}).get_json()
    assert outlines.outline_from_vertices(back["vertices"], 9215).hausdorff_distance(
        outlines.outline_from_vertices(table(), 9215)
    ) < 5e-8  # fmt: skip
    wrong = ask(lan, f"{PAGE}/outline", {"vertices": "1 449300 2417500", "zone": "9215"})
    assert wrong.status_code == 400 and "Dòng 1" in wrong.get_json()["detail"]
    for body in ([], {}, {"vertices": 5}, {"vertices": table(), "zone": "4326"}, {"geojson": 7}):
        assert ask(lan, f"{PAGE}/outline", body).status_code == 400
    around = lan.client.get(f"{PAGE}/around?window=106.7,21.8,106.8,21.9").get_json()
    assert len(around["features"]) == 4 and around["complete"]
    assert lan.client.get(f"{PAGE}/around").get_json()["features"][0]["properties"] == {
        "label": "Phường trong",
        "own": False,
    }
    for window in ("1,2,3", "a,b,c,d", "2,2,1,1", "nan,0,1,1"):
        assert lan.get(f"{PAGE}/around?window={window}").status_code == 400


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"vertices": ""}, 400, "Vẽ ranh giới"),
        ({"vertices": "1\t449300\t2417500\nx<b>"}, 400, "Dòng 1"),
        ({"vertices": table(9000)}, 422, "không chạm"),
        ({"vertices": table(), "zone": "1"}, 400, "EPSG:1"),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_entered_stays(lan, fields, status, says):
    answer = lan.send(f"{PAGE}/proposals", page=PAGE, key="bad", **fields)
    assert answer.status_code == status and says in text_of(answer)
    assert unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.S)[1]) == fields["vertices"]
    assert "<b>" not in re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.S)[1]


DEGREES = outlines.vertex_table(outlines.outline_from_vertices(table(), 9215), 4326)


def test_a_system_that_is_not_sure_is_asked_for_with_the_places(lan):
    """The page offers each place as a proposal; the live map and programs are asked the same question."""
    sent_to = lan.send(f"{PAGE}/proposals", page=PAGE, vertices=DEGREES, key="degrees")
    assert sent_to.status_code == 302
    answer = lan.get(sent_to.location)
    said = text_of(answer)
    assert "Đây là tọa độ độ" in said and "cách nhau 22" in said
    choices = re.findall(r'href="([^"]*/proposals/\d+)">([^<]+)</a>\s*<span>([^<]+)', answer.text)
    assert [("WGS 84" in title, "phường" in about.lower()) for _, title, about in choices] == [
        (True, True),
        (False, True),
    ]
    assert unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.S)[1]) == DEGREES
    page = lan.get(choices[0][0])
    assert "10.000 m²" in text_of(page) and "bảng tọa độ, độ WGS 84" in text_of(page)

    utm = outlines.vertex_table(outlines.outline_from_vertices(table(), 9215), 3405)
    for zone, status in (("", 200), ("3405", 200), ("9215", 422), ("5897", 422)):
        live = ask(lan, f"{PAGE}/outline", {"vertices": utm, "zone": zone})
        sent = ask(lan, f"{API}/proposal", {"vertices": utm, "zone": zone}, **{"Idempotency-Key": f"utm {zone}"})
        assert (live.status_code, sent.status_code) == (status, status), zone
        if status == 200:
            assert (live.get_json()["zone"], sent.get_json()["zone"]) == (3405, 3405)
            assert live.get_json()["area_m2"] == pytest.approx(10_000, abs=1)
            continue
        assert live.get_json()["detail"] == sent.get_json()["detail"] and "UTM 48N" in live.get_json()["detail"]
        [choice] = sent.get_json()["choices"]
        assert choice["zone"] == 3405 and lan.get(f"{PAGE}/proposals/{choice['proposal']}").status_code == 200
    asked = ask(lan, f"{API}/proposal", {"vertices": DEGREES}, **{"Idempotency-Key": "asked"})
    assert asked.status_code == 422 and asked.get_json()["code"] == "question"
    assert {one["zone"] for one in asked.get_json()["choices"]} == {4326, 4756}


def test_what_contradicts_the_table_is_named_and_needs_a_reason(lan, rows):
    stated = "Số hiệu\tX (m)\tY (m)\tCạnh (m)\n" + table().replace("\n", "\t100,00\n") + "\t100,00\nDiện tích: 1,2 ha"
    wrong = ask(lan, f"{PAGE}/outline", {"vertices": stated, "zone": ""}).get_json()
    assert len(wrong["doubts"]) == 1 and wrong["left_out"][0] == {
        "row": 1, "text": "Số hiệu\tX (m)\tY (m)\tCạnh (m)", "kind": "heading"
    }  # fmt: skip
    address = proposed(lan, key="stated", vertices=stated)
    said = text_of(lan.get(address))
    assert "Dòng 6 ghi diện tích 1,2 ha; ranh giới đo được 10.000,00 m²" in said
    assert "2 dòng không phải điểm tọa độ" in said and "Dòng 1: “Số hiệu X (m) Y (m) Cạnh (m)” – tiêu đề" in said
    fields = {"valid_from": "10/05/2020", "key": "doubtful"} | PAPER
    refused = lan.send(address, **fields)
    assert refused.status_code == 409 and "nêu lý do" in text_of(refused)
    assert rows.scalar(select(model.ProjectBoundary.id).limit(1)) is None, "nothing is recorded"
    body = {"proposal": int(address.rsplit("/", 1)[1]), "valid_from": "2020-05-10",
            "document": {"kind": "decision", "number": "1"}}  # fmt: skip
    assert ask(lan, API, body, **{"Idempotency-Key": "doubtful too"}).status_code == 409


def test_the_proposal_says_where_the_outline_lies_and_warns(lan):
    said = text_of(lan.get(proposed(lan, key="where", vertices=table(400, 400, 200))))
    assert "Số vùng 1" in said and "Phường trong (40.000 m²)" in said
    assert "X 2.418.000 · Y 449.800" in said
    assert "Ranh giới không cắt thửa nào" in said
    said = text_of(lan.get(proposed(lan, key="partly", vertices=table(1400, 0, 200))))
    assert "20.000 m² không nằm trong xã, phường nào của tỉnh" in said


def sent(lan, body, name):
    # Written out: the test client itself would put a large form into a file, and leave it open.
    fields = {"csrf_token": token(lan), "key": name, "vertices": ""}
    parts = [f'Content-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + body + b"\r\n")
    form = b"".join(b"--edge\r\n" + part for part in parts) + b"--edge--\r\n"
    return lan.client.post(
        f"{PAGE}/proposals", data=form, content_type="multipart/form-data; boundary=edge",
        headers={"Accept": "text/html"},
    )  # fmt: skip


def test_a_file_may_be_larger_than_other_forms(lan):
    shape = outlines.as_geojson(outlines.outline_from_vertices(table(), 9215))
    feature = {"type": "Feature", "properties": {"ghi chú": "x" * 2_000_000}, "geometry": shape}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()

    done = sent(lan, content, "ranh giới.geojson")
    assert done.status_code == 302
    assert "ranh giới.geojson" in text_of(lan.get(done.location))
    assert sent(lan, b"khong phai", "ranh.geojson").status_code == 422
    assert sent(lan, b" " * (22 * 1024 * 1024), "lon.geojson").status_code == 413


def test_a_remark_is_no_vertex_and_a_ring_inside_is_asked_about(lan):
    """What holds coordinates and is no vertex is named; holes are chosen, unless the table says so."""
    remark = "Điểm khống chế KC-01: X=2417555.00; Y=449355.00"
    said = text_of(lan.get(proposed(lan, vertices=f"{table()}\n{remark}", key="remark")))
    assert "10.000 m²" in said and f"“{remark}”, là ghi chú, không phải đỉnh" in said
    rows = enumerate([(40, 40), (40, 50), (50, 50)], 1)
    inner = "\n".join(f"{n}\t{make.NORTH + north}\t{make.EAST + east}" for n, (north, east) in rows)
    asked = text_of(lan.get(proposed(lan, vertices=f"{table()}\n{inner}", key="inside")))
    assert "vòng bên trong là phần trừ 9.950 m²" in asked
    assert "vòng bên trong là đất thuộc ranh giới 10.000 m²" in asked
    assert "là phần trừ 50,00 m²" in text_of(
        lan.get(proposed(lan, vertices=f"{table()}\nRanh trong\n{inner}", key="hole"))
    )


def test_a_file_of_several_layers_asks_which(lan, tmp_path):
    shape = vector_files.in_zone(make.square(0, 0, 100))
    path = tmp_path / "hai lớp.gpkg"
    for name, layer in (("ranh_du_an", shape), ("ranh_xa", shape.buffer(300))):
        vector_files.write_gdal(path, [({"ten": "a"}, layer)], "EPSG:9215", layer=name)
    answer = lan.get(sent(lan, path.read_bytes(), "hai lớp.gpkg").location)
    said = text_of(answer)
    assert "nhiều lớp" in said
    assert "lớp ranh_du_an, 1 vùng, 107°15′ (3°) 10.000 m²" in said and "lớp ranh_xa, 1 vùng" in said
    chosen = re.search(r'href="([^"]*/proposals/\d+)">[^<]*ranh_du_an', answer.text)[1]
    assert "Bỏ ra ngoài" in text_of(lan.get(chosen)) and "10.000 m²" in text_of(lan.get(chosen))
    broken = sent(lan, b'{"type":"Polygon","coordinates":[[[106.7,21.8],[106.8,21.8],[106.8,21.9]]]}', "ho.geojson")
    assert broken.status_code == 422 and "không khép kín" in text_of(broken)
    for given in ({"type": "Polygon", "coordinates": [[[106.7, 21.8], [106.8, 21.8], [106.8, 21.9]]]},
                  {"type": "Polygon", "coordinates": [[["a", 1]]]}):  # fmt: skip
        for address in (f"{API}/proposal", f"{PAGE}/outline"):
            found = ask(lan, address, {"geojson": given}, **{"Idempotency-Key": "no shape"})
            assert found.status_code == 422 and found.get_json()["parameter"] == "geojson"
    table_file = sent(lan, table().replace("\t", ",").encode(), "toa do.csv")
    assert table_file.status_code == 302


def test_thousands_of_rows_that_are_none_are_counted_and_the_first_shown(lan):
    page = lan.get(
        proposed(lan, vertices=table() + "\n" + "\n".join(f"lời ghi số {n}" for n in range(900)), key="many")
    )
    said = text_of(page)
    assert "900 dòng không phải" in said and "… và 850 mục nữa" in said and "lời ghi số 899" not in said


def test_the_proposal_goes_out_as_files(lan):
    address = proposed(lan, key="files")
    found = lan.get(f"{address}/parcels.csv")
    lines = list(csv.DictReader(io.StringIO(found.get_data(as_text=True))))
    assert len(lines) == 4 and {line["inside_m2"] for line in lines} == {"200", "400", "60"}
    assert any(line["parcel"].startswith("'=1+1<script>") for line in lines), "no formula"
    assert all(line["numbered_in"] for line in lines), "whose cadastral map numbers it"
    assert "attachment" in found.headers["Content-Disposition"]
    features = lan.get(f"{address}/parcels.geojson").get_json(force=True)["features"]
    assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in features)
    sheet = load_workbook(io.BytesIO(lan.get(f"{address}/parcels.xlsx").data)).worksheets[0]
    assert sheet.max_row == 7 and sheet.cell(1, 1).value == "Tờ/thửa"
    assert lan.get(f"{address}/parcels.dwg").status_code == 400
    parts = lan.get(f"{address}/parcels.geojson?parts=1").get_json(force=True)["features"]
    assert {one["properties"]["part"] for one in parts} == {"inside", "rest", "outline"}


def test_an_outline_goes_on_record_and_a_change_of_scope_after_it(lan, rows):
    address = proposed(lan, key="adopt")
    road = rows.scalar(select(model.Parcel.id).where(model.Parcel.land_use == "DGT"))
    refused = lan.send(address, valid_from="31/12/2999", note="<i>", no_holder=str(road), **PAPER)
    assert refused.status_code == 400
    kept = refused.text
    assert 'value="31/12/2999"' in kept and 'value="5/QĐ-UBND"' in kept and "&lt;i&gt;" in kept
    assert re.search(rf'value="{road}" checked', kept), "what was chosen stays chosen"
    done = lan.send(address, valid_from="10/06/2024", no_holder=str(road), key="once", **PAPER)
    assert done.status_code == 302
    again = lan.send(address, valid_from="10/06/2024", no_holder=str(road), key="once", **PAPER)
    assert again.status_code == 302
    page = lan.get(PAGE)
    assert "1 thửa" in text_of(page) and "5/QĐ-UBND" in text_of(page)
    rows.rollback()  # a new snapshot
    mine = rows.scalar(select(model.Project.id).where(model.Project.code == "cua-toi"))
    [boundary] = scope.history(rows, mine)
    assert (boundary.valid_from, boundary.recorded_by) == (date(2024, 6, 10), "lan@gpmb.vn")
    registered = rows.scalars(select(model.AffectedParcel).where(model.AffectedParcel.parcel_id == road)).all()
    assert [(one.case_id, one.area_m2, one.registered_on) for one in registered] == [
        (None, Decimal("400.00"), date(2024, 6, 10))
    ]
    # The next begins from the one on record, and only by whoever records.
    start = lan.get(f"{PAGE}?start={boundary.id}").text
    assert outlines.outline_from_vertices(re.search(r"<textarea[^>]*>(.*?)</textarea>", start, re.S)[1], 9215)
    assert lan.get(f"{PAGE}?start=999999").status_code == 404

    wider = ask(lan, f"{API}/proposal", {"vertices": table(side=150)}, **{"Idempotency-Key": "wider"}).get_json()
    changed = [one["parcel_id"] for one in wider["parcels"] if one["status"] == "changed"]
    assert len(changed) == 1 and wider["area_m2"] == 22_500
    body = {"proposal": wider["proposal"], "valid_from": "2024-09-01", "changed": changed, "note": "mở rộng",
            "document": {"kind": "decision", "number": "9/QĐ-UBND", "issued_on": "2024-08-20"}}  # fmt: skip
    made = ask(lan, API, body, **{"Idempotency-Key": "scope"})
    assert made.status_code == 201 and made.get_json()["changed"] == 1 and made.get_json()["event"]
    again = ask(lan, API, body, **{"Idempotency-Key": "scope"})
    assert again.status_code == 200 and again.get_json()["repeated"]
    listed = lan.client.get(API).get_json()["boundaries"]
    assert [(one["valid_from"], one["valid_to"]) for one in listed] == [
        ("2024-09-01", None), ("2024-06-10", "2024-08-31"),
    ]  # fmt: skip
    early = ask(lan, API, body | {"valid_from": "2024-01-01"}, **{"Idempotency-Key": "early"})
    assert early.status_code == 400 and early.get_json()["parameter"] == "valid_from"
    for change in ({"proposal": "x"}, {"document": 5}, {"changed": "1"}, {"valid_from": None}, {"no_holder": [True]}):
        assert ask(lan, API, body | change, **{"Idempotency-Key": f"bad {change}"}).status_code == 400


def test_only_whoever_records_may_change_a_boundary_and_who_has_no_desk_sees_none(people, lan):
    address = proposed(lan, key="rights")
    for name in ("lead", "hoa"):
        page = people[name].get(PAGE)
        assert page.status_code == 200 and "<textarea" not in page.text
        assert people[name].get(address).text.count('name="no_holder"') == 0
        assert people[name].send(f"{PAGE}/proposals", page="/account", vertices=table(), key="1").status_code == 403
        assert people[name].send(address, page="/account", valid_from="1/1/2024", key="2", **PAPER).status_code == 403
        assert ask(people[name], f"{API}/proposal", {"vertices": table()}).status_code == 403
        assert ask(people[name], f"{PAGE}/outline", {"vertices": table()}).status_code == 403
    for name in ("invest", "admin"):
        for path in (PAGE, address, API, f"{address}/parcels.csv", f"{PAGE}/around"):
            assert people[name].get(path).status_code == 403
    foreign = address.replace("cua-toi", "cua-nguoi")
    assert lan.get(foreign).status_code == lan.get(f"{PAGE}/proposals/999999").status_code == 404


def test_an_obstacle_lies_in_the_province_in_its_own_zone(lan, rows):
    form = "/desk/projects/cua-toi/registers/obstacle/new"
    given = {"kind": "land_price_missing", "description": "cột điện", "known_since": "01/02/2024"}

    def sent(east, key):
        return lan.send(form, **given, place_x=f"{make.NORTH + 50:.2f}".replace(".", ","), place_y=east, key=key)

    of_utm = sent("682.000,50", "place-utm")
    assert of_utm.status_code == 422
    assert "UTM 48N" in unescape(of_utm.text)
    assert sent("600000", "place-far").status_code == 422
    assert sent(f"{make.EAST + 50:.0f}", "place-here").status_code == 302
    assert len(rows.scalars(select(model.Obstacle.id)).all()) == 1
