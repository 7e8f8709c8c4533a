"""When a provider says that its figures were last changed, brought to one form.

Seen: ``2025-03-25T07:00:00Z``, ``2026-02-06T23:00:00+0100`` without a colon (Eurostat, 2026-02),
``2022-12-20T11:44:58.7706326+00:00`` with seven digits (FHI), ``2024-01-12T05: 52: 00Z`` with blanks
(a recorded reply of Statistics Sweden), ``2025-03-25T08:00:00`` in local time (StatBank), ``20250608
08:00`` (PX files).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_DATE = r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
_TIME = r"(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
_ZONE = r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)"
_INSTANT = re.compile(rf"{_DATE}(?:[Tt ]{_TIME}\s*{_ZONE}?)?", re.ASCII)
_AROUND_COLON = re.compile(r"\s*:\s*")


def instant(text: object) -> str:
    """Return a moment as ISO 8601: in UTC with ``Z`` where its zone is told, as it stands where not.

    A moment without a zone keeps none: what is read as UTC ends in ``Z`` and nothing else does. What
    is no moment is returned as it came, so that two such texts can still be compared.

    Examples
    --------
    >>> instant("2026-02-06T23:00:00+0100"), instant("2025-03-25T08:00:00"), instant("20250608 08:00")
    ('2026-02-06T22:00:00Z', '2025-03-25T08:00:00', '2025-06-08T08:00:00')
    >>> instant("2022-12-20T11:44:58.7706326+00:00")
    '2022-12-20T11:44:58.770632Z'
    """
    if not isinstance(text, str):
        return ""
    plain = _AROUND_COLON.sub(":", text.strip())
    match = _INSTANT.fullmatch(plain)
    if match is None:
        return plain
    part = match.groupdict()
    try:
        moment = datetime(*(int(part[name] or 0) for name in _NAMES), tzinfo=_zone(part))  # type: ignore[misc,arg-type]
        if part["hour"] is None:
            return moment.date().isoformat()
        moment = moment.replace(microsecond=int((part["fraction"] or "0")[:6].ljust(6, "0")))
        if moment.tzinfo is None:
            return moment.isoformat()
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    except (ValueError, OverflowError):
        return plain


_NAMES = ("year", "month", "day", "hour", "minute", "second")


def _zone(part: dict[str, str | None]) -> timezone | None:
    if part["zone"] is None:
        return None
    if part["sign"] is None:
        return UTC
    ahead = timedelta(hours=int(part["hours"] or 0), minutes=int(part["minutes"] or 0))
    return timezone(ahead if part["sign"] == "+" else -ahead)
