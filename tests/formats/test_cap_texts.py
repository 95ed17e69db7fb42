"""Every language says everything, with the same placeholders, short enough, and in the right direction."""

import string
import unicodedata

import msgspec
import pytest
from cap_parts import LANGUAGES, NOW_NS, alert

from foedus.document import parse_document
from foedus.errors import DocumentError
from foedus.formats import texts
from foedus.formats.texts import SHORT_CHARACTERS_MAX, Texts, load_texts, short
from foedus.model import SECOND_NS
from foedus.network import Language

ISOLATES = "\u2066\u2067\u2068"
END = "\u2069"


def leaves(value, path=()):
    """(path, text) of every text of a language."""
    if isinstance(value, str):
        yield path, value
    else:
        for name in value.__struct_fields__:
            yield from leaves(getattr(value, name), (*path, name))


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_the_languages_are_those_that_a_network_file_may_name():
    assert texts.LANGUAGES == LANGUAGES == Language.__args__
    assert [load_texts(language).tag for language in LANGUAGES] == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_placeholders_of_english_and_no_empty_text(language):
    english = {path: placeholders(text) for path, text in leaves(load_texts("en"))}
    own = {path: placeholders(text) for path, text in leaves(load_texts(language))}
    assert own == english
    assert [path for path, text in leaves(load_texts(language)) if not text.strip()] == []


def test_no_two_languages_say_the_same_and_no_text_was_left_in_english():
    english = dict(leaves(load_texts("en")))
    same = [
        (language, path)
        for language in LANGUAGES
        for path, text in leaves(load_texts(language))
        if language != "en" and text == english[path] and path not in (("direction",), ("track_class", "uas"))
    ]
    assert same == [("de", ("mode", "RECORDING")), ("it", ("line", "area"))]  # the words are the same


def test_a_language_file_with_a_key_too_few_or_too_many_is_refused():
    english = msgspec.to_builtins(load_texts("en"))
    english["instruction"].pop("over")
    with pytest.raises(DocumentError, match="over"):
        parse_document(toml_of(english), Texts, file="xx.toml")
    english["instruction"].update(over="x", evacuate="x")
    with pytest.raises(DocumentError, match="evacuate"):
        parse_document(toml_of(english), Texts, file="xx.toml")


def toml_of(tables):
    plain = "".join(f'{key} = "{value}"\n' for key, value in tables.items() if isinstance(value, str))
    return plain + "".join(
        f"[{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in table.items())
        for name, table in tables.items()
        if isinstance(table, dict)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_message_fits_whatever_the_zone_is_called(language):
    words = load_texts(language)
    name = "The United Federation of Islands Beyond the Sea (" + "Z" * 24 + ")"
    for state, left_s in (
        ("raised", 60),
        ("raised", -60),
        ("downgraded", 60),
        ("cancelled", 60),
        ("expired", 60),
    ):
        for kind in words.track_class.__struct_fields__:
            one = alert(
                state=state, track_class=kind, entry_ns=NOW_NS + left_s * SECOND_NS, area_name=name,
            )  # fmt: skip
            one = msgspec.structs.replace(one, area=msgspec.structs.replace(one.area, zone="Z" * 24))
            said = short(one, words)
            assert len(said) <= SHORT_CHARACTERS_MAX
            assert "Z" * 24 in said
            if state == "raised":
                assert getattr(words.track_class, kind) in said
                assert left_s < 0 or "10:01 UTC" in said


def test_the_short_message_tells_area_class_and_time():
    assert short(alert(), load_texts("en")) == "Aland (Z-AA): unidentified aircraft, about 10:10 UTC"


@pytest.mark.parametrize("language", ["ar", "he"])
def test_what_stands_in_a_text_from_right_to_left_is_isolated(language):
    words = load_texts(language)
    one = alert(mode="EXERCISE")
    for said in (
        texts.headline(one, words), texts.full(one, words), texts.instruction(one, words, shelter_now=True)
    ):  # fmt: skip
        depth = 0
        for character in said:
            depth += (character in ISOLATES) - (character == END)
            assert depth in (0, 1)
            assert depth or not (character.isascii() and character.isalpha()), said
        assert depth == 0
    assert "\u206610:10 UTC\u2069" in texts.headline(one, words)
    assert "\u2068Aland (Z-AA)\u2069" in texts.headline(one, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_plain_letters_without_presentation_forms_or_marks_of_direction(language):
    for path, text in leaves(load_texts(language)):
        assert unicodedata.normalize("NFC", text) == text, path
        assert not any("\ufb1d" <= c <= "\ufdff" or "\ufe70" <= c <= "\ufeff" for c in text), path
        assert not any(unicodedata.category(c) == "Cf" for c in text), path


def test_reasons_are_told_in_the_language_and_unknown_words_are_left_to_machines():
    said = texts.full(alert(), load_texts("de"))
    assert "Gründe: es fliegt auf das Gebiet zu; es fliegt tief und langsam." in said
    detail = alert().warning.detail
    only = msgspec.structs.replace(detail, reasons=("never_heard_of",))
    assert "never_heard_of" not in texts.full(alert(detail=only), load_texts("en"))
    assert "Reasons" not in texts.full(alert(detail=only), load_texts("en"))


def test_a_recording_tells_nobody_to_take_cover_and_an_exercise_says_who_is_meant():
    words = load_texts("en")
    recording = texts.instruction(alert(mode="RECORDING"), words, shelter_now=True)
    assert recording == "TEST TEST TEST - This is a test of invented with recorded data. Do nothing."
    exercise = texts.instruction(alert(mode="EXERCISE"), words, shelter_now=True).splitlines()
    assert exercise[0].startswith("EXERCISE EXERCISE EXERCISE - This is exercise invented. Only those who")
    live = texts.instruction(alert(mode="LIVE"), words, shelter_now=True).splitlines()
    assert live == exercise[1:] == [
        "Take cover indoors now.", "Stay away from windows.", "Follow the instructions of the authorities.",
    ]  # fmt: skip
