"""Secrets that have to be written down: sealed by a key that is made from a secret which stands nowhere else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from os import urandom

_NONCE = 12


def key_of(secret: str, purpose: str) -> bytes:
    """A key from a secret of the environment (HKDF of RFC 5869 with SHA-256), another one for each purpose."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=b"kpi-bot", info=purpose.encode()).derive(secret.encode())


def sealed(text: str, key: bytes, name: str) -> str:
    """A text that nobody reads or changes without the key (AES-256 in GCM), bound to a name."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = urandom(_NONCE)
    return urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), name.encode())).decode()


def unsealed(text: str, key: bytes, name: str) -> str | None:
    """What was sealed; None where it was sealed by another key, for another name, or was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        data = urlsafe_b64decode(text)
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], name.encode()).decode()
    except (InvalidTag, ValueError):
        return None
