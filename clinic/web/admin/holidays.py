"""Public holidays of a country and year, proposed to the office and taken over as closures by a press."""

from __future__ import annotations

from babel import Locale
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from clinic import clock, scheduling
from clinic.scheduling import PublicHoliday
from clinic.text.formats import LOCALES
from clinic.text.normalization import alphabetical
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.left_without_time import say_saved, shown_count, without_time
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import PortalForm, whole
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted

#: What the button is called that takes over all of a list.
ALL = "all"
#: For so many years, this one and those after it, holidays are proposed.
YEARS_AHEAD = 3


def _countries() -> list[tuple[str, str]]:
    """Return what can be chosen, the clinic's own country first, others by their names in the reader's language."""
    names = Locale.parse(LOCALES[chosen_language()]).territories
    known = [(code, names.get(code, code)) for code in scheduling.holiday_countries()]
    return sorted(known, key=lambda each: (each[0] != scheduling.HOME, alphabetical(each[1])))


def _name(holiday: PublicHoliday) -> str:
    return holiday.name_vi if holiday.name_vi and chosen_language() == "vi" else holiday.name


@blueprint.route("/closures/holidays", methods=["GET", "POST"])
def holidays() -> ResponseReturnValue:
    """Show the holidays to come of the country and year that the address names; close the clinic on one or all by POST. A second
    press finds it closed."""
    actor, form, countries = signed_in_actor(), PortalForm(), _countries()
    this_year = clock.today().year
    years = range(this_year, this_year + YEARS_AHEAD)
    country = request.args.get("country", "")
    country = country if country in dict(countries) else scheduling.HOME
    wanted = whole(request.args.get("year"))
    year = wanted if wanted is not None and wanted in years else this_year
    proposed = scheduling.coming_holidays(country, year)
    taken = {row["holiday"] for row in scheduling.closures()}
    pressed = request.form.get("take", "")
    keys = [each.key for each in proposed if each.key not in taken] if pressed == ALL else [pressed]
    expected_count = whole(request.form.get("expected_count")) or 0
    outcome = submitted(
        form,
        lambda: scheduling.take_over_holidays(actor, country, year, keys, expected_count=expected_count),
    )
    address = url_for(".holidays", country=country, year=year)
    if outcome.done:
        left = [number for change in outcome.result for number in change.appointments]
        say_saved(
            ngettext("%(num)d holiday is taken over.", "%(num)d holidays are taken over.", len(outcome.result)), left
        )
        return see_other(address)
    affected = without_time(actor, outcome.refusal)
    return page(
        "admin/holidays.html",
        status=outcome.status,
        form=form,
        countries=countries,
        years=[(each, str(each)) for each in years],
        country=country,
        year=year,
        proposed=proposed,
        names={each.key: _name(each) for each in proposed},
        taken=taken,
        pressed=pressed if affected else "",
        affected=affected,
        shown_count=shown_count(affected),
        address=address,
        every=ALL,
    )
