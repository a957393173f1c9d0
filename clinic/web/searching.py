"""What the search box of the home page finds: an emergency first, then departments, doctors and services.

The text may be a symptom, so it is posted and answered at once: it stands in no address, no log and no database.
"""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.errors import InvalidInput
from clinic.limits import limit_symptoms
from clinic.web.access import changes_nothing, chosen_language, current_actor, public
from clinic.web.choice import may_book
from clinic.web.kept import typed_in
from clinic.web.page import page
from clinic.web.public import blueprint, days_ahead
from clinic.web.search_form import SearchForm


@blueprint.route("/search", methods=["GET", "POST"])
@public
@changes_nothing
@limit_symptoms
@typed_in(SearchForm)
def search() -> ResponseReturnValue:
    """Show what fits the words that were posted; the box alone where none were."""
    form = SearchForm()
    if not form.is_submitted():
        return page("public/search.html", form=form)
    if not form.validate():
        return page("public/search.html", status=422, form=form)
    try:
        found = directory.search(form.q.data or "", lang=chosen_language())
    except InvalidInput as refusal:
        form.refuse(refusal, {"symptoms": "q"})
        return page("public/search.html", status=422, form=form)
    goes_on = may_book(current_actor())
    return page("public/search.html", form=form, found=found, days=days_ahead(found.doctors), may_book=goes_on)
