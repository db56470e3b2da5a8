"""The private key of a Snowflake profile, as the connector wants it."""

from __future__ import annotations

import base64
import binascii
from importlib import import_module

from roo_dbt.errors import WarehouseUnavailable


def private_key(text: str, passphrase: str | None) -> bytes:
    """A key as PKCS 8 without a passphrase, from PEM or from DER in base 64.

    https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect (read 2026-11-22)

    Args:
        text: what the profile has.
        passphrase: of an encrypted key.

    Raises:
        WarehouseUnavailable: it is no key, or the passphrase does not open it.
    """
    serialization = import_module("cryptography.hazmat.primitives.serialization")
    secret = passphrase.encode() if passphrase else None
    try:
        if text.lstrip().startswith("-----BEGIN"):
            key = serialization.load_pem_private_key(text.encode(), secret)
        else:
            key = serialization.load_der_private_key(base64.b64decode(text, validate=True), secret)
    except (ValueError, TypeError, binascii.Error):
        raise WarehouseUnavailable(
            "the private_key of the profile cannot be read.",
            hint="It is PEM or DER in base 64, and private_key_passphrase must open it.",
        ) from None
    made: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made
