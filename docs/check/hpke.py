"""HPKE (RFC 9180), base mode, one message a context: MLKEM768-X25519, HKDF-SHA256, AES-256-GCM, no associated data."""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import mlkem
from canon import Refused

_SUITE = b"HPKE" + bytes.fromhex("647a" "0001" "0002")
_ENC = mlkem.CT + 32


def raw(public):
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _keys(seed):
    wide = hashlib.shake_256(seed).digest(96)
    ek, dk = mlkem.generate(wide[:32], wide[32:64])
    return ek, dk, X25519PrivateKey.from_private_bytes(wide[64:])


def public_key(seed):
    """The 1,216 bytes that others seal to, of a seed of 32."""
    ek, _, x = _keys(seed)
    return ek + raw(x.public_key())


def seal(public, info, plain, random):
    """enc ‖ ciphertext; random gives so many bytes."""
    ek, peer = public[:mlkem.EK], public[mlkem.EK:]
    own = X25519PrivateKey.from_private_bytes(random(32))
    shared, c = mlkem.encapsulate(ek, random(32))
    enc = c + raw(own.public_key())
    key, nonce = _schedule(_combine(shared, own.exchange(X25519PublicKey.from_public_bytes(peer)), enc[mlkem.CT:], peer), info)
    return enc + AESGCM(key).encrypt(nonce, plain, b"")


def open_sealed(seed, info, sealed):
    _, dk, x = _keys(seed)
    enc = sealed[:_ENC]
    if len(enc) != _ENC:
        raise Refused("box")
    shared = mlkem.decapsulate(dk, enc[:mlkem.CT])
    peer = enc[mlkem.CT:]
    key, nonce = _schedule(_combine(shared, x.exchange(X25519PublicKey.from_public_bytes(peer)), peer, raw(x.public_key())), info)
    try:
        return AESGCM(key).decrypt(nonce, sealed[_ENC:], b"")
    except InvalidTag:
        raise Refused("box") from None


def _combine(shared, other, peer, public):
    return hashlib.sha3_256(shared + other + peer + public + b"\\.//^\\").digest()


def _schedule(shared, info):
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    secret = _extract(shared, b"secret", b"")
    return _expand(secret, b"key", context, 32), _expand(secret, b"base_nonce", context, 12)


def _extract(salt, label, material):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + _SUITE + label + material, hashlib.sha256).digest()


def _expand(secret, label, info, length):
    data = length.to_bytes(2, "big") + b"HPKE-v1" + _SUITE + label + info
    return hmac.new(secret, data + b"\1", hashlib.sha256).digest()[:length]
