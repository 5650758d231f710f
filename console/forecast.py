"""What will happen if a period is announced or armed, in whole sentences for whoever decides it. Pure.

An instant has its weekday in Montréal's time (WR-14), because a wrong day is seen there first.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec
from babel.dates import format_date

from foundation.calendar import changes_clock, day_of, holiday_on
from quota.oddities import NEAR_DAYS
from quota.programmes import Programme
from quota.states import Mode
from quota.store import Period
from server.rendering.durations import span_words
from server.rendering.templating import LOCALE, instant, number, weekday

FAMILIES: Mapping[str, str] = {"windows": "Windows", "macos": "macOS", "linux": "Linux", "chromeos": "ChromeOS"}
"""What a computer runs on -> its name."""

DAY_MS = 86_400_000


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The sentences, under the question that each group answers; `near` are days to think of, `counts` may be empty
    where nobody could be counted."""

    when: list[str]
    places: list[str]
    order: list[str]
    who: list[str]
    counts: list[str]
    near: list[str]

    def sentences(self) -> list[str]:
        """All of them, one after the other."""
        return [one for name in self.__struct_fields__ for one in getattr(self, name)]
