"""What can go wrong in the domain: one class a kind, each with a code and a message for its reader.

A message is a template in English with named values; the web part translates it by its text, so that the
same error reads rightly in Vietnamese and English. Nothing here knows HTTP: `webmap/errors.py` has the table.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal


class Written(str):
    """A number as people here write it already: 350.000 is no 350 with three decimals."""

    __slots__ = ()


class GisError(Exception):
    """Base of all errors of the domain.

    Parameters
    ----------
    message : str
        English template with named ``%(name)s`` places; it is what gets translated.
    parameter : str, optional
        Name of the parameter or field at fault, for the caller to mark.
    **values
        The values of the template; a message within it, or a list of them, is said in its reader's language too.
    """

    code = "error"

    def __init__(self, message: str, *, parameter: str | None = None, **values):
        said = {name: "; ".join(map(str, each)) if isinstance(each, list) else each for name, each in values.items()}
        super().__init__(message % said if values else message)
        self.message = message
        self.parameter = parameter
        self.values = values

    def as_record(self) -> dict:
        """Give the message as it is kept beside what it tells of, to be said in any language later."""
        return {"message": self.message, "values": {name: _as_record(value) for name, value in self.values.items()}}

    @classmethod
    def of_record(cls, kept: Mapping) -> "GisError":
        """Give the message that `as_record` kept."""
        return cls(kept["message"], **{name: _of_record(value) for name, value in kept["values"].items()})


def _as_record(value: object) -> object:
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, GisError):
        return value.as_record()
    return [_as_record(each) for each in value] if isinstance(value, list) else value


def _of_record(value: object) -> object:
    if isinstance(value, list):
        return [_of_record(each) for each in value]
    if isinstance(value, Mapping):
        return Decimal(value["number"]) if "number" in value else GisError.of_record(value)
    return value


class NotFound(GisError):
    """What was asked for does not exist (or must look as if it did not)."""

    code = "not_found"


class NotAllowed(GisError):
    """Whoever asks may not have this."""

    code = "not_allowed"


class BadParameter(GisError):
    """A value that cannot be understood or does not fit the others."""

    code = "bad_parameter"


class BadRows(GisError):
    """Rows that were sent together, of which some cannot be taken: none was.

    Parameters
    ----------
    problems : sequence
        What stands against each: with a row, a field and an error.
    """

    code = "bad_rows"

    def __init__(self, message: str, *, problems: Sequence = (), **given):
        super().__init__(message, **given)
        self.problems = tuple(problems)


class Unseen(BadRows):
    """What could be recorded, and of which something is to be seen and confirmed first: its `problems`."""

    code = "unconfirmed"


class InvalidGeometry(GisError):
    """A shape that encloses no area, crosses itself or is of the wrong kind."""

    code = "invalid_geometry"


class MissingCrs(GisError):
    """A file that does not say in which coordinate system its numbers stand."""

    code = "missing_crs"


class OutsideVietnam(GisError):
    """Coordinates that cannot lie in Vietnam: wrong system, zone or axis order."""

    code = "outside_vietnam"


class UnreadableFile(GisError):
    """A file that is broken, of the wrong kind, or holds nothing to take."""

    code = "unreadable_file"


class Question(GisError):
    """What was sent can be understood in several ways, none of them sure: whoever sent it chooses.

    Parameters
    ----------
    choices : sequence
        The ways, each as its reader defines it.
    """

    code = "question"

    def __init__(self, message: str, *, choices: Sequence = (), **given):
        super().__init__(message, **given)
        self.choices = tuple(choices)


class Doubt(GisError):
    """What was read disagrees with what stands beside it; it is kept beside what was read, until it is confirmed."""

    code = "doubt"


class NotReady(GisError):
    """The database lacks something that only its administrator can give."""

    code = "not_ready"


class Conflict(GisError):
    """Somebody else was first: what was asked for rests on a state that is no more.

    Parameters
    ----------
    versions : mapping of str to (stored, asked for), optional
        Both versions, field by field, where a record was changed meanwhile.
    """

    code = "conflict"

    def __init__(self, message: str, *, versions: Mapping[str, tuple[object, object]] | None = None, **given):
        super().__init__(message, **given)
        self.versions = dict(versions or {})


class AgainstRules(GisError):
    """An act that rules of law refuse.

    Parameters
    ----------
    findings : sequence of gis.recording.Finding
        Every rule that is broken, with the cases that break it.
    """

    code = "against_rules"

    def __init__(self, message: str, *, findings: Sequence = (), **given):
        super().__init__(message, **given)
        self.findings = tuple(findings)


class Unconfirmed(AgainstRules):
    """An act that rules of law warn of, sent without the reason that confirms it."""

    code = "unconfirmed"


class NotRecorded(BadParameter):
    """A form that is shown again as it was typed: nothing of it is recorded by that."""

    code = "not_recorded"


class NotSignedIn(GisError):
    """Nobody is signed in, or who tried to did not prove who they are."""

    code = "not_signed_in"


class Unavailable(GisError):
    """The database cannot be reached, or cannot work at present: the same can be asked again soon."""

    code = "unavailable"


class TooManyAttempts(GisError):
    """Too many failed attempts to sign in: it can be tried again in some minutes."""

    code = "too_many_attempts"


class Busy(GisError):
    """The server does as much as it can at once: the same can be sent again in a little while, in `seconds` where the
    message names them."""

    code = "busy"
