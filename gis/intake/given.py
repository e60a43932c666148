"""A file that somebody gave, at a form, an API or a command: bounded, known by its bytes, read in a child with limits.

No other way leads from bytes that came from outside to a library that parses them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gis import guard
from gis.errors import UnreadableFile
from gis.intake import kinds, packed

MIB = 1024 * 1024


@dataclass(frozen=True)
class Door:
    """Where files come in: how large they may be, and kinds there are readers for."""

    most_mib: int
    takes: frozenset[str]


TABLES = Door(8, frozenset({"xlsx", "text"}))
OUTLINES = Door(20, frozenset({"gpkg", "zip", "text", "kmz", "dgn", "xlsx"}))
REPORTS = Door(20, frozenset({"docx", "pdf", "text"}))
TEMPLATES = Door(5, frozenset({"docx", "xlsx"}))
SCANS = Door(20, frozenset({"pdf", "png", "jpeg", "webp", "tiff"}))


@dataclass(frozen=True)
class GivenFile:
    """Content and name of a file that was given."""

    content: bytes
    name: str

    @classmethod
    def taken(cls, content: bytes, name: str, door: Door, *, most_mib: int | None = None) -> "GivenFile":
        """Take in a file at a door.

        Parameters
        ----------
        content : bytes
        name : str
            As it was called.
        door : Door
        most_mib : int, optional
            Largest size, where it is not that of the door.

        Raises
        ------
        UnreadableFile
            For one that is empty, too large, or of a kind that is known and not taken there.
        """
        most = most_mib or door.most_mib
        if len(content) > most * MIB:
            raise UnreadableFile("The file is larger than %(most)s MiB.", parameter="file", most=most)
        if not content.strip():
            raise UnreadableFile("The file is empty.", parameter="file")
        kinds.refuse(content, name, door.takes)
        return cls(content, name)

    @classmethod
    def at(cls, path: Path, door: Door) -> "GivenFile":
        """Take in a file of a command by its path; no more of it is read than the door takes.

        Raises
        ------
        UnreadableFile
        """
        try:
            with path.open("rb") as file:
                content = file.read(door.most_mib * MIB + 1)
        except OSError as error:
            raise UnreadableFile("The file “%(file)s” cannot be opened.", file=path.name) from error
        return cls.taken(content, path.name, door)

    def read(
        self, reader: Callable, *more, seconds: float = guard.SECONDS, mebibytes: int = guard.MEBIBYTES
    ):  # fmt: skip
        """Have a reader read it in a child process with limits, after a look over what is packed.

        Parameters
        ----------
        reader : callable
            A function of a module, of the content and `more`.
        *more
            Plain values.
        seconds, mebibytes
            As for `gis.guard.read`.

        Raises
        ------
        GisError
            What the reader raises, and what `gis.guard.read` does.
        """
        return guard.read(packed.looked_over, reader, self.content, *more, seconds=seconds, mebibytes=mebibytes)
