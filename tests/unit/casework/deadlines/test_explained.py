"""How a date was computed, in sentences."""

from datetime import date

from casework.deadlines.explained import span_words, steps
from foundation.calendar.closures import CalendarKind, Closures
from foundation.calendar.spans import SpanUnit, business_days, calendar_days, calendar_months

END = "Le dernier jour compte jusqu’à minuit, heure de Montréal."


def test_a_plain_deadline_has_three_sentences() -> None:
    assert steps(calendar_days(date(2016, 6, 13), 30)) == [
        "Le délai est de 30 jours civils. Il court à partir du lundi 13 juin 2016; ce jour-là ne compte pas.",
        "En comptant tous les jours, du lundi au dimanche, le dernier est le mercredi 13 juillet 2016.",
        END,
    ]


def test_a_moved_one_says_over_what() -> None:
    """Each closed day with its reason."""
    assert steps(calendar_days(date(2026, 11, 24), 30))[2] == (
        "Les bureaux sont fermés ce jour-là : le 24 décembre 2026 (la veille de Noël), le 25 décembre 2026 (Noël), le "
        "26 décembre 2026 (un samedi), le 27 décembre 2026 (un dimanche) et le 28 décembre 2026 (le lendemain de Noël, "
        "jour reporté). Le délai va jusqu’au premier jour ouvrable qui suit, une seule fois : le mardi 29 décembre "
        "2026."
    )


def test_many_passed_days_are_counted_and_holidays_named() -> None:
    """Of business days over a month or more."""
    said = steps(business_days(date(2026, 3, 23), 15))
    assert said[1] == (
        "Ces jours ne comptent pas, car les bureaux sont fermés : 6 jours de fin de semaine, et en plus le 3 avril "
        "2026 (le Vendredi saint) et le 6 avril 2026 (le lundi de Pâques)."
    )
    assert "102 jours de fin de semaine et 10 jours fériés" in steps(business_days(date(2026, 1, 4), 248))[1]
    assert "8 jours de fin de semaine." in steps(business_days(date(2026, 11, 2), 20))[1]


def test_a_month_without_this_date_says_so() -> None:
    assert steps(calendar_months(date(2026, 8, 31), 6))[1] == (
        "Ce mois-là n’a pas de 31 : son dernier jour le remplace, le dimanche 28 février 2027."
    )
    assert "La même date" in steps(calendar_months(date(2026, 8, 15), 6))[1]


def test_a_day_that_was_told_later_is_kept() -> None:
    """And said to be; one that was told as it is, is not mentioned."""
    found = calendar_days(date(2016, 6, 13), 30)
    assert "mercredi 20 juillet 2016, est plus tardive" in steps(found, date(2016, 7, 20))[2]
    assert steps(found, found.last_day) == steps(found)


def test_a_day_to_confirm_is_said_to_be() -> None:
    """Nobody has published yet on which day offices close for 24 June 2028."""
    said = steps(calendar_days(date(2028, 6, 22), 1))
    assert any("À confirmer" in one and "vendredi 23 juin 2028" in one for one in said)
    act = Closures(kind=CalendarKind.INTERPRETATION_ACT)
    other = steps(calendar_days(date(2028, 6, 22), 1, act))
    assert not any("À confirmer" in one for one in other)
    assert other[-1] == "Jours fériés : Loi d’interprétation, article 61 (dimanches et dix jours)."


def test_no_days_are_counted_as_none() -> None:
    assert len(steps(calendar_days(date(2026, 11, 30), 0))) == 2
    assert span_words(1, SpanUnit.CALENDAR_MONTHS) == "1 mois civil"
