"""What the network file says about a member's own people, and what holds where it says nothing."""

import msgspec
import pytest

import alpine
from foedus.cli.cap_journal import areas_of, issuer_of
from foedus.errors import DocumentError
from foedus.formats.alert import Area, Issuer
from foedus.network import parse_network


def test_a_member_speaks_in_its_languages_and_restricted_unless_it_says_otherwise() -> None:
    network, _, _ = alpine.documents()
    assert issuer_of(network, "CH") == Issuer(
        network="alpine", mode="RECORDING", member="CH", name="Switzerland", sender="ch@alpine.invalid",
        languages=("de", "fr", "it", "en"), public=False,
    )  # fmt: skip
    assert issuer_of(network, "HUB").languages == ("en",)
    (swiss, *_) = network.member
    named = msgspec.structs.replace(swiss, cap_sender="alerts@example.org", cap_public=True)
    issuer = issuer_of(msgspec.structs.replace(network, member=(named,)), "CH")
    assert (issuer.sender, issuer.public) == ("alerts@example.org", True)


def test_an_area_has_the_name_of_its_owner_and_its_zone() -> None:
    _, pact, _ = alpine.documents()
    areas = {area.zone: area for area in areas_of(pact)}
    assert areas["FR-RESERVED"].name == "France (FR-RESERVED)"
    assert areas["ALPS"] == Area(
        zone="ALPS", name="ALPS", polygon=((45.5, 7.0), (45.5, 10.4), (46.9, 10.4), (46.9, 7.0))
    )


@pytest.mark.parametrize(
    ("setting", "found", "expected"),
    [
        ('languages = ["de", "de"]', "'de' a second time", "each language once"),
        ('languages = ["nl"]', "nl", "de"),
        ("languages = []", "", "at least 1|one"),
        ('languages = ["de"]\ncap_sender = "a b"', "a b", "text that matches"),
        ('languages = ["de"]\ncap_sender = "a,b"', "a,b", "text that matches"),
        ('languages = ["de"]\ncap_public = "yes"', "yes", "true"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_settings_is_told_with_its_place(setting: str, found: str, expected: str) -> None:
    _, _, texts = alpine.documents()
    text = texts.network_text.replace('languages = ["de"]', setting)
    assert text != texts.network_text or setting == 'languages = ["de"]'
    with pytest.raises(DocumentError, match=expected) as caught:
        parse_network(text, file="alpine.toml")
    assert "member[3]" in caught.value.path
    assert found in caught.value.found
