"""Keys and certificates for the tests of signatures, made anew in every process."""

import functools
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@functools.cache
def key_of(kind):
    if kind == "RSA":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP384R1() if kind == "P-384" else ec.SECP256R1())


def pem_of(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@functools.cache
def certificate_pem(kind, *, last_year=2030):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "invented alerting authority")])
    builder = x509.CertificateBuilder(name, name, key_of(kind).public_key(), 1)
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(last_year, 1, 1, tzinfo=UTC))
    return builder.sign(key_of(kind), SHA256()).public_bytes(Encoding.PEM)
