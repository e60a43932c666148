"""Scans: PDF and images, known by their content. They are looked at, and kept as they are."""

import logging
import struct
import warnings
from io import BytesIO

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from gis.errors import UnreadableFile

PDF = "application/pdf"
_IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp", "TIFF": "image/tiff"}
MOST_FRAMES = 500
MOST_MEGAPIXELS = 400
"""An A0 plan at 300 dots an inch has 140."""


def media_type(content: bytes) -> str:
    """Tell by its content what a scan is.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        ``application/pdf`` or that of an image: PNG, JPEG, WebP, TIFF.

    Raises
    ------
    UnreadableFile
        For anything else, whatever it is called, and for one that is cut short, locked, or larger than any paper.
    """
    if content.startswith(b"%PDF-"):  # ISO 32000-1, 7.5.2 and 7.5.5: the first line, and the end of the last trailer
        if b"%%EOF" not in content[-1024:]:
            raise UnreadableFile("The PDF is cut short: its end is missing. Send it again.", parameter="file")
        _look_at_pages(content)
        return PDF
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is not unpacked here, and what is odd in it does no harm
            with Image.open(BytesIO(content), formats=[name for name in _IMAGES if name != "MPO"]) as image:
                found, (width, height) = _IMAGES[image.format], image.size
                whole = _is_whole(image, content)
                image.verify()
    except Image.DecompressionBombError as error:
        raise _too_many_points() from error
    except (
        OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError,
        NotImplementedError, struct.error,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            "Only PDF and images (PNG, JPEG, WebP, TIFF) can be attached; by its content this file is none of them, "
            "whatever it is called.",
            parameter="file",
        ) from error
    if width * height > MOST_MEGAPIXELS * 10**6:
        raise _too_many_points()
    if not whole:
        raise UnreadableFile("The image is cut short: its end is missing. Send it again.", parameter="file")
    return found


def _is_whole(image: Image.Image, content: bytes) -> bool:
    """Tell whether the end of an image is there; those of PNG and WebP are looked at by `verify`."""
    if image.format in ("JPEG", "MPO"):  # ITU-T T.81: within the data of a scan, FF stands before 00 or a restart
        return b"\xff\xd9" in content[content.rfind(b"\xff\xda") :]
    if image.format != "TIFF":
        return True
    for frame in range(min(image.n_frames, MOST_FRAMES)):
        image.seek(frame)
        for offsets, sizes in ((273, 279), (324, 325)):  # strips and tiles
            places = zip(_numbers(image, offsets), _numbers(image, sizes), strict=False)
            if any(at + size > len(content) for at, size in places):
                return False
    image.seek(0)
    return True


def _numbers(image: Image.Image, tag: int) -> tuple[int, ...]:
    found = image.tag_v2.get(tag, ())
    return (found,) if isinstance(found, int) else tuple(found)


def _too_many_points() -> UnreadableFile:
    return UnreadableFile(
        "The image has more than %(most)s million points: no scan of a paper has. Scan it anew.",
        parameter="file", most=MOST_MEGAPIXELS,
    )  # fmt: skip


def _look_at_pages(content: bytes) -> None:
    """Refuse a PDF that nobody can open without a password, and one in which there are no pages.

    One that only forbids printing opens without.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(BytesIO(content))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if locked else len(reader.pages)
    except (
        PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, ArithmeticError,
        NotImplementedError, RecursionError,
    ) as error:  # fmt: skip
        raise UnreadableFile("The PDF cannot be opened: it is broken. Send it again.", parameter="file") from error
    if locked:
        raise UnreadableFile("The PDF is locked with a password. Save it without one and send that.", parameter="file")
    if not pages:
        raise UnreadableFile("The PDF cannot be opened: it is broken. Send it again.", parameter="file")
