"""Which rules of the lexicon a text fulfils: words near each other in any order, neither denied nor harmless.

A denial counts only for what follows it at once ("no chest pain or fever"): whatever is in doubt counts as said, because
a false alarm costs little and a missed one may cost a life.
"""

from collections.abc import Iterable, Sequence

from clinic.triage.lexicon import Lexicon, Rule
from clinic.triage.terms import Finder, Span, Term
from clinic.triage.tokenizer import NEGATED, read

#: How many words what belongs together may take up.
NEAR = 12
#: From this age on somebody is no child.
GROWN_UP = 16


class Matcher:
    """One text, and what of the lexicon stands in it."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._tokens = read(text)
        self._finder = Finder(self._tokens, lexicon.index)
        self._negative = _single_words(lexicon.context.negative) | NEGATED
        self._fillers = _single_words(lexicon.context.fillers)
        self._harmless = self._finder.any_of(lexicon.context.harmless)
        self._denied = self._find_denied()

    def fulfils(self, rule: Rule, *, harmless: bool = False) -> bool:
        """Return whether the text says what ``rule`` looks for; with ``harmless``, in words of harmless phrases too."""
        if self._finder.any_of(rule.unless):
            return False
        near = []
        for group in rule.groups:
            spans = self._stated(group.terms, harmless=harmless)
            if not spans:
                return False
            if not group.anywhere:
                near.append(spans)
        return any(self._stand_near(first.start, near) for spans in near for first in spans)

    def count(self, rules: Iterable[Rule], *, harmless: bool = False) -> int:
        """Return how many of ``rules`` are fulfilled."""
        return sum(self.fulfils(rule, harmless=harmless) for rule in rules)

    def is_of_child(self) -> bool:
        """Return whether the text speaks of a child, whose age, where it is told, is below ``GROWN_UP``."""
        if not self._finder.any_of(self._lexicon.context.child):
            return False
        tokens = self._tokens
        ages = (tokens[span.start - 1].plain for span in self._finder.any_of(self._lexicon.context.years) if span.start)
        return not any(age.isdecimal() and int(age[:3]) >= GROWN_UP for age in ages)

    def _stand_near(self, start: int, near: Sequence[Sequence[Span]]) -> bool:
        sentence = self._tokens[start].sentence
        return all(
            any(
                start <= span.start and span.end <= start + NEAR and self._tokens[span.start].sentence == sentence
                for span in spans
            )
            for spans in near
        )

    def _stated(self, terms: Sequence[Term], *, harmless: bool) -> list[Span]:
        """Return where one of ``terms`` is said and not denied, and not only in a harmless phrase unless ``harmless``."""
        return [
            span
            for term in terms
            for span in self._finder.spans(term)
            if (harmless or not any(span.is_hidden_by(phrase) for phrase in self._harmless))
            and (self._is_negative(term) or not self._is_denied(span))
        ]

    # --- denials ------------------------------------------------------------------------------------------------------

    def _is_negative(self, term: Term) -> bool:
        """Return whether a term is itself a denial, as "not breathing" is: no denial before it takes it back."""
        return term.words[0].exact in self._negative and term.words[-1].exact not in self._negative | self._fillers

    def _is_denied(self, span: Span) -> bool:
        """Return whether a denial before ``span`` reaches it; one inside belongs to it, as in "makes no sense"."""
        return any(self._denied.get(at, span.start) < span.start for at in range(span.start, span.end))

    def _find_denied(self) -> dict[int, int]:
        """Return the words that are denied, each with where the first denial of it stands."""
        context, tokens = self._lexicon.context, self._tokens
        longest: dict[int, int] = {}
        alarms = set()
        for term, span in self._finder.all():
            if term in self._lexicon.in_rules:
                longest[span.start] = max(longest.get(span.start, 0), span.end)
                if self._is_negative(term):
                    alarms.add(span.start)
        affirmed = {tokens[span.start].sentence for span in self._finder.any_of(context.affirmed)}
        skipped = _ends(self._finder.any_of((*context.fillers, *context.parts)))
        alternatives = _ends(self._finder.any_of(context.alternatives))
        denied: dict[int, int] = {}
        for cue in self._finder.any_of(context.denials):
            if cue.start in alarms or tokens[cue.start].sentence in affirmed:
                continue
            for at in self._denied_after(cue.end, longest, skipped, alternatives, alarms):
                denied[at] = min(cue.start, denied.get(at, cue.start))
        return denied

    def _denied_after(
        self, at: int, longest: dict[int, int], skipped: dict[int, int], alternatives: dict[int, int], alarms: set[int]
    ) -> set[int]:
        """Return what a denial that ends before ``at`` denies: one symptom, and each that "or" adds."""
        denied: set[int] = set()
        while True:
            begin, at = at, self._skip(at, skipped)
            if not self._ends_denial(at) and at not in alarms and at not in alternatives:
                known, at = at in longest, longest.get(at, at + 1)
            else:
                known = True
            denied.update(range(begin, at))
            # "Or" adds to a denial only behind what is known to be denied: "not just chest or arm pain" denies nothing.
            at = self._skip(at, skipped)
            if not known or at not in alternatives or self._ends_denial(at):
                return denied
            at = alternatives[at]

    def _skip(self, at: int, skipped: dict[int, int]) -> int:
        """Return the next place that is neither a filler nor a part of the body."""
        while at in skipped and not self._ends_denial(at):
            at = skipped[at]
        return at

    def _ends_denial(self, at: int) -> bool:
        """Return whether nothing that stands at ``at`` belongs to a denial before it."""
        tokens = self._tokens
        return at >= len(tokens) or tokens[at].after_comma


def _single_words(terms: Iterable[Term]) -> frozenset[str]:
    """Return those of ``terms`` that are one word."""
    return frozenset(term.words[0].exact for term in terms if len(term.words) == 1)


def _ends(spans: Iterable[Span]) -> dict[int, int]:
    """Return the end of the longest span by where it starts."""
    ends: dict[int, int] = {}
    for span in spans:
        ends[span.start] = max(ends.get(span.start, 0), span.end)
    return ends
