"""Words, numbers and times in the reader's language and zone. Indonesian is the first language, English the source."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from waspada.alerts.wording import percent
from waspada.clock import ZONES

LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "waspada"
LANGUAGES = ("id", "en")
FIRST_LANGUAGE = "id"


_WHEN = {"id": "d MMM y, HH.mm", "en": "d MMM y, HH:mm"}


def N_(text: str) -> str:  # noqa: N802 (the name that message extraction knows)
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the console."""

    code: str
    locale: Locale
    translations: gettext.NullTranslations

    def say(self, text: str) -> str:
        return self.translations.gettext(text) if text else ""

    def number(self, value: float) -> str:
        return _number(value, str(self.locale))

    def fixed(self, value: float, places: int = 2, signed: bool = False) -> str:
        """A figure with as many places as its neighbours, so that they can be compared; with its sign where asked."""
        return _fixed(round(value, places) + 0.0, places, signed, str(self.locale))

    def percent(self, value: float) -> str:
        """A probability, 1 % to 99 %: nothing here is ever certain."""
        return _percent(percent(value), str(self.locale))

    def when(self, moment: datetime, zone: ZoneInfo) -> str:
        """Day and time in the zone, with the zone's name: "21 Nov 2024, 14.05 WITA"."""
        return _moment(moment, zone, self.code, str(self.locale))

    def age(self, moment: datetime, now: datetime) -> str:
        """How long ago, in one unit: "3 jam", "2 hari"."""
        return self.length(max(now - moment, timedelta(0)))

    def length(self, time: timedelta) -> str:
        """How long, in one unit."""
        return _length(int(time.total_seconds()), str(self.locale))


@lru_cache(maxsize=20_000)
def _length(seconds: int, locale: str) -> str:
    return str(format_timedelta(timedelta(seconds=seconds), granularity="minute", locale=locale))


# A page has hundreds of numbers, and most of them on the next page too.
@lru_cache(maxsize=20_000)
def _number(value: float, locale: str) -> str:
    return str(format_decimal(value, format="#,##0.##", locale=locale))


@lru_cache(maxsize=500)
def _fixed(value: float, places: int, signed: bool, locale: str) -> str:
    pattern = "0." + "0" * places
    return str(format_decimal(value, format=f"+{pattern};-{pattern}" if signed else pattern, locale=locale))


@lru_cache(maxsize=500)
def _percent(hundredths: int, locale: str) -> str:
    return str(format_percent(hundredths / 100, format="#,##0%", locale=locale))


@lru_cache(maxsize=5_000)
def _moment(moment: datetime, zone: ZoneInfo, code: str, locale: str) -> str:
    local = moment.astimezone(zone)
    text = format_datetime(local, _WHEN.get(code, _WHEN["en"]), tzinfo=zone, locale=locale)
    return f"{text} {zone_name(zone, moment)}"


@lru_cache(maxsize=len(LANGUAGES))
def language(code: str) -> Language:
    """One of `LANGUAGES`; anything else gives the first one."""
    known = code if code in LANGUAGES else FIRST_LANGUAGE
    if known == "en":  # the texts in the program are English already
        return Language(known, Locale.parse("en_GB"), gettext.NullTranslations())
    return Language(known, Locale.parse(known), gettext.translation(DOMAIN, LOCALE_DIR, [known]))


def zone_name(zone: ZoneInfo, moment: datetime) -> str:
    """WIB, WITA or WIT where it is one of them."""
    ours = next((name for name, known in ZONES.items() if known.key == zone.key), None)
    return ours or moment.astimezone(zone).tzname() or zone.key
