"""Finding by words: spelling does not matter, names are never guessed from, and nothing is left out unsaid."""

import unicodedata
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Range

from gis import model
from gis.errors import BadParameter
from gis.search import LONGEST, search
from gis.units import REFORM
from tests import factories as make

DAY = date(2024, 12, 16)


def find(session, words, *, records=True, **given):
    return search(session, words, **{"day": DAY, "records": records} | given)


def keys(found, kind: str) -> list[str]:
    return [hit.key for hit in found.hits if hit.kind == kind]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Hòa Bình", "hoa binh"), ("Hoà Bình", "hoa binh"), ("HÒA-BÌNH ", "hoa binh"),
        (unicodedata.normalize("NFD", "Hoà Bình"), "hoa binh"),
        ("Đồng Đăng", "dong dang"), ("đường", "duong"), ("ÐƯỜNG", "duong"),
        ("ưỡng ượu ỵ Ằ", "uong uou y a"), ("０２１１/2024/QĐ-UBND", "211 2024 qd ubnd"),
        ("0211/2024/QĐ-UBND", "211 2024 qd ubnd"), ("tờ 05", "to 5"), ("000", "0"), ("10 010", "10 10"),
        ("Km3+700", "km3 700"), ("%_\\'", ""), ("", ""), ("Москва", ""),
    ],
)  # fmt: skip
def test_folding_leaves_letters_and_digits(session, written, folded):
    assert session.scalar(text("select folded(:written)"), {"written": written}) == folded


@pytest.mark.parametrize("words", ["mai pha", "MAI PHA", "Mai Pha", "  mai   pha ", "pha mai", "mai-pha", "mai ph"])
def test_a_name_is_found_however_it_is_written(sample_session, words):
    found = find(sample_session, words)
    assert "x-mai-pha" in keys(found, "unit")
    assert {"kdt-moi-mai-pha", "di-chi-mai-pha", "bai-do-xe-buyt-mai-pha"} <= set(keys(found, "project"))
    assert found.shown == found.found == len(found.hits)


def test_either_spelling_finds_the_other(session):
    made = [make.unit(session, name=name).slug for name in ("xã Hòa Lạc", "xã Hoà Lạc")]
    made.append(make.unit(session, name=unicodedata.normalize("NFD", "xã Hoà Lạc")).slug)
    for words in ("Hòa Lạc", "Hoà Lạc", "hoa lac", unicodedata.normalize("NFD", "hòa lạc")):
        assert sorted(keys(find(session, words), "unit")) == sorted(made)


def test_an_ambiguous_name_gives_every_unit_of_that_name_with_what_tells_them_apart(sample_session):
    found = find(sample_session, "chi lang")
    units = [hit for hit in found.hits if hit.kind == "unit"]
    old = [hit for hit in units if hit.valid_to == REFORM and hit.unit_kind != "district"]
    assert len(old) == 4, "four old communes were called Chi Lăng"
    assert {hit.key for hit in units} - {hit.key for hit in old} == {"h-chi-lang", "x-chi-lang-2025"}
    told = [(hit.name, hit.within, hit.valid_from, hit.valid_to) for hit in units]
    assert len(set(told)) == len(told)
    assert [hit.kind for hit in found.hits] == ["unit"] * 6 + ["project"] * (len(found.hits) - 6)
    assert units[-1].key == "x-chi-lang-2025", "what stands on the day comes first"
    after = find(sample_session, "chi lang", day=REFORM)
    assert after.hits[0].key == "x-chi-lang-2025"


def test_each_hit_is_shown_on_a_day_on_which_it_stands(sample_session):
    before, after = find(sample_session, "chi lang"), find(sample_session, "chi lang", day=date(2026, 1, 1))
    days = {hit.key: hit.day for hit in before.hits}
    assert (days["x-chi-lang-h-chi-lang"], days["x-chi-lang-2025"]) == (DAY, REFORM)
    days = {hit.key: hit.day for hit in after.hits}
    assert (days["x-chi-lang-h-chi-lang"], days["x-chi-lang-2025"]) == (REFORM - timedelta(days=1), date(2026, 1, 1))


def test_a_district_without_an_outline_lies_where_its_communes_lie(sample_session):
    (district,) = (hit for hit in find(sample_session, "huyện Chi Lăng").hits if hit.key == "h-chi-lang")
    inside = [hit for hit in find(sample_session, "chi lang").hits if hit.within == "huyện Chi Lăng"]
    assert len(inside) == 2
    west, south, east, north = district.bounds
    for hit in inside:
        assert west <= hit.bounds[0] < hit.bounds[2] <= east
        assert south <= hit.bounds[1] < hit.bounds[3] <= north


def test_a_project_is_found_by_its_code_first(sample_session):
    hit = find(sample_session, "kdt-moi-mai-pha").hits[0]
    assert (hit.kind, hit.key, hit.project) == ("project", "kdt-moi-mai-pha", "kdt-moi-mai-pha")
    assert hit.within == "xã Mai Pha"


def parcels(session, number: str, **given) -> list[model.AffectedParcel]:
    """Parcels of the same sheet and number, numbered by different communes, each in a project."""
    made = []
    for name in given.pop("names", ("xã Hoàng Đồng", "xã Mai Pha")):
        land = make.affected(session, make.project(session), **given)
        parcel = session.get_one(model.Parcel, land.parcel_id)
        parcel.sheet, _, parcel.number = number.partition("/")
        session.get_one(model.AdminUnit, parcel.numbered_in_unit_id).name = name
        made.append(land)
    session.flush()
    return made


def test_a_parcel_is_named_with_the_commune_that_numbered_it(session):
    first, second = parcels(session, "5/85A")
    parcels(session, "5/8")
    parcels(session, "58/5")
    both = find(session, "5/85a")
    assert {(hit.key, hit.name, hit.within) for hit in both.hits} == {
        (str(first.id), "5/85A", "xã Hoàng Đồng"), (str(second.id), "5/85A", "xã Mai Pha"),
    }  # fmt: skip
    assert all(hit.bounds and hit.project for hit in both.hits)
    for words in ("5/85A Hoàng Đồng", "tờ 05 thửa 085a hoang dong", "thửa 85A, tờ 5, xã Hoàng Đồng"):
        assert keys(find(session, words), "parcel") == [str(first.id)], words
    assert find(session, "5/85A Kỳ Lừa").hits == ()


def test_a_parcel_is_found_by_the_commune_it_lies_in_now_too(session):
    (land,) = parcels(session, "5/85", names=["xã Hoàng Đồng"])
    new = make.unit(session, name="phường Kỳ Lừa", valid=Range(REFORM, None))
    session.add(model.ParcelCommune(parcel_id=land.parcel_id, unit_id=new.id, valid=Range(REFORM, None)))
    session.flush()
    (hit,) = find(session, "5/85 ky lua").hits
    assert (hit.key, hit.within) == (str(land.id), "xã Hoàng Đồng")


def test_a_parcel_is_shown_once_it_was_registered(session):
    (land,) = parcels(session, "5/85", names=["xã Hoàng Đồng"], registered_on=date(2025, 3, 1))
    (hit,) = find(session, "5/85").hits
    assert (hit.key, hit.day) == (str(land.id), date(2025, 3, 1))


def test_every_parcel_of_the_sample_can_be_found(sample_session):
    query = (
        select(model.AffectedParcel.id, model.Parcel.sheet, model.Parcel.number, model.AdminUnit.name)
        .join(model.Parcel, model.Parcel.id == model.AffectedParcel.parcel_id)
        .join(model.AdminUnit, model.AdminUnit.id == model.Parcel.numbered_in_unit_id)
        .where(model.AffectedParcel.id % 97 == 0)
    )
    tried = sample_session.execute(query).all()
    assert len(tried) > 20
    for number, sheet, parcel, unit in tried:
        assert str(number) in keys(find(sample_session, f"{sheet}/{parcel} {unit}"), "parcel")


def test_a_document_tells_every_project_it_concerns(session):
    paper = make.document(session, number="0412/QĐ-UBND", issued_on=date(2025, 2, 3), issuer="UBND tỉnh")
    projects = [make.project(session) for _ in range(3)]
    for project in projects[:2]:
        for _ in range(3):
            make.event(session, project, "recovery_notice", date(2025, 2, 3), document_id=paper.id)
    make.void(session, make.event(session, projects[2], "recovery_notice", date(2025, 2, 3), document_id=paper.id))
    make.document(session, number="4123/QĐ-UBND")
    found = find(session, "412/qd")
    assert {(hit.key, hit.project) for hit in found.hits} == {(str(paper.id), p.code) for p in projects[:2]}
    assert (found.shown, found.found) == (1, 1)
    assert {(hit.issuer, hit.issued_on, hit.day) for hit in found.hits} == {
        ("UBND tỉnh", date(2025, 2, 3), date(2025, 2, 3)),
    }  # fmt: skip
    assert keys(find(session, "412"), "document")[0] == str(paper.id), "the whole number before one that begins so"
    assert len(keys(find(session, "412"), "document")) == 3, "the last word may be unfinished"


def test_letters_alone_find_no_document(session):
    make.document(session, number="77/QĐ-UBND")
    assert find(session, "QĐ").found == 0
    assert find(session, "QĐ 77").found == 1


def test_a_document_of_no_project_is_found_and_leads_nowhere(session):
    paper = make.document(session, number="77/TB-UBND")
    (hit,) = find(session, "77/TB").hits
    assert (hit.key, hit.project, hit.bounds) == (str(paper.id), None, None)


def test_records_are_found_by_those_who_may_see_records(session):
    parcels(session, "5/85")
    make.document(session, number="5/85")
    assert {hit.kind for hit in find(session, "5/85").hits} == {"parcel", "document"}
    assert find(session, "5/85", records=False).found == 0


def test_what_is_cut_off_is_counted(session):
    for n in range(7):
        make.project(session, name=f"Kè sông Thương đoạn {n}")
    found = find(session, "ke song thuong", most=5)
    assert (len(found.hits), found.shown, found.found) == (5, 5, 7)


@pytest.mark.parametrize("words", ["%", "_", "'", "\\", ":*", "&", "!(", "Москва", "﷽", "🙂", "a" * LONGEST])
def test_awkward_words_find_nothing(sample_session, words):
    assert find(sample_session, words).found == 0


@pytest.mark.parametrize("words", ["", "   ", "\n", "a" * (LONGEST + 1)])
def test_nothing_or_too_much_is_refused(session, words):
    with pytest.raises(BadParameter) as refusal:
        find(session, words)
    assert refusal.value.parameter == "q"


def test_it_is_one_statement(sample_session, statements):
    with statements() as asked:
        find(sample_session, "25/143 Đồng Mỏ")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("ix_admin_unit_search", "select from admin_unit where search_words(name) @@ search_query('mai pha')"),
        ("ix_project_search", "select from project where search_words(name) @@ search_query('mai pha')"),
        ("ix_project_search", "select from project where search_words(code) @@ search_query('mai pha')"),
        ("ix_document_search", "select from document where search_words(number) @@ search_query('412/QĐ')"),
        ("ix_parcel_search", "select from parcel where folded(sheet) = folded('05') and folded(number) = folded('85')"),
    ],
)
def test_the_indexes_answer_what_is_asked(session, index, condition):
    # In a nearly empty table a walk through any whole index looks as cheap; a bitmap needs one that a condition asks.
    for way in ("seqscan", "indexscan", "indexonlyscan"):
        session.execute(text(f"set local enable_{way} = off"))
    plan = "\n".join(session.scalars(text(f"explain {condition}")))
    assert index in plan, plan
