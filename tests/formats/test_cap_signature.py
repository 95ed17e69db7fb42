"""A signature of ours is verified by another program, and holds for exactly what was signed."""

import functools

import pytest
from cap_parts import LANGUAGES, NOW_NS, alert, check_schema
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from lxml import etree
from signxml import XMLVerifier
from signxml.exceptions import InvalidInput, InvalidSignature

from cap_keys import certificate_pem, key_of, pem_of
from foedus.errors import InputError
from foedus.formats.cap import write_cap
from foedus.formats.cap_read import parse_cap
from foedus.formats.markup import DECLARATION
from foedus.formats.signature import certificate_of, check_signature, sign, signer_of

MESSAGE = write_cap(alert(languages=LANGUAGES, clause='W1 & <"> \r\n\t ]]>'))


def certificate(kind, **more):
    return certificate_of(certificate_pem(kind, **more), file="c.pem")


@functools.cache
def signed(kind):
    signer = signer_of(
        pem_of(key_of(kind)), certificate_pem(kind), key_file="k.pem", certificate_file="c.pem"
    )
    assert sign(MESSAGE, signer) == sign(MESSAGE, signer)
    return sign(MESSAGE, signer)


def check(data, kind, **more):
    return check_signature(data, certificate(kind, **more), now_ns=NOW_NS, where="test")


def test_what_is_written_is_its_own_exclusive_canonical_form():
    root = etree.fromstring(MESSAGE)
    canonical = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    assert DECLARATION + canonical + b"\n" == MESSAGE


@pytest.mark.parametrize("kind", ["RSA", "P-256"])
def test_another_program_verifies_our_signature(kind):
    verified = XMLVerifier().verify(signed(kind), x509_cert=certificate(kind))
    assert verified.signed_xml.tag.endswith("}alert")
    assert verified.signed_data + b"\n" == MESSAGE.removeprefix(DECLARATION)
    check_schema(signed(kind))
    assert parse_cap(signed(kind), where="test").signed
    assert check(signed(kind), kind) == MESSAGE


@pytest.mark.parametrize("kind", ["RSA", "P-256"])
@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"<status>Exercise<", b"<status>Actual<"),
        (b"<urgency>Immediate<", b"<urgency>Past<"),
        (b"<polygon>46,8 ", b"<polygon>46,7 "),
        (b"10:00:00-00:00", b"10:00:01-00:00"),
    ],
)
def test_a_signature_over_altered_content_fails_here_and_there(kind, was, becomes):
    assert was in MESSAGE
    altered = signed(kind).replace(was, becomes, 1)
    with pytest.raises(InputError, match="altered content"):
        check(altered, kind)
    with pytest.raises(InvalidSignature):
        XMLVerifier().verify(altered, x509_cert=certificate(kind))


def test_a_signature_by_another_key_or_of_another_certificate_fails():
    other = ec.generate_private_key(ec.SECP256R1())
    signer = signer_of(
        pem_of(key_of("P-256")), certificate_pem("P-256"), key_file="k", certificate_file="c"
    )._replace(key=other)
    forged = sign(MESSAGE, signer)
    with pytest.raises(InputError, match="a signature by another key"):
        check(forged, "P-256")
    with pytest.raises((InvalidSignature, InvalidInput)):
        XMLVerifier().verify(forged, x509_cert=certificate("P-256"))
    with pytest.raises(InputError, match="the certificate of somebody else"):
        check(signed("RSA"), "P-256")


def test_a_certificate_counts_only_while_it_is_valid():
    old = certificate_pem("P-256", last_year=2025)
    signer = signer_of(pem_of(key_of("P-256")), old, key_file="k", certificate_file="c")
    late = sign(MESSAGE, signer)
    with pytest.raises(InputError, match="expected one that is valid at 2026-11-30"):
        check(late, "P-256", last_year=2025)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: MESSAGE, "no signature"),
        (lambda data: data + b" ", "another form"),
        (lambda data: data.replace(b"  <status>", b"  <!-- x --><status>"), "another form"),
        (lambda data: data.replace(b"<note>", b"<note><![CDATA[x]]>"), "another form"),
        (lambda data: data.replace(b"\n  <status>", b"\r\n  <status>"), "another form"),
        (lambda data: data.replace(b"<status>", b'<status a="1">'), "altered content"),
        (lambda data: data.replace(b"<SignatureValue>", b"<SignatureValue>*"), "another form"),
        (lambda data: data.replace(b'URI=""', b'URI="#x"'), "another form"),
        (lambda data: data.replace(b"#enveloped-signature", b"#base64"), "another form"),
        (lambda data: data.replace(b"<Transforms>", b"<Transforms><Transform/>"), "another form"),
        (lambda data: data.replace(b"</Signature>", b"</Signature><Signature/>"), "another form"),
        (lambda data: data[:-60], "another form"),
    ],
)
def test_a_signature_of_another_form_is_refused(spoil, words):
    with pytest.raises(InputError, match=words):
        check(spoil(signed("P-256")), "P-256")


def test_a_key_that_does_not_fit_is_refused_with_its_file():
    good = certificate_pem("P-256")
    weak = rsa.generate_private_key(65537, 1024)
    for key, words in (
        (b"nothing", "no key"),
        (pem_of(ed25519.Ed25519PrivateKey.generate()), "Ed25519PrivateKey"),
        (pem_of(weak), "an RSA key of 1024 bits"),
        (pem_of(key_of("P-384")), "a key on secp384r1"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            signer_of(key, good, key_file="k.pem", certificate_file="c.pem")
        assert caught.value.where == "k.pem"
    with pytest.raises(InputError, match="a certificate of another key"):
        signer_of(pem_of(key_of("RSA")), good, key_file="k.pem", certificate_file="c.pem")
    with pytest.raises(InputError, match="no certificate"):
        certificate_of(b"nothing", file="c.pem")
