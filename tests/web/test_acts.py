"""Acts recorded at the desk and by programs: filled in, looked at, confirmed, recorded once, taken back."""

import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy import func, select, text

from gis import db, model, record
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import Browser, invite, signed_in

LONG_AGO = date(2015, 1, 1)
NEW = "/desk/projects/duong-moi/acts/new"
API = "/api/v1/projects/duong-moi/acts"


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("acts")


@pytest.fixture(scope="module")
def app(place):
    with serving(place, GPMB_OPEN_ACCESS="office") as app:
        yield app


@pytest.fixture(scope="module")
def write(place):
    """Do work in the database, as its owner, in one transaction."""
    with engine_of(place.owner) as engine:

        def done(work):
            with db.transaction(engine) as session:
                return work(session)

        yield done


class Ground:
    """Two projects; the officer has the first, with 40 cases of 400 m² each and a plot."""

    def __init__(self, session):
        unit = make.unit(session, slug="x-thu", shape=make.square(side_m=2000))
        self.project = make.project(session, code="duong-moi", name="Đường mới", reporting_unit_id=unit.id)
        other = make.project(session, code="cau-moi")
        make.boundary(session, self.project)
        self.cases = [make.case(session, self.project, code=f"HS-{n:03}", registered_on=LONG_AGO) for n in range(1, 41)]
        for number, case in enumerate(self.cases):
            shape = make.square(east_m=30 * number)
            make.affected(session, self.project, case=case, shape=shape, registered_on=LONG_AGO)
        make.affected(session, self.project, case=self.cases[39], area_m2=50, registered_on=LONG_AGO)
        self.foreign = make.case(session, other, code="HS-X", registered_on=LONG_AGO)
        make.affected(session, other, case=self.foreign, registered_on=LONG_AGO)
        plot = make.plot(session, number="L1")
        self.site = session.get_one(model.ResettlementSite, plot.site_id).code
        identity = model.HolderIdentity(
            holder_id=self.cases[0].holder_id, full_name="Hoàng Thị Nhì", identity_number="020123456789", phone="0912"
        )
        session.add(identity)
        self.codes = [case.code for case in self.cases]


@pytest.fixture(scope="module")
def ground(place, write) -> Ground:
    def work(session):
        made = Ground(session)
        hers = {"projects": [made.project.code]}
        invite(session, {"lan": ("officer", hers), "khac": ("officer", {}), "truong": ("leader", {})})
        return made

    return write(work)


@pytest.fixture(scope="module")
def people(app, ground) -> dict[str, Browser]:
    return {name: signed_in(app, name) for name in ("lan", "khac", "truong")}


@pytest.fixture
def lan(people) -> "Officer":
    return Officer(people["lan"])


class Officer:
    """Somebody at the desk who sends the forms of its pages as they stand."""

    def __init__(self, browser):
        self.browser = browser

    def fields(self, page) -> dict:
        """Read the fields of a page's form: values by name, those named several times as lists."""
        found = {}
        source = page.text[page.text.index("<main") :]
        for tag in re.findall(r"<input[^>]*>", source):
            attributes = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
            box = attributes.get("type") in ("checkbox", "radio")
            if "name" in attributes and (not box or " checked" in tag):
                found.setdefault(attributes["name"], []).append(attributes.get("value", ""))
        for name, value in re.findall(r'<textarea[^>]* ?name="(\w+)"[^>]*>(.*?)</textarea>', source, re.DOTALL):
            found[name] = [unescape(value)]
        for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', source, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
            found[name] = [chosen[1]]
        return found

    def post(self, address, fields):
        return self.browser.client.post(address, data=fields, headers={"Accept": "text/html"})

    def open(self, kind, codes):
        """Open the form as the table of cases does."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get(NEW).text)[1]
        return self.post(NEW, {"csrf_token": token, "kind": kind, "case": codes})

    def go(self, page, do, **changed):
        """Press a button of a page."""
        return self.post(NEW, self.fields(page) | changed | {"do": do})

    def record(self, kind, codes, *, confirm=None, **changed):
        page = self.go(self.open(kind, codes), "preview", **changed)
        return self.go(page, "record", **self.confirming(page, confirm))

    def confirming(self, page, reason) -> dict:
        rules = re.findall(r'name="confirm" value="([^"]+)"', page.text)
        return {"confirm": rules} | {f"reason.{rule}": reason for rule in rules} if reason else {}


def handed(client) -> tuple:
    row = client.get("/api/v1/progress?project=duong-moi").json["total"]["values"]["handover"]
    return row["households"], row["area_m2"]


def act_of(answer) -> int:
    assert answer.status_code == 302, problem(answer)
    return int(answer.location.rpartition("/")[2])


def problem(answer) -> str:
    found = re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return unescape(found[1]) if found else ""


@pytest.fixture(autouse=True)
def taken_back(write, ground):
    """What a test recorded is voided at its end, so that the next finds the ground as it was."""
    yield

    def work(session):
        voided = select(model.Event.voids_id).where(model.Event.voids_id.is_not(None))
        live = session.scalars(
            select(model.Event.id).where(model.Event.kind != "correction", model.Event.id.not_in(voided))
        ).all()
        for event_id in live:
            record.void(session, event_id, reason="hết bài", by="thử", key=f"end {event_id}")

    write(work)


def test_what_happened_is_chosen_from_what_the_cases_could_have_next(lan, ground):
    page = lan.browser.get(f"{NEW}?case={ground.codes[0]}&case={ground.codes[1]}")
    assert page.status_code == 200
    before, _, after = page.text.partition("<details>")
    assert 'value="recovery_notice"' in before
    assert 'value="payment"' in after
    assert "2 hồ sơ" in before
    answer = lan.browser.get(f"{NEW}?case=HS-999")
    assert (answer.status_code, "HS-999" in problem(answer)) == (404, True)


def test_a_handover_of_37_households_in_one_act(lan, ground):
    """Filled in with what remains, warned of, confirmed, recorded: figures, tiles and panel follow at once."""
    client, tile = lan.browser.client, "/tiles/parcels/14/13045/7182.mvt"
    before = client.get(tile).headers["ETag"]
    assert handed(client) == (0, 0)
    form = lan.open("handover", ground.codes[:37])
    fields = lan.fields(form)
    assert fields["area_m2"] == ["400,00"] * 37
    seen = lan.go(
        form, "preview", valid_on="20/11/2024", document="12/BB-BGMB", issued_on="20/11/2024", issuer="TTPTQĐ"
    )
    assert "14.800" in seen.text
    assert "khoản 4 Điều 85" in seen.text, "the rule names its source"
    unsaid = lan.go(seen, "record")
    assert (unsaid.status_code, handed(client)) == (409, (0, 0))
    assert "lý do" in problem(unsaid)
    done = lan.go(unsaid, "record", **lan.confirming(unsaid, "tự nguyện bàn giao"))
    act = act_of(done)
    assert handed(client) == (37, 14800)
    assert client.get(tile).headers["ETag"] != before
    assert "14.800" in client.get("/panels/project/duong-moi?day=2026-11-01").text
    page = lan.browser.get(done.location).text
    assert f"Việc số {act}" in page or f"{act}" in page
    assert "tự nguyện bàn giao" in page
    assert "12/BB-BGMB" in page


def test_a_repeated_submit_records_once_and_shows_the_first_result(lan, ground, write):
    seen = lan.go(lan.open("persuasion", ground.codes[:2]), "preview", valid_on="20/11/2024")
    first, again = lan.go(seen, "record"), lan.go(seen, "record")
    assert first.location == again.location
    assert "không ghi hai lần" in lan.browser.get(again.location).text
    assert write(lambda s: s.scalar(select(func.count()).where(model.Event.kind == "persuasion"))) >= 2
    assert lan.browser.get(first.location).text.count('<th scope="row"><a') == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"valid_on": "31/02/2024"}, "31/02/2024"),
        ({"valid_on": ""}, "ngày nào"),
        ({"valid_on": "20/11/2099"}, "20/11/2099"),
        ({"area_m2": ["6.257", "1"]}, "6257"),
        ({"area_m2": ["400,01", "1"]}, "400,01 m² vượt quá 400,00 m² còn lại cho “Bàn giao mặt bằng”"),
        ({"area_m2": ["nhiều", "1"]}, "HS-001"),
        ({"area_m2": ["", ""]}, "ít nhất một hồ sơ"),
        ({"issued_on": "hôm qua", "document": "1"}, "hôm qua"),
        ({"document_kind": "thơ", "document": "1"}, "thơ"),
        ({"paste": "HS-001\tthửa nào\t5"}, "HS-001"),
        ({"paste": "HS-999\t5"}, "HS-999"),
    ],
)
def test_what_cannot_be_read_is_said_and_what_was_typed_stays(lan, ground, changed, said):
    form = lan.open("handover", ground.codes[:2])
    typed = {"note": "giữ lại <b>", "valid_on": "20/11/2024"} | changed
    answer = lan.go(form, "fill" if "paste" in changed else "preview", **typed)
    assert 400 <= answer.status_code < 500
    assert said in problem(answer)
    kept = lan.fields(answer)
    assert kept["note"] == ["giữ lại <b>"]
    assert kept["valid_on"] == [typed["valid_on"]]
    if "area_m2" in changed:
        assert kept["area_m2"] == changed["area_m2"]


def test_a_column_pasted_from_excel_fills_rows_by_order_or_by_case(lan, ground):
    codes = ground.codes[:3]
    form = lan.open("payment", codes)
    by_order = lan.go(form, "fill", paste="1.000.000\n2.000.000\n3000000\n")
    assert lan.fields(by_order)["amount_vnd"] == ["1.000.000", "2.000.000", "3000000"]
    by_case = lan.go(form, "fill", paste=f"{codes[2]}\t5.000.000\n{codes[0]}\t7.000.000\nHS-010\t9")
    assert lan.fields(by_case)["case"] == [*codes, "HS-010"]
    assert lan.fields(by_case)["amount_vnd"] == ["7.000.000", "", "5.000.000", "9"]
    two = lan.go(lan.open("handover", ["HS-040"]), "fill", paste="HS-040\t5")
    assert "HS-040" in problem(two), "of two parcels, which?"
    started = lan.post(
        NEW, lan.fields(lan.browser.get(NEW)) | {"paste": "HS-005\t1.500\nHS-006\t2.500", "kind": "payment"}
    )
    assert lan.fields(started)["amount_vnd"] == ["1.500", "2.500"]


def test_pasted_blanks_keep_their_place_and_what_is_without_a_value_is_told(lan, ground):
    codes = ground.codes[:4]
    filled = lan.go(lan.open("payment", codes), "fill", paste="100.000\r\n\r\n300.000\r\n400.000")
    assert lan.fields(filled)["amount_vnd"] == ["100.000", "", "300.000", "400.000"]
    assert "Chưa có giá trị: HS-002" in unescape(filled.text)
    led = lan.go(lan.open("payment", codes), "fill", paste="\r\n200.000\r\n\r\n")
    assert lan.fields(led)["amount_vnd"] == ["", "200.000", "", ""]
    assert "Chưa có giá trị: HS-001, HS-003, HS-004" in unescape(led.text)
    over = lan.go(lan.open("payment", codes[:1]), "fill", paste="1.000\r\n2.000")
    assert "Dòng 2" in problem(over)


def test_a_pasted_list_finds_its_cases_by_what_lists_have(lan, ground):
    """With headings in any order, by name, identity number, sheet and parcel; groups and totals are told."""
    parcel = lan.fields(lan.open("handover", ["HS-005"]))
    assert parcel["case"] == ["HS-005"]
    label = re.search(r"<td>(7/\d+)</td>", lan.open("handover", ["HS-005"]).text)[1]
    table = "\r\n".join([
        "STT\tSố tiền (1.000 đồng)\tHọ và tên\tTờ bản đồ\tThửa đất số\tCCCD",
        "\t\tI. Thôn Co Măn\t\t\t",
        "1\t1.500\tBà Hoàng Thị Nhì\t\t\t",
        f"2\t2.250\t\t{label.partition('/')[0]}\t{label.partition('/')[2]}\t",
        "\t3.750\tTổng cộng\t\t\t",
    ])  # fmt: skip
    filled = lan.go(lan.open("payment", ["HS-001"]), "fill", paste=table)
    assert lan.fields(filled)["case"] == ["HS-001", "HS-005"], problem(filled)
    assert lan.fields(filled)["amount_vnd"] == ["1.500.000", "2.250.000"]
    said = unescape(filled.text)
    assert "Đã dán 5 dòng, nhận 2 dòng, bỏ qua 3 dòng" in said
    assert "I. Thôn Co Măn" in said
    assert "nghìn đồng" in said
    assert "Hoàng Thị Nhì" in said
    assert "cộng được" not in said
    wrong = lan.go(lan.open("payment", ["HS-001"]), "fill", paste=table.replace("3.750", "3.800"))
    assert "ghi 3.800.000, các dòng cộng được 3.750.000" in unescape(wrong.text)
    unknown = lan.go(lan.open("payment", ["HS-001"]), "fill", paste="Họ tên\tSố tiền\r\nTrần Văn Không\t5.000")
    assert "Trần Văn Không" in problem(unknown)
    by_number = lan.go(lan.open("payment", ["HS-002"]), "fill", paste="020123456789\t7.000")
    assert lan.fields(by_number)["amount_vnd"] == ["", "7.000"]
    conflict = lan.go(lan.open("payment", ["HS-001"]), "fill", paste="HS-002\tHoàng Thị Nhì\t7.000")
    assert "HS-001" in problem(conflict)
    assert "HS-002" in problem(conflict)


@pytest.mark.parametrize(
    ("paste", "right"),
    [
        ("BẢNG CHI TRẢ (tính bằng nghìn đồng)\nHọ tên\tSố tiền\nHoàng Thị Nhì\t98.000", ["98.000.000"]),
        ("Mã hồ sơ\tBồi thường đất\tHỗ trợ\tTổng tiền\nHS-001\t1.000.000\t500.000\t1.500.000", ["1.500.000"]),
        ("Mã hồ sơ,Số tiền\nHS-001,7000000", ["7000000"]), ("HS-001\t35 triệu", ["35.000.000"]),
        ('"Mã\nhồ sơ"\t"Số tiền\n(nghìn đồng)"\nHS-001\t1.250,5', ["1.250.500"]),
        ("HS-\u200b001\t7.000.000", ["7.000.000"]),
        ("Hoµng ThÞ Nh×\t7.000.000", ["7.000.000"]), ("Số CCCD\tSố tiền\n20123456789\t7.000.000", ["7.000.000"]),
        ("Đơn vị: nghìn đồng\nSố tiền\n98.000", ["98.000.000"]),
        ("Họ tên\tSố tiền\nI. Thôn A\t9.000.000\nHoàng Thị Nhì\t9.000.000", ["9.000.000"]),
    ],
)  # fmt: skip
def test_what_is_pasted_is_taken_for_what_it_says(lan, ground, paste, right):
    filled = lan.go(lan.open("payment", ["HS-001"]), "fill", paste=paste)
    assert [value for value in lan.fields(filled)["amount_vnd"] if value] == right, problem(filled)


def test_columns_that_are_not_taken_are_named_and_several_that_fit_are_asked_about(lan, ground):
    two = "Mã hồ sơ\tPhương án\tĐã chi trả\nHS-001\t9.000.000\t4.000.000"
    asked = lan.go(lan.open("payment", ["HS-001"]), "fill", paste=two, document="12/CT")
    assert "Phương án / Đã chi trả" in problem(asked)
    kept = lan.fields(asked)
    assert kept["paste"] == [two.replace("\n", "\r\n")] or kept["paste"] == [two]
    assert kept["document"] == ["12/CT"]
    chosen = lan.go(asked, "fill", paste_column="2")
    assert lan.fields(chosen)["amount_vnd"] == ["4.000.000"]
    assert "Cột “Phương án” không được lấy" in unescape(chosen.text)


def test_a_day_before_the_case_was_there_is_told_and_the_area_stays(lan, ground):
    form = lan.go(lan.open("handover", ["HS-005"]), "preview", valid_on="01/01/1999", area_m2=["12,5"])
    assert "lập từ ngày" in problem(form)
    assert lan.fields(form)["area_m2"] == ["12,5"]


def test_what_was_typed_stays_when_what_is_pasted_is_refused(lan, ground):
    wrong = lan.go(
        lan.open("payment", ["HS-001", "HS-002"]), "fill", amount_vnd=["1.000.000", "2.000.000"], paste="HS-999\t5"
    )
    assert "HS-999" in problem(wrong)
    kept = lan.fields(wrong)
    assert (kept["amount_vnd"], kept["paste"]) == (["1.000.000", "2.000.000"], ["HS-999\t5"])


def test_small_amounts_without_a_unit_are_asked_about(lan, ground):
    filled = lan.go(lan.open("payment", ["HS-001"]), "fill", paste="HS-001\t35.000\nHS-002\t120.500")
    assert lan.fields(filled)["amount_vnd"] == ["35.000", "120.500"]
    unsaid = lan.go(filled, "preview")
    assert "đơn vị nào" in problem(unsaid)
    said = lan.go(unsaid, "fill", pasted_unit="1000")
    assert lan.fields(said)["amount_vnd"] == ["35.000.000", "120.500.000"]
    assert "small" not in lan.fields(said)
    as_they_stand = lan.go(unsaid, "fill", pasted_unit="1")
    assert lan.fields(as_they_stand)["amount_vnd"] == ["35.000", "120.500"]


def test_areas_of_an_act_obey_their_unit_and_both_readings_are_offered(lan, ground):
    label = re.search(r"<td>(7/\d+)</td>", lan.open("handover", ["HS-001"]).text)[1]
    sheet, _, number = label.partition("/")
    in_ha = f"Tờ\tThửa\tDiện tích bàn giao (ha)\n{sheet}\t{number}\t0,01"
    filled = lan.go(lan.open("handover", ["HS-001"]), "fill", paste=in_ha)
    assert lan.fields(filled)["area_m2"] == ["100"], problem(filled)
    alone = lan.go(lan.open("handover", ["HS-001"]), "fill", paste=f"Thửa\tDiện tích\n{number}\t5")
    assert alone.status_code == 400
    asked = lan.go(lan.open("handover", ["HS-001"]), "preview", valid_on="20/11/2024", area_m2=["1.367"])
    assert "1367" in problem(asked)
    put = lan.go(asked, None, put="area_m2-0=1,37")
    assert lan.fields(put)["area_m2"] == ["1,37"]


def test_the_second_officer_hears_who_was_first(lan, ground):
    first = lan.go(lan.open("handover", ["HS-001", "HS-002"]), "preview", valid_on="20/11/2024")
    second = lan.go(lan.open("handover", ["HS-001"]), "preview", valid_on="20/11/2024")
    number = act_of(lan.go(first, "record", **lan.confirming(first, "tự nguyện")))
    late = lan.go(second, "record", **lan.confirming(second, "tự nguyện"))
    assert late.status_code == 400
    assert f"lần ghi số {number}" in problem(late)
    assert "lan" in problem(late)


def labels_of(lan, code) -> list[str]:
    return re.findall(r"<td>(7/\d+)</td>", lan.open("handover", [code]).text)


def test_a_pasted_parcel_takes_that_parcel_alone(lan, ground):
    one, other = labels_of(lan, "HS-040")
    heads = "Tờ/thửa\tDT bàn giao (m2)"
    skipped = f"{heads}\n{labels_of(lan, 'HS-039')[0]}\t400\n{other}\t50\n{one}\t"
    for opened in (lan.browser.get(NEW), lan.open("handover", ["HS-039", "HS-040"]), lan.open("handover", ["HS-039"])):
        started = lan.post(NEW, lan.fields(opened) | {"paste": skipped, "kind": "handover", "do": "fill"})
        assert lan.fields(started)["area_m2"] == ["400", "", "50"], problem(started)
        assert f"Hồ sơ HS-040, thửa {one}" in unescape(started.text)
    more = lan.go(started, "fill", paste=f"{heads}\n{one}\t12")
    assert lan.fields(more)["area_m2"] == ["400", "12", "50"], "what was pasted before stays"
    named = lan.post(
        NEW, lan.fields(lan.browser.get(NEW)) | {"paste": f"Tờ/thửa\n{other}", "kind": "handover", "do": "fill"}
    )
    assert lan.fields(named)["area_m2"] == ["", "50,00"]
    whole = lan.go(lan.open("handover", ["HS-001"]), "fill", paste=f"Tờ/thửa\tDT bàn giao\n{one}\ttoàn bộ")
    assert lan.fields(whole)["area_m2"] == ["400,00", "400,00", ""]


def test_cases_of_a_paste_that_is_refused_are_not_on_the_form(lan, ground):
    one, other = labels_of(lan, "HS-040")
    refused = lan.go(lan.open("handover", ["HS-001"]), "fill", paste=f"Tờ/thửa\tDT\n{one}\t7\n{one}\t8")
    assert "HS-040" in problem(refused)
    assert lan.fields(refused)["case"] == ["HS-001"]
    lan.record("handover", ["HS-040"], valid_on="20/11/2024", out=["1"], confirm="tự nguyện")
    late = lan.go(lan.open("handover", ["HS-001"]), "fill", paste=f"Tờ/thửa\tDT\n{one}\t7")
    assert "đã được ghi" in problem(late) and f"HS-040 {one}" in problem(late)
    listed = lan.go(lan.open("handover", ["HS-001"]), "fill", paste=f"Tờ/thửa\n{one}\n{other}")
    assert f"Hồ sơ HS-040, thửa {one}: không còn" in unescape(listed.text)


def test_a_row_whose_parcel_is_the_cases_no_more_is_refused_by_name(lan, ground, write):
    form = lan.go(lan.open("handover", ["HS-001"]), "fill", valid_on="20/11/2024")
    foreign = lan.fields(lan.open("handover", ["HS-002"]))["parcel"]
    for do in ("preview", "record", "fill"):
        gone = lan.go(form, do, parcel=foreign)
        assert "HS-001" in problem(gone) and "400,00" in problem(gone), do
    assert gone.status_code == 409
    one = lan.go(lan.open("handover", ["HS-040"]), "preview", valid_on="20/11/2024")
    part = lan.go(lan.open("handover", ["HS-040"]), "preview", valid_on="20/11/2024", out=["1"])
    number = act_of(lan.go(part, "record", **lan.confirming(part, "tự nguyện")))
    late = lan.go(one, "record", **lan.confirming(one, "tự nguyện"))
    assert f"lần ghi số {number}" in problem(late), "one of two parcels was taken meanwhile"


def test_a_plan_that_grants_no_plot_says_0(lan, ground):
    seen = lan.go(lan.open("plan_approval", ["HS-001"]), "preview", valid_on="20/11/2024", amount_vnd=["5.000.000"],
                  plots=["0"])  # fmt: skip
    assert not problem(seen)
    assert "5.000.000" in seen.text


def test_a_document_of_one_number_is_not_entered_twice_for_its_issuer(lan, ground):
    act_of(
        lan.record("inventory", ["HS-001"], valid_on="20/11/2024", document="77/BB", confirm="hồ sơ cũ", imported="1")
    )
    second = lan.go(lan.open("inventory", ["HS-002"]), "preview", valid_on="20/11/2024", document="77/BB",
                    issuer="UBND xã", imported="1")  # fmt: skip
    assert "77/BB" in problem(second)


def test_the_form_of_money_shows_how_each_case_stands(lan, program, ground, write):
    def plan(session):
        case = session.get_one(model.Case, ground.cases[0].id)
        project = session.get_one(model.Project, ground.project.id)
        return make.event(session, project, "plan_approval", date(2024, 9, 2), case_id=case.id, amount_vnd=5_000_000).id

    event = write(plan)
    try:
        typed = {"valid_on": "20/11/2024", "amount_vnd": ["5.000.001"]}
        form = lan.open("payment", ["HS-001"])
        assert "5.000.000" in form.text
        assert "Còn phải trả" in form.text
        seen = lan.go(form, "preview", **typed)
        assert "HS-001: được duyệt 5.000.000 đồng" in unescape(seen.text)
        assert 'value="record"' not in seen.text
        assert "5.000.000" in lan.browser.get("/desk/projects/duong-moi/cases/HS-001").text
        case = lan.browser.client.get("/api/v1/projects/duong-moi/cases/HS-001").json
        assert case["money"]["left_vnd"] == 5_000_000
        found = lan.browser.client.get("/api/v1/projects/duong-moi/cases?owed=yes&sort=-owed_vnd").json
        assert [row["code"] for row in found["cases"]] == ["HS-001"]
        sent = {"kind": "payment", "valid_on": "2024-11-20", "cases": [{"case": "HS-001", "amount_vnd": 5_000_001}]}
        refused = program.post(API, sent, "over")
        assert refused.status_code == 422
        assert "paid_beyond_plan" in {breach["rule"] for breach in refused.json["breaches"]}
    finally:
        write(lambda session: record.void(session, event, reason="x", by="x", key=f"void {event}"))


def test_a_part_is_handed_over_then_the_rest_and_nothing_more(lan, ground):
    client = lan.browser.client
    one = {"confirm": "tự nguyện", "valid_on": "20/11/2024"}
    act_of(lan.record("handover", ["HS-001"], area_m2=["150,25"], **one))
    assert handed(client) == (0, 150.25)
    form = lan.open("handover", ["HS-001", "HS-002"])
    assert lan.fields(form)["area_m2"] == ["249,75", "400,00"]
    act_of(lan.record("handover", ["HS-001"], **one))
    assert handed(client) == (1, 400)
    assert "HS-001" in re.search(r'class="notice">(.*?)</p>', lan.open("handover", ["HS-001", "HS-002"]).text)[1]


def test_a_parcel_left_out_stays_out_and_two_instalments_are_two_payments(lan, ground, write):
    client = lan.browser.client
    form = lan.open("handover", ["HS-039", "HS-040"])
    seen = lan.go(form, "preview", out=["1"], valid_on="20/11/2024")
    back = lan.go(seen, "fill")
    assert lan.fields(back)["area_m2"] == ["400,00", "", "50,00"]
    act_of(lan.go(seen, "record", **lan.confirming(seen, "tự nguyện")))
    assert handed(client) == (1, 450)
    for amount in ("400.000.000", "100.000.000"):
        paid = {"imported": "1", "valid_on": "20/11/2024", "amount_vnd": [amount], "confirm": "hồ sơ cũ"}
        act_of(lan.record("payment", ["HS-001"], **paid))
    row = client.get("/api/v1/progress?project=duong-moi").json["total"]["values"]["payment"]
    assert (row["amount_vnd"], row["households"]) in ((500_000_000, 1), (None, 1))


def test_money_before_the_plan_is_refused_unless_old_records_are_brought_in(lan, ground):
    form = lan.open("payment", ["HS-001"])
    typed = {"valid_on": "20/11/2024", "amount_vnd": ["5"]}
    seen = lan.go(form, "preview", **typed)
    assert 'class="finding error"' in seen.text
    assert 'value="record"' not in seen.text
    assert "Điều 94 Luật Đất đai số 31/2024/QH15" in seen.text
    forced = lan.go(seen, "record", **{"confirm": ["payment_needs_plan.2024"], "reason.payment_needs_plan.2024": "x"})
    assert forced.status_code == 422
    old = lan.go(form, "preview", imported="1", **typed)
    assert 'class="finding error"' not in old.text
    assert 'value="record"' in old.text


def test_a_plot_has_one_holder_and_the_second_hears_which_decision_took_it(lan, ground):
    same = {"imported": "1", "valid_on": "20/11/2024", "plot": [f"{ground.site}/L1"], "confirm": "hồ sơ cũ"}
    act_of(lan.record("resettlement_allocation", ["HS-001"], document="57/QĐ-UBND", **same))
    second = lan.record("resettlement_allocation", ["HS-002"], **same)
    assert second.status_code == 409
    assert "57/QĐ-UBND" in problem(second)


def test_an_act_is_undone_and_an_event_voided_with_a_reason(lan, ground):
    client = lan.browser.client
    act = act_of(lan.record("handover", ground.codes[:3], confirm="tự nguyện", valid_on="20/11/2024"))
    page = f"/desk/projects/duong-moi/acts/{act}"
    assert lan.browser.send(f"{page}/undo", page=page, reason=" ").status_code == 400
    case = "/desk/projects/duong-moi/cases/HS-002"
    event = re.search(r'id="event-(\d+)"', re.findall(r"<tr id=.*?</tr>", lan.browser.get(case).text, re.DOTALL)[-1])[1]
    wrong = lan.browser.send(f"{case}/void", page=case, event=event, reason="", key="a")
    assert wrong.status_code == 400
    voided = lan.browser.send(f"{case}/void", page=case, event=event, reason="nhầm <hộ>", key=f"void {event}")
    assert voided.location == f"{case}#event-{event}"
    told = lan.browser.get(case).text
    assert "nhầm &lt;hộ&gt;" in told
    assert handed(client) == (2, 800)
    assert lan.browser.send(f"{case}/void", page=case, event="999999", reason="x", key="b").status_code == 404
    undone = lan.browser.send(f"{page}/undo", page=page, reason="nhầm dự án", key=f"undo {act}")
    assert undone.status_code == 302
    assert handed(client) == (0, 0)
    assert "nhầm dự án" in lan.browser.get(page).text
    assert lan.browser.send(f"{page}/undo", page=page, reason="lần nữa", key="other").status_code in (400, 409)


def test_forms_of_others_are_not_taken(app, people, lan, ground):
    form = lan.fields(lan.open("persuasion", ["HS-001"])) | {"do": "record"}
    assert lan.post(NEW, form | {"csrf_token": ["x"]}).status_code == 400
    for name in ("khac", "truong"):
        page = people[name].get(NEW)
        assert page.status_code == 200
        assert "<textarea" not in page.text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        answer = people[name].client.post(NEW, data=form | {"csrf_token": token}, headers={"Accept": "text/html"})
        assert answer.status_code == 403


def test_the_page_of_a_case_shows_names_to_whom_they_are_given_and_notes_who_read_them(lan, people, ground, write):
    act_of(
        lan.record("payment", ["HS-001"], imported="1", valid_on="19/11/2024", amount_vnd=["123.456.789"], confirm="cũ")
    )
    address = "/desk/projects/duong-moi/cases/HS-001"

    def reads():
        entries = "select count(*) from read_entry where case_codes = array['HS-001']"
        return write(lambda session: session.scalar(text(entries)))

    before = reads()
    page = lan.browser.get(address).text
    assert all(told in page for told in ("Hoàng Thị Nhì", "020123456789", "0912", "123.456.789", "19/11/2024"))
    assert reads() == before + 1
    other = people["khac"].get(address).text
    assert not any(told in other for told in ("Hoàng Thị Nhì", "020123456789", "123.456.789", "19/11/2024"))
    assert reads() == before + 1
    assert "Hoàng Thị Nhì" in people["truong"].get(address).text
    foreign, missing = (
        people["lan"].get(f"/desk/projects/duong-moi/cases/{code}") for code in ("HS-X", "HS-nowhere")
    )  # fmt: skip
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert problem(foreign).replace("HS-X", "") == problem(missing).replace("HS-nowhere", "")


def test_deadlines_stand_on_the_page_of_a_case_with_their_source(lan, ground):
    for kind, day in (("recovery_notice", "05/08/2024"), ("inventory", "06/08/2024"), ("plan_approval", "07/10/2024")):
        act_of(lan.record(kind, ["HS-007"], valid_on=day, confirm="có lý do"))
    page = lan.browser.get("/desk/projects/duong-moi/cases/HS-007").text
    assert "17/10/2024" in page, "10 days from the approval"
    assert "điểm a khoản 5 Điều 87 Luật Đất đai số 31/2024/QH15" in page


class Program:
    """A program that sends JSON with the cookie and token of somebody signed in."""

    def __init__(self, browser):
        self.client = browser.client
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(NEW).text)[1]

    def post(self, path, body, key=None):
        headers = {"X-CSRFToken": self.token} | ({"Idempotency-Key": key} if key else {})
        return self.client.post(path, json=body, headers=headers)


@pytest.fixture
def program(people) -> Program:
    return Program(people["lan"])


HANDOVER = {"kind": "handover", "valid_on": "2024-11-20", "document": {"number": "12/BB-BGMB"}}


def test_a_program_looks_confirms_records_once_and_takes_back(program, ground):
    body = HANDOVER | {"cases": ["HS-001", {"case": "HS-002", "area_m2": 150.25}]}
    seen = program.post(f"{API}?preview=1", body).json
    assert (seen["recorded"], seen["cases"], seen["area_m2"], seen["refused"]) == (False, 2, 550.25, False)
    assert seen["breaches"][0]["rule"] == "handover_needs_decision.2024"
    assert seen["breaches"][0]["cases"] == ["HS-001", "HS-002"]
    assert program.post(API, body | {"dry_run": True}).json["entries"][1]["area_m2"] == 150.25
    without = program.post(API, body | {"confirm": "x"})
    assert (without.status_code, without.json["parameter"]) == (400, "Idempotency-Key")
    unsaid = program.post(API, body, "k1")
    assert (unsaid.status_code, unsaid.content_type) == (409, "application/problem+json")
    said = [(breach["rule"], breach["severity"]) for breach in unsaid.json["breaches"]]
    assert said == [("handover_needs_decision.2024", "warning"), ("handover_needs_payment", "warning")]
    made = program.post(API, body | {"confirm": "tự nguyện"}, "k1")
    assert (made.status_code, made.json["cases"], made.json["area_m2"]) == (201, 2, 550.25)
    again = program.post(API, body | {"confirm": "tự nguyện"}, "k1")
    assert (again.status_code, again.json["act"], again.json["repeated"]) == (200, made.json["act"], True)
    assert program.post(API, body | {"note": "khác"}, "k1").status_code == 409
    case = program.client.get("/api/v1/projects/duong-moi/cases/HS-002").json
    assert case["events"][-1]["area_m2"] == 150.25
    assert case["events"][-1]["document"]["number"] == "12/BB-BGMB"
    voided = program.post(f"/api/v1/events/{made.json['events'][0]}/void", {"reason": "nhầm"}, "k2")
    assert voided.status_code == 201
    assert handed(program.client) == (0, 150.25)
    assert program.post(f"/api/v1/acts/{made.json['act']}/undo", {"reason": "nhầm"}, "k3").status_code == 201
    assert handed(program.client) == (0, 0)


def test_what_the_law_refuses_comes_with_every_rule_and_source(program, ground):
    body = {"kind": "recovery_enforcement", "valid_on": "2024-11-20", "cases": ["HS-001"], "confirm": "x"}
    refused = program.post(API, body, "k")
    assert refused.status_code == 422
    assert {breach["severity"] for breach in refused.json["breaches"]} == {"error"}
    assert "Luật Đất đai số 31/2024/QH15" in refused.json["breaches"][0]["source"]
    assert program.post(API, body | {"imported": True}, "k").status_code == 201


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cases": "HS-001"}, "cases"),
        ({"cases": [5]}, "cases"),
        ({"cases": []}, "cases"),
        ({"cases": [{"case": "HS-001", "area": 5}]}, "area"),
        ({"cases": [{"case": "HS-001", "area_m2": "nhiều"}]}, "area_m2"),
        ({"cases": [{"case": "HS-001", "area_m2": True}]}, "area_m2"),
        ({"cases": [{"case": "HS-001", "area_m2": 1e400}]}, "area_m2"),
        ({"valid_on": "20/11/2024"}, "valid_on"),
        ({"valid_on": None}, "valid_on"),
        ({"kind": "flight"}, "kind"),
        ({"kind": ["handover"]}, "kind"),
        ({"document": "12"}, "document"),
        ({"document": {"number": 5}}, "number"),
        ({"confirm": 5}, "confirm"),
        ({"imported": "yes"}, "imported"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_programs_hear_which_field_is_wrong(program, ground, changed, field):
    answer = program.post(API, HANDOVER | {"cases": ["HS-001"], "confirm": "x"} | changed, "k")
    assert (answer.status_code, answer.json["parameter"]) == (400, field)


def test_acts_of_projects_that_are_not_theirs(program, people, ground):
    made = program.post(API, HANDOVER | {"cases": ["HS-001"], "confirm": "x"}, "theirs").json
    other = Program(people["khac"])
    void = f"/api/v1/events/{made['events'][0]}/void"
    assert other.post(void, {"reason": "x"}, "k").status_code == 403
    undo = f"/api/v1/acts/{made['act']}/undo"
    assert other.post(undo, {"reason": "x"}, "k").status_code == 404, "acts tell of single cases: they are not there"
    assert other.post(API, HANDOVER | {"cases": ["HS-001"]}, "k").status_code == 403
    for path in ("/api/v1/acts/999999/undo", "/api/v1/events/999999/void"):
        assert program.post(path, {"reason": "x"}, "k").status_code == 404
    assert program.post("/api/v1/projects/khong-co/acts", {}, "k").status_code == 404
    assert program.post(API, HANDOVER | {"cases": ["HS-X"]}, "foreign").status_code == 404
    assert program.client.post(API, json=HANDOVER, headers={"Idempotency-Key": "k"}).status_code == 400, "CSRF"
    assert "identity" in program.client.get("/api/v1/projects/duong-moi/cases/HS-001").json["holder"]
    hidden = people["khac"].client.get("/api/v1/projects/duong-moi/cases/HS-001").json
    assert hidden["holder"]["identity"] is None
