"""OPAQUE (RFC 9807), the client's side: ristretto255-SHA512, HKDF-SHA-512, HMAC-SHA-512, Argon2id out of the system's libargon2."""

import ctypes
import hashlib
import hmac

import ristretto
from canon import Refused

_GROUP = b"OPRFV1-\0-ristretto255-SHA512"
SUITE, TIME, MEMORY, LANES = 1, 3, 65536, 4


def _argon2():
    library = ctypes.CDLL("libargon2.so.1")
    library.argon2id_hash_raw.argtypes = [ctypes.c_uint32] * 3 + [ctypes.c_char_p, ctypes.c_size_t] * 3
    return library.argon2id_hash_raw


def stretch(secret, salt, length, time, memory, lanes):
    out = ctypes.create_string_buffer(length)
    if _argon2()(time, memory, lanes, secret, len(secret), salt, len(salt), out, length) != 0:
        raise Refused("argon2")
    return out.raw


def _with_length(data):
    return len(data).to_bytes(2, "big") + data


def _mac(key, data):
    return hmac.new(key, data, hashlib.sha512).digest()


def _extract(material):
    return _mac(bytes(64), material)


def _expand(key, info, length):
    out, block = b"", b""
    while len(out) < length:
        block = _mac(key, block + info + bytes([len(out) // 64 + 1]))
        out += block
    return out[:length]


def _derive(secret, label, context=b""):
    label = b"OPAQUE-" + label
    return _expand(secret, b"\0\x40" + bytes([len(label)]) + label + bytes([len(context)]) + context, 64)


def _scalar(random):
    return int.from_bytes(random(64), "little") % ristretto.ORDER


def _key_pair(seed):
    info = b"OPAQUE-DeriveDiffieHellmanKeyPair"
    secret = ristretto.hash_to_scalar(seed + _with_length(info) + b"\0", b"DeriveKeyPair" + _GROUP)
    return secret, ristretto.encode(ristretto.times(secret, ristretto.BASE))


class Password:
    """One exchange: the password as typed, its blind, and what the server answered."""

    def __init__(self, password, server, client, context, random):
        self._password, self._server, self._client, self._context, self._random = password.encode(), server, client, context, random
        self._blind = _scalar(random)
        self.request = ristretto.encode(ristretto.times(self._blind, ristretto.hash_to_group(self._password, b"HashToGroup-" + _GROUP)))

    def _randomized(self, evaluated, params):
        suite, (time, memory, lanes) = params
        if (suite, time, memory, lanes) != (SUITE, TIME, MEMORY, LANES):
            raise Refused("parameters of the password")
        element = ristretto.encode(ristretto.times(pow(self._blind, -1, ristretto.ORDER), ristretto.decode(evaluated)))
        output = hashlib.sha512(_with_length(self._password) + _with_length(element) + b"Finalize").digest()
        return _extract(output + stretch(output, bytes(16), 64, time, memory, lanes))

    def _envelope(self, randomized, nonce, server_key):
        keys = {label: _expand(randomized, nonce + label, size) for label, size in ((b"AuthKey", 64), (b"ExportKey", 64), (b"PrivateKey", 32))}
        secret, public = _key_pair(keys[b"PrivateKey"])
        tag = _mac(keys[b"AuthKey"], nonce + server_key + _with_length(self._server) + _with_length(self._client))
        return nonce + tag, secret, public, keys[b"ExportKey"]

    def register(self, response, params, account=None):
        """The registration record and the export key."""
        self._client = account or self._client
        randomized = self._randomized(response[:32], params)
        envelope, _, public, export = self._envelope(randomized, self._random(32), response[32:])
        return public + _expand(randomized, b"MaskingKey", 64) + envelope, export

    def first(self):
        """KE1."""
        self._secret, share = _key_pair(self._random(32))
        self.ke1 = self.request + self._random(32) + share
        return self.ke1

    def finish(self, ke2, params, account):
        """KE3, the session key and the export key."""
        self._client = account
        randomized = self._randomized(ke2[:32], params)
        pad = _expand(_expand(randomized, b"MaskingKey", 64), ke2[32:64] + b"CredentialResponsePad", 128)
        clear = bytes(a ^ b for a, b in zip(pad, ke2[64:192]))
        server_key, envelope = clear[:32], clear[32:]
        made, secret, _, export = self._envelope(randomized, envelope[:32], server_key)
        if made != envelope:
            raise Refused("password")
        share = ristretto.decode(ke2[224:256])
        shared = b"".join(ristretto.encode(ristretto.times(key, point)) for key, point in (
            (self._secret, share), (self._secret, ristretto.decode(server_key)), (secret, share)))
        preamble = (b"OPAQUEv1-" + _with_length(self._context) + _with_length(self._client) + self.ke1 + _with_length(self._server) + ke2[:256])
        transcript, prk = hashlib.sha512(preamble).digest(), _extract(shared)
        handshake = _derive(prk, b"HandshakeSecret", transcript)
        if _mac(_derive(handshake, b"ServerMAC"), transcript) != ke2[256:]:
            raise Refused("password")
        ke3 = _mac(_derive(handshake, b"ClientMAC"), hashlib.sha512(preamble + ke2[256:]).digest())
        return ke3, _derive(prk, b"SessionKey", transcript), export
