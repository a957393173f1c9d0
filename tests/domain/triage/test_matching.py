"""The pure matcher: order, distance, stems, slips, denials; and data files that can't be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.i18n import LANGUAGES
from clinic.triage import HIGH, LOW, MEDIUM, assess, lexicon
from clinic.triage.lexicon import FOLDER, LexiconError, load
from clinic.triage.tokenizer import exact, plain, read


def kinds(text: str) -> set[str]:
    return {emergency.key for emergency in assess(text).emergencies}


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"), [("hoà", "hòa"), ("khoẻ", "khỏe"), ("KHOẺ", "khỏe"), ("ngã", "ngả"), ("thở", "tho\u031b\u0309")]
)
def test_the_same_word_however_its_accents_are_typed(one: str, other: str) -> None:
    assert exact(one) == exact(other)


def test_words_with_other_vowels_or_tones_are_others() -> None:
    assert len({exact(word) for word in ("ma", "má", "mà", "mã", "mạ", "mâ", "mắ")}) == 7
    assert {plain(word) for word in ("ma", "má", "mà", "mã", "mạ", "mâ", "mắ")} == {"ma"}


def test_sentences_end_where_they_end() -> None:
    sentences = [token.sentence for token in read("My knee hurts. Nice chest! Yes... no")]
    assert sentences == [0, 0, 0, 1, 1, 2, 2]
    assert {token.sentence for token in read("My chest. It hurts")} == {0}, "it goes on with the chest"


def test_numbers_with_a_comma_or_a_point_are_the_same() -> None:
    assert [token.plain for token in read("40,5 and 40.5°")] == ["40.5", "and", "40.5"]


@pytest.mark.parametrize(
    "spellings",
    [
        ("is not", "isn't", "isnt", "isn’t", "ISN'T", "aren't", "was not", "weren't", "ain't"),
        ("can not", "cannot", "can't", "cant", "Can  Not"),
        ("will not", "won't", "wont"),
        ("do not", "don't", "dont", "does not", "doesn't", "doesnt"),
        ("did not", "didn't", "didnt"),
        ("has not", "hasn't", "hasnt", "have not", "haven't", "hadn't"),
        ("could not", "couldn't", "couldnt"),
        ("want", "wants", "wanted", "wanting"),
        ("wanna", "want to", "wants to"),
        ("going to", "gonna"),
        ("I am", "I'm", "i’m"),
        ("she is", "she's", "shes"),
        ("it is", "it's", "its"),
        ("they have", "they've", "theyve"),
        ("dad", "dad's"),
    ],
)
def test_a_contraction_is_the_same_however_it_is_written(spellings: tuple[str, ...]) -> None:
    assert len({tuple(token.plain for token in read(each)) for each in spellings}) == 1


def test_not_ends_where_the_sentence_does() -> None:
    assert [token.plain for token in read("I think I can\nnot sure, is it? Not really")][-7:-4] == [
        "can",
        "not",
        "sure",
    ]
    assert "isnt" not in [token.plain for token in read("what it is, not what it was")]


@pytest.mark.parametrize("auxiliary", ["can't", "can not", "cannot", "cant", "couldn't", "could not"])
@pytest.mark.parametrize("between", ["", "really ", "even ", "actually "])
def test_what_cannot_be_done_is_no_denial(auxiliary: str, between: str) -> None:
    assert "breathing" in kinds(f"I {auxiliary} {between}breathe")


@pytest.mark.parametrize("denial", ["isn't", "is not", "isnt", "wasn't", "was not"])
def test_a_denial_is_one_however_it_is_written(denial: str) -> None:
    assert kinds(f"it {denial} a stroke") == set()


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "pain in my chest",
        "my chest is in pain",
        "the pain, it is in the chest",
        "chest... pain",
        "My chest. It hurts.",
        "chest pian",
        "presure on the chest",
        "tightness of chest",
    ],
)
def test_words_are_found_in_any_order(text: str) -> None:
    assert kinds(text) == {"heart"}


def test_words_far_from_each_other_do_not_belong_together() -> None:
    assert kinds("My chest is fine. I have pain in my knee.") == set()
    assert kinds("chest x " + "and then something else entirely about the garden " * 3 + "pain") == set()


def test_who_it_is_about_may_stand_anywhere() -> None:
    assert "children" in kinds("My daughter is two years old. We were at the zoo. Now she is floppy.")
    assert "pregnancy" in kinds("I am in my third trimester. Since this morning there is blood.")


@pytest.mark.parametrize(
    "text", ["seisure", "unconcious", "sudden paralisis", "suicidel", "convulsoins", "overdse of pills"]
)
def test_one_slip_in_a_long_word_is_forgiven(text: str) -> None:
    assert assess(text).urgency == HIGH


@pytest.mark.parametrize(
    "text", ["severe acne on my face", "I stubbed my toe", "a certain sadness", "a construction worker's check-up"]
)
def test_a_word_of_its_own_is_no_slip_of_another(text: str) -> None:
    """ "Severe" isn't "severed", nor "stubbed" "stabbed"."""
    assert kinds(text) == set()


@pytest.mark.parametrize("text", ["Cut Nhan", "toi la Cut Nhan, muon dat lich", "ket qua cua minh", "te chan ngoi lau"])
def test_a_short_word_without_accents_is_no_alarm_by_itself(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text", ["bi cut tay", "cut ngon tay", "em muon cua co tay", "te lau", "be roi tu tren lau xuong"]
)
def test_with_its_neighbours_it_is(text: str) -> None:
    assert assess(text).urgency == HIGH


def test_short_words_are_compared_as_they_are() -> None:
    assert kinds("a diet, a fat cat and the chess club") == set()


def test_unaccented_vietnamese_is_no_english() -> None:
    """ "Be" is a child in Vietnamese, and a verb in English."""
    assert assess("be bi sot").child
    assert not assess("I have to be seen").child


@pytest.mark.parametrize(
    ("text", "child"),
    [
        ("my son is 4 years old", True),
        ("my son is 30 years old", False),
        ("con trai tôi 35 tuổi", False),
        ("bé 3 tuổi", True),
    ],
)
def test_a_grown_up_son_is_no_child(text: str, child: bool) -> None:
    assert assess(text).child is child


# --- denials ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain or shortness of breath",
        "without chest pain",
        "I don’t have any chest pain",
        "no pain in my chest or trouble breathing",
        "không đau ngực hay khó thở",
        "ko bị khó thở",
    ],
)
def test_what_is_denied_does_not_count(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no fever but I can't breathe", "breathing"),
        ("no fever i cant breathe", "breathing"),
        ("no, I have chest pain", "heart"),
        ("no cough, chest pain", "heart"),
        ("not breathing", "breathing"),
        ("no breathing", "breathing"),
        ("no painkiller helps my chest pain", "heart"),
        ("no relief from this chest pain", "heart"),
        ("the chest pain does not stop", "heart"),
        ("not just chest pain", "heart"),
        ("not only chest pain", "heart"),
        ("not just chest or arm pain", "heart"),
        ("I'm not sure if it is chest pain", "heart"),
        ("never had chest pain like this", "heart"),
        ("no chest pain like this before", "heart"),
        ("chest pain, no sweating", "heart"),
        ("no pulse", "heart"),
        ("không thở được", "breathing"),
        ("không sốt, đau ngực", "heart"),
        ("không sốt nhưng không thở được", "breathing"),
        ("không hết đau ngực", "heart"),
        ("không chỉ đau ngực", "heart"),
        ("không biết có phải đau ngực", "heart"),
        ("I don't want to live", "self_harm"),
        ("no reason to live", "self_harm"),
    ],
)
def test_a_denial_never_hides_an_emergency(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    ["blood test because I am coughing up blood", "huyết áp cao và ho ra máu", "blood pressure check, tight chest"],
)
def test_a_harmless_word_hides_only_itself(text: str) -> None:
    assert assess(text).urgency == HIGH


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "urgency"), [("a cold", LOW), ("sudden headache", MEDIUM), ("chest pain", HIGH)])
def test_urgency(text: str, urgency: str) -> None:
    assert assess(text).urgency == urgency


def test_first_aid_is_what_suits_everything_that_the_words_show() -> None:
    words = [each.words["en"] for each in assess("chest pain").first_aid]
    assert "Sit down and rest." in words
    both = [each.words["en"] for each in assess("chest pain, and my baby is not breathing").first_aid]
    assert "Sit down and rest." not in both
    assert both[0].startswith("Don't stay alone")


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    assert assess(text).urgency in (LOW, MEDIUM, HIGH)


@given(
    st.lists(
        st.sampled_from(
            [
                "no",
                "không",
                "chest",
                "pain",
                "ngực",
                "đau",
                ",",
                ".",
                "can't",
                "breathe",
                "ﾞ",
                "’",
                "baby",
                "40",
                "or",
                "hay",
            ]
        ),
        max_size=40,
    )
)
def test_no_order_of_words_breaks_it(words: list[str]) -> None:
    assert assess(" ".join(words)).urgency in (LOW, MEDIUM, HIGH)


# --- data files -------------------------------------------------------------------------------------------------------


def test_every_emergency_names_its_source_in_words() -> None:
    for emergency in lexicon().emergencies:
        assert len(emergency.source) > 20
        assert set(emergency.name) == set(LANGUAGES)
    assert all(each.source for each in lexicon().first_aid.values())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the data files, to break one."""
    return Path(shutil.copytree(FOLDER, tmp_path / "data"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("emergencies/heart.toml", "@chest + @pain", "@chset + @pain", "heart.toml: there is no set of words @chset"),
        ("emergencies/heart.toml", "source = ", "sauce = ", "heart.toml: 'source' is missing"),
        ("emergencies/heart.toml", '"rest"', '"rests"', "heart.toml: there is no first aid 'rests'"),
        ("emergencies/heart.toml", '"no pulse"', '"~no pulse"', "heart.toml: '~no pulse' is no rule"),
        ("emergencies/heart.toml", '"no pulse"', '"no pulse + "', "heart.toml: '+' is no word"),
        (
            "emergencies/heart.toml",
            '"no pulse"',
            '"p*"',
            "heart.toml: 'p*' is no word, or too short a beginning of one",
        ),
        ("emergencies/heart.toml", "en = [", "en = [[", "heart.toml can't be read"),
        ("emergencies/heart.toml", "en = [", "en = []\nothers = [", "heart.toml: there is no rule in 'en'"),
        ("emergencies/heart.toml", "source = ", "source = 1 # ", "heart.toml: a source in words is missing"),
        ("words.toml", "[vi]\n", '[vi]\nchest = "ngực"\n', "words.toml: the set chest stands there twice"),
        ("first_aid.toml", "source = ", "saucy = ", "first_aid.toml: 'source' is missing"),
        ("context.toml", "denials = ", "denial = ", "context.toml: 'denials' is missing"),
    ],
)
def test_a_wrong_data_file_is_named_with_its_fault(data: Path, file: str, old: str, new: str, said: str) -> None:
    path = data / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LexiconError) as refusal:
        load(data)
    assert said in str(refusal.value)


def test_without_words_for_self_harm_there_is_no_lexicon(data: Path) -> None:
    (data / "emergencies" / "self_harm.toml").unlink()
    with pytest.raises(LexiconError, match=r"self_harm\.toml is missing"):
        load(data)


def test_the_data_files_are_packaged(root: Path) -> None:
    assert "clinic.triage = data/*.toml, data/emergencies/*.toml" in (root / "setup.cfg").read_text(encoding="utf-8")
