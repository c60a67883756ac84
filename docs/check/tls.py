"""A client of TLS 1.3 (RFC 8446) for one suite of algorithms: X25519MLKEM768, AES-128-GCM with SHA-256, Ed25519. Python's own can not be told
that group, or asked for the exporter."""

import datetime
import hashlib
import hmac
import ipaddress
import os
import socket

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

import mlkem
from canon import Refused
from primitives import require

_HANDSHAKE, _ALERT, _DATA, _CHANGE = 22, 21, 23, 20
_HELLO, _SERVER_HELLO, _EXTENSIONS, _CERTIFICATE, _REQUEST, _VERIFY, _FINISHED = 1, 2, 8, 11, 13, 15, 20
_GROUP, _ED25519, _SUITE = 0x11EC, 0x0807, 0x1301


class Alert(Refused):
    """The server ended the connection, by the number of a TLS alert; None where it only closed."""

    def __init__(self, number):
        super().__init__(f"the connection was closed, alert {number}")
        self.number = number


def key_hash(public):
    """What a key is known by: the SHA-256 of its SubjectPublicKeyInfo."""
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def _vector(size, data):
    return len(data).to_bytes(size, "big") + data


def _number(size, n):
    return n.to_bytes(size, "big")


class _Reader:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        require(n <= len(self.data), "TLS: cut short")
        part, self.data = self.data[:n], self.data[n:]
        return part

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def vector(self, size):
        return self.take(self.number(size))

    def extensions(self):
        rest, found = _Reader(self.vector(2)), {}
        while rest.data:
            kind = rest.number(2)
            found[kind] = rest.vector(2)
        return found


def _expand(secret, label, context, length):
    info = _number(2, length) + _vector(1, b"tls13 " + label) + _vector(1, context)
    return hmac.new(secret, info + b"\1", hashlib.sha256).digest()[:length]


def _extract(salt, material):
    return hmac.new(salt, material, hashlib.sha256).digest()


def _derive(secret, label, transcript):
    return _expand(secret, label, hashlib.sha256(transcript).digest(), 32)


class _Direction:
    """The key of one direction, and how many records have gone under it."""

    def __init__(self, secret):
        self.secret, self._count = secret, 0
        self._key, self._iv = AESGCM(_expand(secret, b"key", b"", 16)), _expand(secret, b"iv", b"", 12)

    def _nonce(self):
        nonce = int.from_bytes(self._iv, "big") ^ self._count
        self._count += 1
        return _number(12, nonce)

    def seal(self, kind, data):
        head = bytes([_DATA, 3, 3]) + _number(2, len(data) + 17)
        return head + self._key.encrypt(self._nonce(), data + bytes([kind]), head)

    def open(self, head, data):
        try:
            inner = self._key.decrypt(self._nonce(), data, head).rstrip(b"\0")
        except InvalidTag:
            raise Refused("TLS: record") from None
        require(inner, "TLS: record")
        return inner[-1], inner[:-1]


class Connection:
    """A connection to a server whose authority's key has the hash ca. A client's certificate and key are shown where they are given."""

    def __init__(self, address, alpn, ca, certificate=None, key=None):
        self.host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((self.host.strip("[]"), int(port)), timeout=60)
        self._in = self._out = None
        self._handshake, self._plain, self._transcript = b"", b"", b""
        self._own, self._key = certificate, key
        self._greet(alpn)
        self._authenticate(alpn, ca)

    def exporter(self, context=b""):
        """32 bytes under the label of the protocol."""
        secret = _derive(self._exporter, b"EXPORTER-visavis-v1", b"")
        return _expand(secret, b"exporter", hashlib.sha256(context).digest(), 32)

    def send(self, data):
        for at in range(0, len(data), 16000):
            self._socket.sendall(self._out.seal(_DATA, data[at:at + 16000]))

    def receive(self, n):
        """The next n bytes."""
        while len(self._plain) < n:
            kind, data = self._record()
            require(kind == _DATA, "TLS: unexpected record")  # there are no tickets, and nobody asks for new keys
            self._plain += data
        data, self._plain = self._plain[:n], self._plain[n:]
        return data

    def close(self):
        self._socket.close()

    # The handshake.

    def _greet(self, alpn):
        x = X25519PrivateKey.generate()
        ek, dk = mlkem.generate(os.urandom(32), os.urandom(32))
        share = ek + x.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        extensions = {
            10: _vector(2, _number(2, _GROUP)), 13: _vector(2, _number(2, _ED25519)), 16: _vector(2, _vector(1, alpn.encode())),
            43: _vector(1, b"\3\4"), 51: _vector(2, _number(2, _GROUP) + _vector(2, share)),
        }
        body = (b"\3\3" + os.urandom(32) + _vector(1, b"") + _vector(2, _number(2, _SUITE)) + _vector(1, b"\0")
                + _vector(2, b"".join(_number(2, kind) + _vector(2, data) for kind, data in extensions.items())))
        hello = self._message(_HELLO, body)
        self._socket.sendall(bytes([_HANDSHAKE, 3, 1]) + _vector(2, hello))
        answer = _Reader(self._next(_SERVER_HELLO))
        answer.take(2 + 32)
        answer.vector(1)
        require(answer.number(2) == _SUITE and answer.number(1) == 0, "TLS: suite")
        found = answer.extensions()
        require(found.get(43) == b"\3\4" and 51 in found, "TLS: version")
        theirs = _Reader(found[51])
        require(theirs.number(2) == _GROUP, "TLS: group")
        theirs = theirs.vector(2)
        require(len(theirs) == mlkem.CT + 32, "TLS: share")
        shared = mlkem.decapsulate(dk, theirs[:mlkem.CT]) + x.exchange(X25519PublicKey.from_public_bytes(theirs[mlkem.CT:]))
        self._schedule(shared)

    def _schedule(self, shared):
        early = _extract(bytes(32), bytes(32))
        handshake = _extract(_derive(early, b"derived", b""), shared)
        self._client, self._server = (_derive(handshake, label, self._transcript) for label in (b"c hs traffic", b"s hs traffic"))
        self._master = _extract(_derive(handshake, b"derived", b""), bytes(32))
        self._in, self._out = _Direction(self._server), _Direction(self._client)

    def _authenticate(self, alpn, ca):
        found = _Reader(self._next(_EXTENSIONS)).extensions()
        require(found.get(16) == _vector(2, _vector(1, alpn.encode())), "TLS: protocol")
        kind, body = self._any()
        wanted = kind == _REQUEST
        if wanted:
            context = _Reader(body).vector(1)
            kind, body = self._any()
        require(kind == _CERTIFICATE, "TLS: certificate")
        self._check_chain(body, ca)
        before = self._transcript
        proof = _Reader(self._next(_VERIFY))
        require(proof.number(2) == _ED25519, "TLS: signature")
        _check(self.server_key, proof.vector(2), _signed(b"server", before))
        before = self._transcript
        require(self._next(_FINISHED) == self._finished(self._server, before), "TLS: finished")
        whole = self._transcript
        if wanted:
            self._show(context)
        self._write(_FINISHED, self._finished(self._client, self._transcript))
        client, server, self._exporter = (_derive(self._master, label, whole) for label in (b"c ap traffic", b"s ap traffic", b"exp master"))
        self._in, self._out = _Direction(server), _Direction(client)

    def _check_chain(self, body, ca):
        """The server's certificate first, then its authority's, which the hash names."""
        body, chain = _Reader(body), []
        body.vector(1)
        entries = _Reader(body.vector(3))
        while entries.data:
            chain.append(x509.load_der_x509_certificate(entries.vector(3)))
            entries.vector(2)
        require(len(chain) == 2 and key_hash(chain[1].public_key()) == ca, "TLS: authority")
        check_issued(chain[0], chain[1], ExtendedKeyUsageOID.SERVER_AUTH)
        names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = {str(a) for a in names.get_values_for_type(x509.IPAddress)} | set(names.get_values_for_type(x509.DNSName))
        require(_plain_host(self.host) in known, "TLS: host")
        self.authority, self.server_key = chain[1], chain[0].public_key()
        self.server = key_hash(self.server_key)

    def _show(self, context):
        chain = b"" if self._own is None else _vector(3, self._own) + _vector(2, b"")
        self._write(_CERTIFICATE, _vector(1, context) + _vector(3, chain))
        if chain:
            signature = Ed25519PrivateKey.from_private_bytes(self._key).sign(_signed(b"client", self._transcript))
            self._write(_VERIFY, _number(2, _ED25519) + _vector(2, signature))

    @staticmethod
    def _finished(secret, transcript):
        return hmac.new(_expand(secret, b"finished", b"", 32), hashlib.sha256(transcript).digest(), hashlib.sha256).digest()

    # Messages and records.

    def _message(self, kind, body):
        message = bytes([kind]) + _vector(3, body)
        self._transcript += message
        return message

    def _write(self, kind, body):
        self._socket.sendall(self._out.seal(_HANDSHAKE, self._message(kind, body)))

    def _next(self, want):
        kind, body = self._any()
        require(kind == want, "TLS: out of order")
        return body

    def _any(self):
        while len(self._handshake) < 4 or len(self._handshake) < 4 + int.from_bytes(self._handshake[1:4], "big"):
            kind, data = self._record()
            require(kind == _HANDSHAKE, "TLS: unexpected record")
            self._handshake += data
        end = 4 + int.from_bytes(self._handshake[1:4], "big")
        message, self._handshake = self._handshake[:end], self._handshake[end:]
        self._transcript += message
        return message[0], message[4:]

    def _record(self):
        while True:
            head = self._exactly(5)
            kind, data = head[0], self._exactly(int.from_bytes(head[3:], "big"))
            if kind == _CHANGE:
                continue
            if self._in is not None:
                require(kind == _DATA, "TLS: not sealed")
                kind, data = self._in.open(head, data)
            if kind == _ALERT:
                raise Alert(data[1] if len(data) == 2 else None)
            return kind, data

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            try:
                part = self._socket.recv(n - len(data))
            except ConnectionError:
                part = b""
            if not part:
                raise Alert(None)
            data += part
        return data


def check_issued(certificate, authority, use):
    """That an authority has signed a certificate for a use, and both are of today."""
    now = datetime.datetime.utcnow()
    for c in (certificate, authority):
        require(c.not_valid_before <= now <= c.not_valid_after, "certificate: time")
        _check(authority.public_key(), c.signature, c.tbs_certificate_bytes)
    require(authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca, "certificate: authority")
    require(use in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value, "certificate: use")
    require(certificate.not_valid_after == authority.not_valid_after, "certificate: its end")


def _check(public, signature, data):
    require(isinstance(public, Ed25519PublicKey), "TLS: key")
    try:
        public.verify(signature, data)
    except InvalidSignature:
        raise Refused("TLS: signature") from None


def _signed(who, transcript):
    return b" " * 64 + b"TLS 1.3, " + who + b" CertificateVerify\0" + hashlib.sha256(transcript).digest()


def _plain_host(host):
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return host
