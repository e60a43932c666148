"""Codes of land use as cadastral maps write them: of Circular 08/2024/TT-BTNMT, and of those before it, which old maps
and certificates still carry (28/2004, 08/2007, 55/2013, 25/2014, 27/2018)."""

import difflib
import re

from gis.errors import BadParameter
from gis.marks import refuse_marks

_WRITTEN = (
    # Agricultural land, and its groups.
    "NNP SXN CHN LUA LUC LUK LUN COC HNK HNC BHK NHK CLN LNC LNQ LNK LNP RSX RSN RST RSK RSM RPH RPN RPT RPK RPM RDD "
    "RDN RDT RDK RDM NTS TSL TSN LMU NKH CNT "
    # Dwelling, offices, defence, public works.
    "PNN OCT OTC ONT ODT CDG CTS TSC TSK DTS CQP CAN DSN DVH DXH DYT DGD DTT DKH DMT DKT DNG DSK DSH DHT "
    # Business, and works of use to all.
    "CSK SKK SKN SKT SCT TMD SKC SKS SKX CCC DGT DTL DCT DPC DDT DDD DDL DRA DNL DBV DCH DCK DKV "
    # Religion, burial, water, other and unused land.
    "TTN TON TIN NTD SMN SON MNC TVC PNK CSD BCS DCS NCS MCS MVB MVT MVR MVK"
)  # fmt: skip
CODES = frozenset(_WRITTEN.split())
_USUAL = ("ODT", "ONT", "LUC", "LUK", "CLN", "HNK", "BHK", "NHK", "RSX", "RPH", "RDD", "NTS", "DGT", "DTL", "NTD")
_IN_WORDS = {
    "Ở ĐÔ THỊ": ("ODT",), "Ở TẠI ĐÔ THỊ": ("ODT",), "Ở NÔNG THÔN": ("ONT",), "Ở TẠI NÔNG THÔN": ("ONT",),
    "Ở": ("ODT", "ONT"), "THỔ CƯ": ("ODT", "ONT"), "LÚA": ("LUC", "LUK"), "CHUYÊN": ("LUC",), "VƯỜN": ("CLN",),
    "CÂY LÂU NĂM": ("CLN",), "CÂY HÀNG NĂM": ("HNK", "BHK"), "CÂY HẰNG NĂM": ("HNK", "BHK"), "MÀU": ("HNK", "BHK"),
    "RỪNG SẢN XUẤT": ("RSX",), "RỪNG PHÒNG HỘ": ("RPH",), "RỪNG ĐẶC DỤNG": ("RDD",), "AO": ("NTS",),
    "NUÔI TRỒNG": ("NTS",), "GIAO THÔNG": ("DGT",), "THỦY LỢI": ("DTL",), "THUỶ LỢI": ("DTL",), "NGHĨA": ("NTD",),
}  # fmt: skip
"""Codes by the words that lists have in place of them, the longer words first."""
_NEAREST = 3
_LONGEST = 5


def clean_land_use(value: str | None) -> str | None:
    """Give a code of land use in capitals, several with plus signs between: ``ODT``, ``ODT+CLN``; None for nothing.

    Raises
    ------
    BadParameter
        For a code that no circular has: those that look like it are named.
    """
    text = _joined(value or "")
    if not text.strip("-–—."):
        return None
    refuse_marks(value or "", "land_use")
    unknown = next((code for code in text.split("+") if code not in CODES), None)
    if unknown is None:
        return text
    if nearest := _nearest(unknown):
        raise BadParameter(
            "“%(value)s” is not a code of land use: did you mean %(nearest)s? Several are written as ODT+CLN.",
            parameter="land_use", value=(value or "").strip()[:40], nearest=", ".join(nearest),
        )  # fmt: skip
    raise BadParameter(
        "“%(value)s” is not a code of land use, such as ODT, LUC or ODT+CLN.",
        parameter="land_use", value=(value or "").strip()[:40],
    )  # fmt: skip


def offered(value: str) -> list[str]:
    """Give the codes that a single code may have been meant as."""
    text = _joined(value)
    parts = [part for part in re.split(r"[,;/&\s]+", value.upper()) if part]
    if len(parts) > 1 and CODES.issuperset(parts):
        return ["+".join(parts)]
    return [] if text in CODES else _nearest(text)


def _joined(value: str) -> str:
    return re.sub(r"\s*\+\s*", "+", " ".join(value.split())).upper()


def _nearest(code: str) -> list[str]:
    """Give known codes that a text may mean: of its words, the same letters in another order, one letter apart."""
    said = re.sub(r"^(?:ĐẤT|TRỒNG|\s)+", "", code)
    if named := next((codes for word, codes in _IN_WORDS.items() if said.startswith(word)), None):
        return list(named)
    turned = [known for known in CODES if sorted(known) == sorted(code)]
    one_off = [
        known for known in CODES
        if len(known) == len(code) and sum(a != b for a, b in zip(known, code, strict=True)) == 1
    ]  # fmt: skip
    close = difflib.get_close_matches(code, sorted(CODES), n=_NEAREST, cutoff=0.7) if len(code) <= _LONGEST else []
    return sorted(turned or one_off or close, key=lambda known: (known not in _USUAL, known))[:_NEAREST]
