"""Every text that a reader may meet exists in Vietnamese, and in both languages where it travels as data."""

import re

import pytest

import layers
from gis.indicators import INDICATORS
from script.translations import collect, vietnamese

PLACE = re.compile(r"%(?:\((\w+)\))?[sd%]")
PATHS = [
    "/", "/?day=1990-01-01", "/nowhere", "/panels/figures?day=2025-07-01", "/panels/project/nam-nguyen-dinh-chieu",
    "/panels/project/cao-toc-huu-nghi-chi-lang?day=2022-10-24", "/panels/commune/x-mai-pha?day=2022-10-24",
    "/panels/commune/p-dong-kinh-2025?day=2025-07-01", "/panels/parcel/1",
    "/panels/tools/coordinates", "/panels/tools/measure", "/panels/tools/locate",
]  # fmt: skip


def plain(message) -> str:
    return message if isinstance(message, str) else message[0]


def texts() -> list:
    return [message.id for message in collect() if message.id]


def test_vietnamese_is_complete():
    catalog = vietnamese()
    missing = [plain(text) for text in texts() if not catalog.get(text) or not all(_strings(catalog.get(text)))]
    assert missing == [], "python -m script.translations takes them up; then translate them"


def _strings(message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def test_vietnamese_holds_nothing_that_is_gone():
    wanted = set(map(plain, texts()))
    assert [plain(m.id) for m in vietnamese() if m.id and plain(m.id) not in wanted] == []


def test_translations_keep_the_places_of_values():
    for message in vietnamese():
        if not message.id:
            continue
        allowed = set(PLACE.findall(plain(message.id)))
        for string in _strings(message):
            assert set(PLACE.findall(string)) == allowed, plain(message.id)


@pytest.mark.parametrize("layer", layers.every(), ids=lambda layer: layer.name)
def test_layers_speak_both_languages(layer):
    for thing in (layer, *layer.fields, *layer.legend):
        assert thing.vi.strip() and thing.en.strip(), thing


def test_indicators_speak_both_languages():
    for indicator in INDICATORS.values():
        assert indicator.vi.strip() and indicator.en.strip(), indicator.key
        assert indicator.vi != indicator.en


@pytest.mark.parametrize("path", PATHS)
def test_no_english_is_left_on_vietnamese_pages(sample_client, path):
    page = sample_client.get(path).text
    seen = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    seen = re.sub(r"\s+", " ", seen)
    for message in vietnamese():
        source = plain(message.id or "")
        if len(source) > 6 and "%" not in source and source != _strings(message)[0]:
            place = rf"> ?{re.escape(source)} ?<|(aria-label|title|placeholder)=\"{re.escape(source)}\""
            assert not re.search(place, seen), source


@pytest.mark.parametrize("path", PATHS)
def test_english_is_served_on_request(sample_client, path):
    page = sample_client.get(path + ("&" if "?" in path else "?") + "lang=en").text
    assert "Tổng" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "chưa có số liệu" not in page
