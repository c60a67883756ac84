"""OPAQUE (RFC 9807), the client's side, and as much of the server's as opens a record: ristretto255-SHA512, HKDF-SHA-512, HMAC-SHA-512, Argon2id out of the
system's libargon2."""

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


def _secret_of(seed, info):
    return ristretto.hash_to_scalar(seed + _with_length(info) + b"\0", b"DeriveKeyPair" + _GROUP)


def _key_pair(seed):
    secret = _secret_of(seed, b"OPAQUE-DeriveDiffieHellmanKeyPair")
    return secret, ristretto.encode(ristretto.times(secret, ristretto.BASE))


def _hashed(password):
    return ristretto.hash_to_group(password, b"HashToGroup-" + _GROUP)


def _randomized(password, point, ksf):
    """What password and server make together; of the server's only it knows the point."""
    element = ristretto.encode(point)
    output = hashlib.sha512(_with_length(password) + _with_length(element) + b"Finalize").digest()
    return _extract(output + stretch(output, bytes(16), 64, *ksf))


def _envelope(randomized, nonce, server_key, server, client):
    """The envelope, the client's keys, and the export key."""
    keys = {label: _expand(randomized, nonce + label, size) for label, size in ((b"AuthKey", 64), (b"ExportKey", 64), (b"PrivateKey", 32))}
    secret, public = _key_pair(keys[b"PrivateKey"])
    tag = _mac(keys[b"AuthKey"], nonce + server_key + _with_length(server) + _with_length(client))
    return nonce + tag, secret, public, keys[b"ExportKey"]


def open_record(password, server, client, secrets, credential, record, ksf):
    """The export key, for who has the server's seed and long-term key and guesses the password; None for another password."""
    key = _secret_of(_expand(secrets.seed, credential + b"OprfKey", 32), b"OPAQUE-DeriveKeyPair")
    randomized = _randomized(password.encode(), ristretto.times(key, _hashed(password.encode())), ksf)
    server_key = ristretto.encode(ristretto.times(int.from_bytes(secrets.ake, "little"), ristretto.BASE))
    envelope, _, public, export = _envelope(randomized, record[96:128], server_key, server, client)
    return export if public + _expand(randomized, b"MaskingKey", 64) + envelope == record else None


class Password:
    """One exchange: the password as typed, its blind, and what the server answered."""

    def __init__(self, password, server, client, context, random):
        self._password, self._server, self._client, self._context, self._random = password.encode(), server, client, context, random
        self._blind = _scalar(random)
        self.request = ristretto.encode(ristretto.times(self._blind, _hashed(self._password)))

    def _randomized(self, evaluated, params):
        suite, ksf = params
        if (suite, *ksf) != (SUITE, TIME, MEMORY, LANES):
            raise Refused("parameters of the password")
        return _randomized(self._password, ristretto.times(pow(self._blind, -1, ristretto.ORDER), ristretto.decode(evaluated)), ksf)

    def _envelope(self, randomized, nonce, server_key):
        return _envelope(randomized, nonce, server_key, self._server, self._client)

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
