"""Claims about seals: the recipient takes what was sealed for it, as it was sealed, and nothing else."""

import hashlib

import msgspec
import pytest

import alpine
from foedus.errors import DocumentError, InputError, SetupError
from foedus.model import SECOND_NS
from foedus.network import Mode
from foedus.node import Node
from foedus.station import Station
from foedus.trust import (
    DOMAIN,
    SEALED_BEFORE_MAX_NS,
    Seal,
    SealCheck,
    Sealer,
    check_key,
    check_root,
    fingerprint,
    key_text,
    make_root,
    parse_key,
    parse_root,
    public_key,
    root_text,
    statement,
)
from foedus.wire import Batch, Received, Tick
from keys import MADE, in_mode, sealers_of, secrets_of, trust_of

NETWORK = alpine.documents()[0]
TRUST = trust_of(NETWORK)
SEALERS = sealers_of(TRUST)
NOW_NS = alpine.START_NS
BODY = b"body"


def sealed(body: bytes = BODY, *, time_ns: int = NOW_NS) -> Received:
    return Received("FR", 7, body, SEALERS["FR"].seal("CH", 7, body, time_ns=time_ns))


def fault(item: Received, member: str = "CH") -> str:
    return SealCheck(NETWORK, member, TRUST.root).fault(item, began_ns=NOW_NS)


def restated(item: Received, **changes: object) -> Received:
    """The message with other words in its seal, as whoever holds no key can write them."""
    seal = msgspec.structs.replace(msgspec.msgpack.decode(item.seal, type=Seal), **changes)
    return msgspec.structs.replace(item, seal=msgspec.msgpack.encode(seal))


def test_what_was_sealed_for_this_member_is_taken() -> None:
    assert fault(sealed()) == ""
    assert fault(sealed(b"")) == ""


def test_the_same_message_gives_the_same_seal() -> None:
    assert sealed().seal == sealed().seal


def test_a_seal_signs_a_domain_of_its_own_and_the_digest_of_the_body() -> None:
    seal = Seal("LIVE", "alpine", "FR", "CH", 7, 9)
    said = ("LIVE", "alpine", "FR", "CH", 7, 9, hashlib.sha256(BODY).digest())
    assert statement(seal, BODY) == DOMAIN + msgspec.msgpack.encode(said)
    assert DOMAIN == b"foedus seal 1\x00"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Received("FR", 7, BODY), "no seal; this node runs RECORDING and takes sealed messages only"),
        (Received("FR", 7, BODY, b"\xc1"), "a seal that cannot be read"),
        (Received("FR", 7, BODY, bytes(72)), "a seal that cannot be read"),
        (restated(sealed(), mode="LIVE"), "sealed for LIVE, this node runs RECORDING"),
        (restated(sealed(), mode="a very long word that fills a log"), "a seal that cannot be read"),
        (restated(sealed(), network="gulf"), "sealed for network gulf, this is alpine"),
        (msgspec.structs.replace(sealed(), sender="DE"), "sealed by FR, but sent as if by DE"),
        (msgspec.structs.replace(sealed(), sequence=8), "sealed under another sequence number"),
        (
            msgspec.structs.replace(sealed(), body=b"bodY"),
            "the seal does not fit: it is altered, or not made",
        ),
        (restated(sealed(), signature=bytes(64)), "with FR's RECORDING key"),
        (restated(sealed(), signature=b""), "the seal does not fit"),
        (
            restated(msgspec.structs.replace(sealed(), sender="DE"), sender="DE"),
            "not made with DE's RECORDING key",
        ),
        (
            restated(msgspec.structs.replace(sealed(), sequence=8), sequence=8),
            "the seal does not fit",
        ),
        (restated(sealed(), time_ns=NOW_NS + 1), "the seal does not fit"),
    ],
)
def test_whatever_is_not_as_it_was_sealed_is_refused_with_the_words_that_say_so(
    item: Received, words: str
) -> None:
    assert words in fault(item)


def test_a_message_for_one_member_is_refused_by_another() -> None:
    assert fault(sealed(), "DE") == "sealed for CH, not for DE"
    assert "the seal does not fit" in fault(restated(sealed(), recipient="DE"), "DE")


def test_what_was_sealed_before_the_journal_began_is_an_old_message_sent_again() -> None:
    oldest_ns = NOW_NS - SEALED_BEFORE_MAX_NS
    assert fault(sealed(time_ns=oldest_ns)) == ""
    assert "an old message, sent again" in fault(sealed(time_ns=oldest_ns - 1))
    # A clock that is fast costs nobody a warning: only what came before can be a replay.
    assert fault(sealed(time_ns=NOW_NS + 3_600 * SECOND_NS)) == ""


def test_a_forged_sequence_does_not_shut_out_the_messages_that_follow() -> None:
    node = Node(NETWORK, alpine.documents()[1], "CH", root=TRUST.root)
    forged = Received("FR", 1_000_000, BODY, b"\xc1")
    node.step(Batch(NOW_NS, (forged, sealed())))
    ((_, first), (_, second)) = node.refused
    assert first == "a seal that cannot be read"
    assert second.startswith("message from FR")  # the sealed one was opened; its body is no message


# ------------------------------------------------------------------------------------------ whole plays


@pytest.fixture(scope="module")
def plain() -> alpine.Run:
    return alpine.run(alpine.chunks(40), 40)


def test_sealing_changes_nothing_but_the_seal(plain: alpine.Run) -> None:
    network, pact, _ = alpine.documents()
    stations = {
        entry.id: Station(Node(network, pact, entry.id, root=TRUST.root), pact) for entry in network.member
    }
    run = alpine.run(alpine.chunks(40), 40, stations=stations, sealers=SEALERS)
    assert all(station.node.refused == {} for station in stations.values())
    assert [(one.sender, one.recipient, one.body) for one in run.sent] == [
        (one.sender, one.recipient, one.body) for one in plain.sent
    ]
    for member in stations:
        assert run.records[member][-1].effects == plain.records[member][-1].effects


def test_a_node_that_asks_for_seals_takes_nothing_of_a_play_without_them(plain: alpine.Run) -> None:
    node = Node(NETWORK, alpine.documents()[1], "CH", root=TRUST.root)
    items = tuple(Received(one.sender, one.sequence, one.body) for one in plain.stream("CH")[:5])
    node.step(Batch(NOW_NS, (*items, Tick())))
    assert sum(node.refused.values()) == len(items)
    assert len(node.view().picture.number) == 0


def test_a_node_without_a_root_takes_nothing_that_is_sealed() -> None:
    assert SealCheck(NETWORK, "CH", None).fault(sealed(), began_ns=0) == (
        "sealed, but this node has no trust root to check it by"
    )
    assert SealCheck(NETWORK, "CH", None).fault(Received("FR", 1, BODY), began_ns=0) == ""


def test_a_live_node_without_a_root_is_not_made() -> None:
    with pytest.raises(SetupError, match=r"needs a trust root: make one with `foedus trust new"):
        Node(in_mode(NETWORK, Mode.LIVE), alpine.documents()[1], "CH")


# ------------------------------------------------------------------------------------------ documents


def test_a_root_and_a_key_come_back_from_their_texts() -> None:
    assert parse_root(root_text(TRUST.root), file="x") == TRUST.root
    secret = TRUST.secrets["CH"]
    assert parse_key(key_text(secret), file="x") == secret
    quoted = msgspec.structs.replace(TRUST.root, by='the "white cell" \\ é\n')
    assert parse_root(root_text(quoted), file="x") == quoted


def test_a_root_holds_no_secret_and_a_key_does_not_print_its_own() -> None:
    secret = TRUST.secrets["CH"]
    assert secret.secret not in TRUST.text
    assert secret.secret not in repr(secret) + str(secret)
    assert repr(secret) == "SecretKey(CH in alpine, RECORDING)"


def test_the_key_is_that_of_rfc_8032_section_7_1_test_1() -> None:
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    secret = msgspec.structs.replace(TRUST.secrets["CH"], secret=seed)
    assert public_key(secret) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    digest = hashlib.sha256(bytes.fromhex(public_key(secret))).hexdigest()
    assert fingerprint(public_key(secret)).replace("-", "") == digest[:32]


FIRST = TRUST.root.party[0]
OTHER = TRUST.root.party[1]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (f'fingerprint = "{FIRST.fingerprint}"', 'fingerprint = "0000"', "that of its key"),
        (FIRST.key, FIRST.key[:-1], "party[1].key"),
        (f'key = "{OTHER.key}"', f'key = "{FIRST.key}"', "a key of its own for each party"),
        (f'id = "{OTHER.id}"', f'id = "{FIRST.id}"', "one key of each party"),
        ('mode = "RECORDING"', 'mode = "recording"', "one of LIVE, EXERCISE, RECORDING"),
        ("foedus_trust = 1", "foedus_trust = 2", "foedus_trust"),
        ("foedus_trust = 1", "foedus_trust = 1\nextra = 1", "extra"),
        ('by = "tests"', 'by = ""', "by"),
    ],
)
def test_a_broken_root_is_named_with_its_place(old: str, new: str, words: str) -> None:
    assert old in TRUST.text
    with pytest.raises(DocumentError) as caught:
        parse_root(TRUST.text.replace(old, new, 1), file="alpine.RECORDING.trust")
    assert words in str(caught.value)
    assert str(caught.value).startswith("alpine.RECORDING.trust:")


@pytest.mark.parametrize("cut", [1, 63])
def test_a_broken_key_is_told_without_a_digit_of_it(cut: int) -> None:
    secret = TRUST.secrets["CH"]
    text = key_text(secret).replace(secret.secret, secret.secret[:cut] + "?")
    with pytest.raises(DocumentError, match="64 hexadecimal digits") as caught:
        parse_key(text, file="CH.key")
    assert secret.secret[: max(cut, 8)] not in str(caught.value)


def test_a_root_must_have_a_key_of_each_member_and_of_nobody_else() -> None:
    fewer = make_root(NETWORK, secrets_of(NETWORK)[1:], made=MADE, by="tests")
    with pytest.raises(InputError, match="one of each member: CH, DE, FR, HUB, IT"):
        check_root(fewer, NETWORK, where="root")
    with pytest.raises(InputError, match="a trust root of network alpine; expected one of network gulf"):
        check_root(TRUST.root, msgspec.structs.replace(NETWORK, network="gulf"), where="root")


def test_a_key_must_be_its_members_and_the_one_in_the_root() -> None:
    with pytest.raises(InputError, match="the key of FR in network alpine; expected that of CH"):
        check_key(TRUST.secrets["FR"], TRUST.root, "CH", where="key")
    other = {one.member: one for one in secrets_of(NETWORK, "another")}["CH"]
    with pytest.raises(InputError, match="another key; expected the key that the trust root names for CH"):
        check_key(other, TRUST.root, "CH", where="key")
    assert Sealer(other).key != Sealer(TRUST.secrets["CH"]).key
