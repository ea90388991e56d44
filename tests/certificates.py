"""Certificates that sign themselves, for an hour."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_HOUR = dt.timedelta(hours=1)


def certificate_of(
    key: ec.EllipticCurvePrivateKey, name: str, extensions: Iterable[x509.ExtensionType] = ()
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _HOUR)
        .not_valid_after(now + _HOUR)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, isinstance(extension, x509.BasicConstraints))
    return builder.sign(key, hashes.SHA256())


def write_pem(
    certificate: x509.Certificate, file: Path, key: ec.EllipticCurvePrivateKey | None = None
) -> Path:
    """With the key before it where there is one."""
    pem = serialization.Encoding.PEM
    secret = b""
    if key:
        private = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(pem, private, serialization.NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(pem))
    return file
