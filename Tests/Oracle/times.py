"""2-log-envelopes, Times: to UTC, exact to the last digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

STAMP = r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?"
FULL = re.compile(STAMP, re.ASCII)


@dataclass(frozen=True)
class Time:
    second: datetime  # UTC, whole seconds
    fraction: str  # digits after the point, without trailing zeros

    def rfc3339(self) -> str:
        """With `Z` and the shortest fraction; microseconds kept."""
        fraction = self.fraction[:6].rstrip("0")
        return self.second.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (f".{fraction}" if fraction else "") + "Z"

    def is_future(self, clock: float) -> bool:
        """1-correlation-data, Times of the future: more than 24 hours after the clock of whoever reads, in seconds since 1970."""
        return self.second > datetime.fromtimestamp(clock, timezone.utc) + timedelta(hours=24)


def from_match(match: re.Match) -> Time | None:
    """None for a date that no calendar has, and for a year outside 1 to 9999, as written or in UTC: `datetime` has no others."""
    year, month, day, hour, minute, second, fraction, zone = match.groups()[-8:]
    if second == "60":
        second, fraction = "59", "999999"
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=timezone.utc)
        if zone and zone != "Z":
            sign = -1 if zone[0] == "-" else 1
            digits = zone[1:].replace(":", "")
            moment -= sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    except (ValueError, OverflowError):
        return None
    return Time(moment, (fraction or "").rstrip("0"))


def parse(text) -> Time | None:
    match = FULL.fullmatch(text) if isinstance(text, str) else None
    return from_match(match) if match else None


def inside_run_id(run_id: str) -> Time | None:
    match = FULL.search(run_id)
    return from_match(match) if match else None
