"""What the search box of the home page finds: an emergency first, then departments, doctors and services.

The text may be a symptom, so it is posted and answered at once: it stands in no address, no log and no database.
"""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import directory, scheduling
from clinic.limits import limit_symptoms
from clinic.web.kit.access import changes_nothing, current_actor, public
from clinic.web.kit.page import page
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint, days_ahead
from clinic.web.public.search_form import SearchForm


@blueprint.route("/search", methods=["GET", "POST"])
@public
@changes_nothing
@limit_symptoms
@keeps_unsent(SearchForm)
def search() -> ResponseReturnValue:
    """Show what fits the words that were posted; the box alone where none were."""
    form = SearchForm()
    outcome = submitted(
        form,
        lambda: directory.search(form.q.data or "", lang=chosen_language()),
        names={"symptoms": "q"},
        rehearsed=False,
    )
    if not outcome.done:
        return page("public/search.html", status=outcome.status, form=form)
    found, may_book = outcome.result, scheduling.may_book(current_actor())
    return page("public/search.html", form=form, found=found, days=days_ahead(found.doctors), may_book=may_book)
