"""What the server writes down about itself: where an error came from, never what was in it.

Messages of errors repeat what people typed and what is on record: PostgreSQL's tell the row it refused, Python's the
text it could not read, addresses carry what was searched for. Each record of any logger, and each error that ends a
command, is written without them; what is needed to find a fault (kinds, places in the code, names of constraints,
codes of PostgreSQL) stays.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable
from types import TracebackType

from gis.errors import GisError

_QUERY = re.compile(r"\?[^\s\"']*")
_TYPED = re.compile(r"(?<=/)[^\s/\"']*(?:%[0-9A-Fa-f]{2}|[^\x00-\x7f]|\d{9,})[^\s/\"']*")
"""A part of a path that somebody wrote: letters of a name, a number as long as a person's."""
_REFUSED = re.compile(r"(Invalid request from ip=\S+?): .*", re.DOTALL)
"""gunicorn repeats the line or header that it could not read."""
_OWN_MESSAGES = (SystemExit, KeyboardInterrupt)


def init_app(_app=None) -> None:
    """Guard every record of this process, and what is said of errors that nobody caught; once is enough."""
    if getattr(logging.getLogRecordFactory(), "guards", False):
        return
    make = logging.getLogRecordFactory()

    def guarded(*args, **kwargs) -> logging.LogRecord:
        return _guard(make(*args, **kwargs))

    guarded.guards = True
    logging.setLogRecordFactory(guarded)
    sys.excepthook = _write_uncaught
    threading.excepthook = lambda args: _write_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def told(error: BaseException) -> str:
    """Say what kind of error it is and, of one from the database, what refused; without any value."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, GisError):
        return f"{kind}: {error.message}"  # the text of the code, values are beside it
    if isinstance(error, OSError):
        return f"{kind}: {error.errno} {error.strerror}"
    original = getattr(error, "orig", None) or error
    code, where = getattr(original, "pgcode", None), getattr(original, "diag", None)
    if code:
        names = [
            f"{name.removesuffix('_name')} {value}"
            for name in ("schema_name", "table_name", "column_name", "constraint_name", "datatype_name")
            if (value := getattr(where, name, None))
        ]
        return f"{kind}: {' '.join([f'SQLSTATE {code}', *names])}"
    return kind


def traced(error: BaseException) -> str:
    """Write a traceback out of kinds and places alone, causes first."""
    return "\n".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> Iterable[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _lines(before, seen)
        yield "" if error.__cause__ is None else "from which came"
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        yield f"    {frame.line}"
    yield told(error)
    for inner in getattr(error, "exceptions", ()):
        if id(inner) not in seen:
            yield from _lines(inner, seen)


def _guard(record: logging.LogRecord) -> logging.LogRecord:
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is not None:
        record.exc_text = traced(error)
    record.exc_info = None
    if isinstance(record.msg, BaseException):
        record.msg = told(record.msg).replace("%", "%%") if record.args else told(record.msg)
    elif isinstance(record.msg, str):
        record.msg = record.msg if record.args else _REFUSED.sub(r"\1", _plain(record.msg))
    if isinstance(record.args, dict):
        record.args = type(record.args)({name: _harmless(name, value) for name, value in record.args.items()})
    elif record.args:
        record.args = tuple(_harmless("", value) for value in record.args)
    return record


def _harmless(name: str, value):
    """Take out of a value of a record what was asked: the query of an address, the text of an error."""
    if isinstance(value, BaseException):
        return told(value)
    if name == "q":  # the query string of an access log
        return ""
    return _plain(value) if isinstance(value, str) else value


def _plain(value: str) -> str:
    return _TYPED.sub("...", _QUERY.sub("?...", value))


def _write_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, _OWN_MESSAGES):
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(traced(error) + "\n")
