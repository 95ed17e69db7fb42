"""Messages, keys and certificates on disk."""

from pathlib import Path
from typing import TYPE_CHECKING

from foedus.errors import InputError
from foedus.limits import ALERT_BYTES_MAX

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from foedus.formats.signature import Signer


def bytes_of(path: Path) -> bytes:
    """The bytes of a file, one more than ALERT_BYTES_MAX at most; InputError if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(ALERT_BYTES_MAX + 1)
    except OSError as error:
        found = (error.strerror or type(error).__name__).lower()
        raise InputError(where=str(path), found=found, expected="a readable file") from None


def signer_in(key_file: Path, certificate_file: Path) -> "Signer":
    """The key and its certificate."""
    from foedus.formats.signature import signer_of

    return signer_of(
        bytes_of(key_file),
        bytes_of(certificate_file),
        key_file=str(key_file),
        certificate_file=str(certificate_file),
    )


def certificate_in(file: Path) -> "Certificate":
    """The certificate in a file."""
    from foedus.formats.signature import certificate_of

    return certificate_of(bytes_of(file), file=str(file))
