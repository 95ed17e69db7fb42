"""An enveloped XML signature in a CAP message (W3C XML Signature Syntax and Processing 1.1), made or checked.

Our messages are canonical as written (markup.py), so the bytes in the file are the bytes that are signed, and
no canonicaliser stands between. Checking takes signatures of exactly this form: one reference to the whole
document, one signature, at its end. What has another form is refused unread, which leaves no room for
wrapping. SHA-256 with RSA (PKCS #1 v1.5) or ECDSA on P-256, as the key is; both give the same bytes
each time.
"""

import base64
import hashlib
from typing import Final, NamedTuple
from xml.etree import ElementTree

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from foedus.errors import InputError
from foedus.formats.alert import utc
from foedus.formats.markup import DECLARATION

RSA_BITS_MIN: Final = 2048
"""NIST SP 800-131A revision 2, table 2: less is disallowed for signatures."""

P256_BYTES: Final = 32

_DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_OPEN: Final = f'<Signature xmlns="{_DSIG}">'.encode()
_END: Final = b"</alert>\n"
_METHOD: Final = {
    "RSA": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ECDSA": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}


class Signer(NamedTuple):
    """A private key and the certificate of its public half."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def signer_of(key_pem: bytes, certificate_pem: bytes, *, key_file: str, certificate_file: str) -> Signer:
    """The signer in two PEM texts; InputError for keys of another kind or a certificate of another key."""
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            where=key_file, found=f"no key ({error})", expected="a private key in PEM, not encrypted"
        ) from None
    certificate = certificate_of(certificate_pem, file=certificate_file)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise InputError(where=key_file, found=type(key).__name__, expected="an RSA key or one on P-256")
    _check_kind(key.public_key(), key_file)
    if _bytes_of(key.public_key()) != _bytes_of(_public_key(certificate, certificate_file)):
        raise InputError(
            where=certificate_file, found="a certificate of another key", expected=f"one of {key_file}"
        )
    return Signer(key, certificate)


def certificate_of(certificate_pem: bytes, *, file: str) -> x509.Certificate:
    """The certificate in a PEM text, whose key is of a kind that signs messages."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise InputError(where=file, found=f"no certificate ({error})", expected="one in PEM") from None
    _public_key(certificate, file)
    return certificate


_PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


def _public_key(certificate: x509.Certificate, file: str) -> _PublicKey:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise InputError(where=file, found=type(key).__name__, expected="an RSA key or one on P-256")
    _check_kind(key, file)
    return key


def _check_kind(key: _PublicKey, file: str) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < RSA_BITS_MIN:
            raise InputError(
                where=file, found=f"an RSA key of {key.key_size} bits", expected=f"{RSA_BITS_MIN} or more"
            )
    elif not isinstance(key.curve, ec.SECP256R1):
        raise InputError(where=file, found=f"a key on {key.curve.name}", expected="one on P-256")


def _bytes_of(key: _PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


# ---------------------------------------------------------------- making


def sign(message: bytes, signer: Signer) -> bytes:
    """The message of write_cap with a signature as the last child of its root."""
    assert message.startswith(DECLARATION)
    assert message.endswith(_END)
    assert _OPEN not in message
    kind = "RSA" if isinstance(signer.key, rsa.RSAPrivateKey) else "ECDSA"
    info = _signed_info(message, kind)
    if isinstance(signer.key, rsa.RSAPrivateKey):
        value = signer.key.sign(info, padding.PKCS1v15(), SHA256())
    else:
        both = signer.key.sign(info, ec.ECDSA(SHA256(), deterministic_signing=True))  # RFC 6979
        value = b"".join(part.to_bytes(P256_BYTES, "big") for part in decode_dss_signature(both))
    block = _block(info, value, signer.certificate.public_bytes(Encoding.DER))
    return message.removesuffix(_END) + block + _END


def _signed_info(message: bytes, kind: str) -> bytes:
    """What is signed, canonical: how the message is digested, and its digest."""
    canonical = message.removeprefix(DECLARATION).removesuffix(b"\n")
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    return (
        f'<SignedInfo xmlns="{_DSIG}">'
        f'<CanonicalizationMethod Algorithm="{exclusive}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{_METHOD[kind]}"></SignatureMethod>'
        '<Reference URI=""><Transforms>'
        f'<Transform Algorithm="{_DSIG}enveloped-signature"></Transform>'
        f'<Transform Algorithm="{exclusive}"></Transform>'
        "</Transforms>"
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
        f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    ).encode()


def _block(info: bytes, value: bytes, certificate: bytes) -> bytes:
    """The Signature element; inside it SignedInfo needs no namespace of its own."""
    inner = info.replace(f' xmlns="{_DSIG}"'.encode(), b"", 1)
    return (
        _OPEN
        + inner
        + b"<SignatureValue>" + base64.b64encode(value) + b"</SignatureValue>"
        + b"<KeyInfo><X509Data><X509Certificate>" + base64.b64encode(certificate)
        + b"</X509Certificate></X509Data></KeyInfo></Signature>"
    )  # fmt: skip


# ---------------------------------------------------------------- checking


def check_signature(signed: bytes, certificate: x509.Certificate, *, now_ns: int, where: str) -> bytes:
    """The message without its signature, once that holds; InputError with the reason why it does not.

    The certificate is the one that the reader trusts for this sender; that in the message counts for nothing.
    """
    before, opened, rest = signed.partition(_OPEN)
    if not opened:
        raise InputError(where=where, found="no signature", expected="one of the form that foedus makes")
    inner, closed, tail = rest.partition(b"</Signature>")
    if not closed or tail != _END or not before.startswith(DECLARATION):
        raise _another_form(where)
    message = before + _END
    _check_canonical(message, where)
    key = _public_key(certificate, where)
    info = _signed_info(message, "RSA" if isinstance(key, rsa.RSAPublicKey) else "ECDSA")
    value = _between(inner, b"<SignatureValue>", b"</SignatureValue>", where)
    given = _between(inner, b"<X509Certificate>", b"</X509Certificate>", where)
    if given != certificate.public_bytes(Encoding.DER):
        raise InputError(where=where, found="the certificate of somebody else", expected="the one trusted")
    _check_time(certificate, now_ns, where)
    if _OPEN + inner + closed != _block(info, value, given):
        raise InputError(
            where=where, found="altered content, or a signature of another form", expected="what was signed"
        )
    _check_value(key, value, info, where)
    return message


def _check_value(key: _PublicKey, value: bytes, info: bytes, where: str) -> None:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, info, padding.PKCS1v15(), SHA256())
        else:
            if len(value) != 2 * P256_BYTES:
                raise InvalidSignature
            both = (value[:P256_BYTES], value[P256_BYTES:])
            key.verify(
                encode_dss_signature(*[int.from_bytes(part, "big") for part in both]),
                info,
                ec.ECDSA(SHA256()),
            )
    except InvalidSignature:
        raise InputError(
            where=where, found="a signature by another key", expected="one by the key of the certificate"
        ) from None


def _check_canonical(message: bytes, where: str) -> None:
    """That the bytes are what any canonicaliser would make of them: else a reader might see another text."""
    canonical = message.removeprefix(DECLARATION).removesuffix(b"\n")
    if b"<!" in canonical:  # a declaration, a comment or a CDATA section: none of ours
        raise _another_form(where)
    try:
        same = ElementTree.canonicalize(canonical.decode(), with_comments=True).encode() == canonical
    except (ElementTree.ParseError, UnicodeDecodeError):
        same = False
    if not same:
        raise _another_form(where)


def _check_time(certificate: x509.Certificate, now_ns: int, where: str) -> None:
    now, begin, end = utc(now_ns), certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin <= now <= end:
        raise InputError(
            where=where, found=f"a certificate from {begin} to {end}", expected=f"one that is valid at {now}"
        )


def _between(data: bytes, opening: bytes, closing: bytes, where: str) -> bytes:
    """The base64 text between two tags."""
    _, _, rest = data.partition(opening)
    text, closed, _ = rest.partition(closing)
    try:
        if closed:
            return base64.b64decode(text, validate=True)
    except ValueError:
        pass
    raise _another_form(where)


def _another_form(where: str) -> InputError:
    return InputError(
        where=where,
        found="a signature of another form",
        expected="the form that foedus makes; see its manual",
    )
