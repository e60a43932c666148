"""Letters in old encodings are told by their words and converted; Unicode and foreign words stay; doubt is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import encodings, letters
from gis.errors import BadParameter, GisError, UnreadableFile
from gis.letters import decoded, looked_at, of_table
from gis.texts import clean_text

NAMES = (
    "Nguyễn Văn Thật", "Hoàng Thị Thử", "Vi Đức Quỳnh", "Lường Thị Ví Dụ", "Bế Khánh Huyền", "Phạm Hữu Nghĩa",
    "Thửa đất số 125, tờ bản đồ số 34, phường Hoàng Văn Thụ", "Đất trồng lúa nước còn lại (LUK), 1.234,5 m2",
    "Quyết định số 12/QĐ-UBND ngày 5/3/2024", "Kỳ Lừa; Lương Văn Tri; Thuỵ Hùng; Điềm He",
)  # fmt: skip
_TO_TCVN3 = {now: chr(code) for code, now in ((k, chr(v)) for k, v in encodings.TCVN3_LETTERS.items())}
_TO_VNI = {now: old for old, now in encodings._VNI.items() if old == old.lower() or old[1:] == old[1:].upper()}


def tcvn3(text: str) -> str:
    return "".join(_TO_TCVN3.get(letter, _TO_TCVN3.get(letter.lower(), letter)) for letter in text)


def vni(text: str) -> str:
    return "".join(_TO_VNI.get(letter, letter) for letter in text)


def code_page_1258(text: str) -> bytes:
    made = bytearray()
    for letter in text:
        loose = unicodedata.normalize("NFD", letter)
        tones = "".join(sign for sign in loose if sign in encodings.TONE_SIGNS)
        bare = unicodedata.normalize("NFC", "".join(sign for sign in loose if sign not in encodings.TONE_SIGNS))
        made += (bare + tones).encode("cp1258")
    return bytes(made)


@pytest.mark.parametrize("text", NAMES)
def test_each_old_encoding_is_converted_and_named(text):
    assert looked_at(tcvn3(text)) == letters.Letters(text, "TCVN3")
    assert looked_at(vni(text)) == letters.Letters(text, "VNI")
    for page in ("latin-1", "cp1252"):
        misread = text.encode().decode(page, "replace" if page == "latin-1" else "ignore")
        if misread.encode(page).decode(errors="replace") == text:  # 1252 has no letter for five of the bytes
            assert looked_at(misread) == letters.Letters(text, letters.UTF8_AS_1252)
            assert looked_at(misread.encode().decode("latin-1")).text == text, "twice"
    assert looked_at(unicodedata.normalize("NFD", text)) == letters.Letters(text, None)


@pytest.mark.parametrize("text", NAMES)
def test_files_of_any_encoding_are_decoded(text):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        assert decoded(f"{text}\r\n".encode(encoding)) == letters.Letters(f"{text}\r\n", None)
    assert decoded(code_page_1258(text)) == letters.Letters(text, "Windows-1258")
    assert decoded(tcvn3(text).encode("latin-1")) == letters.Letters(text, "TCVN3")
    assert decoded(vni(text).encode("cp1252")) == letters.Letters(text, "VNI")


@pytest.mark.parametrize(
    "text",
    [
        "Đặng Café", "Café Hôtel", "François Müller", "été à Đông Kinh", "crème brûlée", "Noël", "Zoë", "São Paulo",
        "Bò Tò", "Lò", "Ngô", "m² và m³", "120,5 m² ½", "«Nhà»", "10 µm", "§ 5", "© 2020", "H'Mông Krông Đắk",
        "HOÀNG VĂN TÚ", "UỶ BAN NHÂN DÂN XÃ", "XÃ HOÀ", "LÃ THỊ HOA",
        "–", "", "15/2", "Ghi chú: còn nợ?", "http://a.vn/?q=b", "naïve", "Cty TNHH Müller", "25 °C",
    ],
)  # fmt: skip
def test_unicode_and_foreign_words_stay(text):
    assert looked_at(text) == letters.Letters(text, None)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("NGUYÔN V¡N A", "NGUYỄN VĂN A"), ("§inh ThÞ Hµ", "Đinh Thị Hà"), ("NGUYEÃN VAÊN BAÛY", "NGUYỄN VĂN BẢY"),
        ("Hoµng Văn Thụ", "Hoàng Văn Thụ"), ("Vò V¨n MÉu", "Vũ Văn Mẫu"), ("Q§-UBND", "QĐ-UBND"),
        ("HoÃ ng Thá»‹ Thá»­", "Hoàng Thị Thử"), ("Ðặng Ðình Ðức", "Đặng Đình Đức"),
    ],
)  # fmt: skip
def test_capitals_mixtures_and_what_programs_did_to_them(was, now):
    assert looked_at(was).text == now


@pytest.mark.parametrize("text", ["Thö", "Nguy?n V?n A", "H\ufffd v\ufffd tên", "Xq¨z¬w"])
def test_what_fits_two_readings_or_none_is_refused(text):
    with pytest.raises(BadParameter):
        looked_at(text)
    with pytest.raises(GisError):
        decoded(text.encode())


def test_bytes_of_no_text_are_refused():
    with pytest.raises(UnreadableFile):
        decoded(bytes(range(256)))


def test_a_cell_that_fits_two_readings_is_read_as_those_around_it():
    rows = [["TT", "Hä vµ tªn", "Tê", "Thöa"], ["1", "Vò V¨n A", "5", "3"], ["2", "Thö", "5", "4"],
            ["3", "Đặng Café", "5", "6"]]  # fmt: skip
    made, changed, doubts = of_table(rows)
    assert made == [["TT", "Họ và tên", "Tờ", "Thửa"], ["1", "Vũ Văn A", "5", "3"], ["2", "Thử", "5", "4"], rows[3]]
    assert [(one.row, one.before, one.now, one.was) for one in changed][-1] == (2, "Thö", "Thử", "TCVN3")
    assert doubts == []
    assert [one.row for one in of_table([["Họ tên"], ["Thö"], ["Đặng"]])[2]] == [1]
    assert of_table([["Tê"], ["Lß"]], lambda _r, _c: ".VnTimeH")[0] == [["TỜ"], ["LÒ"]]


@given(st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặ "), max_size=40))
def test_text_with_a_letter_of_unicode_alone_is_never_changed(text):
    words = [word for word in (text + " đ").split() if word.isascii() or letters._beyond_latin(word)]
    kept = " ".join(words)
    assert looked_at(kept) == letters.Letters(kept, None)


def test_fields_of_forms_are_kept_in_one_form_of_unicode():
    assert clean_text(unicodedata.normalize("NFD", " Lường Thị Huệ "), "full_name", 99) == "Lường Thị Huệ"
    with pytest.raises(BadParameter, match="control"):
        clean_text("Nguyá»\x85n", "full_name", 99)


@pytest.mark.parametrize("text", ["Nguye^~n Va(n A", "NguyÔn V¨n ThËt", "Nguyeãn Vaên A", "Tra^`n Thi. Ba?y"])
def test_old_letters_that_are_typed_or_sent_are_refused_with_what_they_are(text):
    with pytest.raises(BadParameter, match=r"In Unicode it is “(Nguyễn Văn|Trần Thị)") as refusal:
        clean_text(text, "full_name", 300)
    assert refusal.value.parameter == "full_name"


def test_old_letters_of_a_typewriter_are_converted_in_a_table():
    rows, changed, doubts = letters.of_table([["Nguye^~n Va(n A", "ODT+CLN", "NKO+CLN", "(m^2)", "dài a(n)"]])
    assert rows == [["Nguyễn Văn A", "ODT+CLN", "NKO+CLN", "(m^2)", "dài a(n)"]] and not doubts
    assert [one.was for one in changed] == ["VIQR"]


def test_a_line_has_one_blank_between_words_and_nothing_unseen():
    assert clean_text("Lê\u00a0Văn\u200b  A\r\nB", "full_name", 300) == "Lê Văn A B"
    assert clean_text("Một.\r\nHai.", "note", 2000) == "Một.\nHai."
    assert clean_text(" – ", "phone", 50, needed=False) is None


@pytest.mark.parametrize(
    "mark", ["nt", "-nt-", "N.T.", "n/t", "như trên", "Như hộ trên", "''", '"', "〃", "(như trên)"]
)
def test_a_mark_for_as_above_is_no_value(mark):
    with pytest.raises(BadParameter, match="as above"):
        clean_text(mark, "address", 500)


@pytest.mark.parametrize("turned", ["\u202e", "\u2066"])
def test_a_text_that_is_shown_otherwise_than_it_stands_is_refused(turned):
    for most in (200, 2000):
        with pytest.raises(BadParameter, match="control characters"):
            clean_text(f"12/{turned}CB-DNBU", "report", most)
