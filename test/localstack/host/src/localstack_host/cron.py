"""The expressions of EventBridge Scheduler that fire here: `at()`, and the `cron()` that a five-field unix cron
converts to: no `L`, `W` and `#`.
"""

import calendar
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = dict(zip(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), range(1, 8)))
_RANGES = ((0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, _MONTHS), (1, 7, _DAYS), (1970, 2199, {}))


def _matches(field: str, value: int, low: int, high: int, names: dict[str, int]) -> bool:
    def number(text: str) -> int:
        return names[text] if text in names else int(text)

    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if first in "*?" else number(first)
        end = high if first in "*?" or (step and not last) else number(last or first)
        if begin <= value <= end and (value - begin) % int(step or 1) == 0:
            return True
    return False


def cron_matches(fields: list[str], minute: datetime) -> bool:
    weekday = minute.isoweekday() % 7 + 1
    values = (minute.minute, minute.hour, minute.day, minute.month, weekday, minute.year)
    return all(_matches(field, value, *limits) for field, value, limits in zip(fields, values, _RANGES))


def last_due(expression: str, zone: str, after: float, until: float) -> float | None:
    """The latest moment in (after, until] at which the schedule fires, as epoch seconds."""
    kind, _, body = expression.strip().rstrip(")").partition("(")
    if kind == "at":
        moment = datetime.fromisoformat(body).replace(tzinfo=ZoneInfo(zone or "UTC")).timestamp()
        return moment if after < moment <= until else None
    if kind != "cron":
        raise ValueError(f"schedule expression {expression}: only at() and cron() fire here")
    fields = body.upper().split()
    moment = until - until % 60
    while moment > after:
        local = datetime.fromtimestamp(moment, timezone.utc).astimezone(ZoneInfo(zone or "UTC"))
        if local.fold == 0 and cron_matches(fields, local):  # the repeated hour in autumn counts once
            return moment
        moment -= 60
    return None
