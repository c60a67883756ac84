"""Hashes, signatures, derived keys and tokens as docs/crypto.md says, on the library cryptography."""

import base64
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from canon import Refused

PREFIX = "visavis/v1/"
ZERO_ID, ZERO_HASH = bytes(16), bytes(32)

_PRIME = 2**255 - 19
_SMALL_ORDER = {0, 1, _PRIME - 1} | {
    int.from_bytes(bytes.fromhex(y), "little")
    for y in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}


def require(ok, reason):
    """Refuses unless ok."""
    if not ok:
        raise Refused(reason)


def labelled(label, data):
    return (PREFIX + label).encode() + b"\0" + data


def hash_of(label, *parts):
    return hashlib.sha256(labelled(label, b"".join(parts))).digest()


def mac_of(label, key, data):
    return hmac.new(key, labelled(label, data), hashlib.sha256).digest()


def name_mac(label, key, name):
    """What the server makes of a name under its own key."""
    return hmac.new(key, labelled(label, name.encode()), hashlib.sha512).digest()


def derive(label, secret, context):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=labelled(label, context)).derive(secret)


def check_signing_key(key):
    require(len(key) == 32, "key")
    y = int.from_bytes(key, "little") & ~(1 << 255)
    require(y < _PRIME and y not in _SMALL_ORDER, "key")


def verify(label, key, signature, payload):
    check_signing_key(key)
    require(len(signature) == 64, "format: signature")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, labelled(label, payload))
    except (InvalidSignature, ValueError):
        raise Refused("signature") from None


def public_of(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def parse_token(text):
    """A token's bytes out of its one text."""
    try:
        token = base64.urlsafe_b64decode(text)
    except ValueError:
        raise Refused("token: encoding") from None
    require(base64.urlsafe_b64encode(token).decode() == text, "token: encoding")
    return token


def open_token(token, key):
    """The plaintext of a token's bytes, and its time in seconds. Tokens have no age here."""
    require(73 <= len(token) <= 1 << 20 and (len(token) - 73) % 16 == 0 and token[0] == 0x80, "token: shape")
    require(struct.unpack(">Q", token[1:9])[0] <= 253402300799, "token: time")
    try:
        plain = Fernet(base64.urlsafe_b64encode(key)).decrypt(base64.urlsafe_b64encode(token))
    except InvalidToken:
        raise Refused("token") from None
    return plain, struct.unpack(">Q", token[1:9])[0]


def check_header(payload, label, org=None):
    """Version, type and suite; and the organisation, when it is known already."""
    require(payload.type == label, "format: another type")
    require(payload.version == 1 and payload.suite == 1, "newer")
    require(org is None or payload.org == org, "org")


def check_ext(ext, *known):
    require(all(key % 2 or key in known for key in ext), "newer")
