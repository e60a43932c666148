"""Settings are checked at start, all faults at once; no secret has a default that works."""

import pytest

from webmap.config import SettingError, load

GOOD = {"DATABASE_URL": "postgresql://a@127.0.0.1/b", "GPMB_SECRET_KEY": "s" * 32}


def test_defaults_are_closed():
    values = load(GOOD)
    assert values["GPMB_OPEN_ACCESS"] == "none"
    assert values["GPMB_LANGUAGE"] == "vi"
    assert values["GPMB_STATEMENT_SECONDS"] == 30


def test_what_is_missing_is_named_all_at_once():
    with pytest.raises(SettingError) as error:
        load({})
    assert "DATABASE_URL" in str(error.value)
    assert "GPMB_SECRET_KEY" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://a/b"),
        ("GPMB_SECRET_KEY", "short"),
        ("GPMB_OPEN_ACCESS", "everyone"),
        ("GPMB_LANGUAGE", "fr"),
        ("GPMB_STATEMENT_SECONDS", "0"),
        ("GPMB_TILE_CACHE_MIB", "-1"),
        ("GPMB_TILE_CACHE_MIB", "1.5"),
        ("GPMB_TILE_CASHE_MIB", "64"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(name, value):
    with pytest.raises(SettingError, match=name):
        load(GOOD | {name: value})


def test_an_empty_value_is_the_default():
    assert load(GOOD | {"GPMB_OPEN_ACCESS": ""})["GPMB_OPEN_ACCESS"] == "none"
