"""Claims about the people of a member: nobody is two people, and a file holds no secret."""

import hashlib

import pytest

import alpine
from foedus.errors import DocumentError, InputError
from foedus.network import Mode
from foedus.people import (
    SCRYPT_N,
    SCRYPT_P,
    SCRYPT_R,
    check_people,
    is_theirs,
    make_person,
    parse_people,
    people_text,
)
from keys import SECRET, in_mode, people_of

NETWORK = alpine.documents()[0]
PEOPLE = people_of(NETWORK, "CH", "officer-1", "officer-2")
TEXT = people_text(PEOPLE)


def test_a_secret_is_known_again_and_another_is_not() -> None:
    person = PEOPLE.person[0]
    assert is_theirs(person, SECRET)
    assert not is_theirs(person, SECRET + " ")
    assert not is_theirs(person, "")


def test_the_verifier_is_scrypt_by_the_parameters_that_stand_beside_it() -> None:
    person = make_person("officer", "duty officer", SECRET, b"s" * 16, n=32, r=2, p=3)
    expected = hashlib.scrypt(SECRET.encode(), salt=b"s" * 16, n=32, r=2, p=3, dklen=32)
    assert (person.verifier, person.n, person.r, person.p) == (expected.hex(), 32, 2, 3)


def test_new_people_get_the_parameters_of_the_cheat_sheet() -> None:
    assert (SCRYPT_N, SCRYPT_R, SCRYPT_P) == (2**15, 8, 3)
    person = make_person("officer", "duty officer", SECRET, bytes(16))  # the one slow test: a real verifier
    assert (person.n, person.r, person.p) == (2**15, 8, 3)
    assert is_theirs(person, SECRET)


def test_one_secret_in_two_spellings_of_unicode_is_one() -> None:
    person = make_person("officer", "duty officer", "grüezi mitenand", bytes(16), n=16, r=1, p=1)
    assert is_theirs(person, "gru\u0308ezi mitenand")


@pytest.mark.parametrize("secret", ["", "elevenchars", "x" * 257])
def test_a_secret_of_a_wrong_length_is_refused(secret: str) -> None:
    with pytest.raises(InputError, match="expected 12 to 256") as caught:
        make_person("officer", "duty officer", secret, bytes(16), n=16, r=1, p=1)
    assert not secret or secret not in str(caught.value)


def test_people_come_back_from_their_text_and_no_secret_stands_in_it() -> None:
    assert parse_people(TEXT, file="x") == PEOPLE
    assert SECRET not in TEXT


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "officer-2"', 'id = "OFFICER-1"', "person[2].id"),
        ('id = "officer-2"', 'id = "officer 1"', "person[2].id"),
        ("n = 16", "n = 17", "a power of two"),
        ("n = 16", "n = 2097152", "person[1].n"),
        ('mode = "RECORDING"', 'mode = "LIFE"', "one of LIVE, EXERCISE, RECORDING"),
        ('role = "duty officer"', 'role = "duty officer"\nsecret = "x"', "secret"),
    ],
)
def test_a_broken_people_file_is_named_with_its_place(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(DocumentError) as caught:
        parse_people(TEXT.replace(old, new, 1), file="CH.people")
    assert words in str(caught.value)


def test_people_are_of_one_member_and_network() -> None:
    check_people(PEOPLE, NETWORK, "CH", where="x")
    with pytest.raises(InputError, match="people of CH in network alpine; expected FR in network alpine"):
        check_people(PEOPLE, NETWORK, "FR", where="x")
    with pytest.raises(InputError, match="people for RECORDING; expected people for LIVE"):
        check_people(PEOPLE, in_mode(NETWORK, Mode.LIVE), "CH", where="x")
