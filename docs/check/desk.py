"""A desk: its invite, its keys, its enrolment, its connections; and the founding of an organisation at the first one."""

import base64
import os

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import face
import tls
import wire
from grammar import Grammar
from organisation import Directory, open_signed
from primitives import ZERO_HASH, ZERO_ID, check_ext, check_header, hash_of, labelled, mac_of, public_of, require, verify


def sign(grammar, label, seed, payload):
    """An envelope."""
    return grammar.write("envelope", payload, Ed25519PrivateKey.from_private_bytes(seed).sign(labelled(label, payload)))


def header(label, org):
    return [1, label, 1, org]


def read_invite(grammar, text):
    head, _, text = text.strip().partition(":")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(head == "visavis-invite-1" and hash_of("hash/invite", raw[:-4])[:4] == raw[-4:], "invite: mistyped")
    invite = grammar.read("invite", raw[:-4])
    check_header(invite, "hash/invite")
    check_ext(invite.ext)
    return invite


def make_invite(grammar, half, desk, secret):
    """A whole invite out of the server's half, by an admin at a desk."""
    raw = grammar.write("invite", *header("hash/invite", desk.org), half.addresses, desk.ca, half.code, desk.root, desk.pepper, secret, {})
    return "visavis-invite-1:" + base64.urlsafe_b64encode(raw + hash_of("hash/invite", raw)[:4]).decode().rstrip("=")


def desk_of(grammar, signed, secret):
    """What a desk's request asks to be listed as, if it knows the invite's secret and has the key that it names."""
    request = grammar.read("desk-request", grammar.read("envelope", signed).payload)
    core = grammar.read("desk-request-core", request.core)
    open_signed(grammar, "desk-request", signed, core.device, "desk-request")
    require(request.org == core.org and request.mac == mac_of("mac/desk-request", secret, request.core), "desk's request: MAC")
    cameras = [[getattr(c, field) for field in grammar.fields("camera")] for c in core.cameras]
    return [core.desk, core.name, core.device, core.tls_key, cameras, hash_of("desk-request", signed)]


def open_bundle(grammar, directory, signed):
    """What a bundle says, if both have signed it."""
    outer = grammar.read("envelope", signed)
    inner = grammar.read("envelope", outer.payload)
    b = grammar.read("bundle", inner.payload)
    check_header(b, "bundle", directory.org)
    check_ext(b.ext)
    verify("bundle", b.signing, inner.signature, inner.payload)
    verify("bundle/desk", directory.desk_at(len(directory.heads), b.desk).device, outer.signature, outer.payload)
    return b


class Desk:
    """What a desk keeps. The organisation is None until it is founded or the invite names it. The clock says now(), in Unix milliseconds, and can wait() for
    some seconds."""

    def __init__(self, documents, clock):
        self.documents, self.clock = documents, clock
        self.crypto, self.protocol, self.bodies = Grammar(documents[0]), Grammar(documents[1]), wire.Bodies(documents[1])

    def enrol(self, invite, name):
        """Takes an invite for a certificate."""
        self.address, self.ca, self.pepper = invite.addresses[0], invite.ca, invite.pepper
        self.org = None if invite.org == ZERO_HASH else invite.org
        self.root = None if invite.root == ZERO_HASH else invite.root
        self.id, self.name, self.device, self.key = os.urandom(16), name, os.urandom(32), os.urandom(32)
        self.certificate = None
        pkix = Ed25519PrivateKey.from_private_bytes(self.key).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.tls_key = tls.key_hash(Ed25519PrivateKey.from_private_bytes(self.key).public_key())
        core = self.crypto.write("desk-request-core", invite.org, self.id, name, public_of(self.device), self.tls_key, [face.CAMERA], invite.code,
                                 self.clock.now())
        mac = mac_of("mac/desk-request", invite.secret, core) if invite.secret else b""
        request = self.crypto.write("desk-request", *header("desk-request", invite.org), core, mac, {})
        self.request = sign(self.crypto, "desk-request", self.device, request)

        client = wire.Client(self.protocol, self.bodies, tls.Connection(self.address, wire.ENROL, self.ca))
        wire.hello(client, self.crypto, self.org)
        reply = client.ask("desk.enrol", self.request, pkix)
        client.close()
        certificate, authority = x509.load_der_x509_certificate(reply.certificate), x509.load_der_x509_certificate(reply.authority)
        require(tls.key_hash(authority.public_key()) == self.ca, "certificate: authority")
        tls.check_issued(certificate, authority, ExtendedKeyUsageOID.CLIENT_AUTH)
        require([a.value for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [self.id.hex()], "certificate: name")
        require(tls.key_hash(certificate.public_key()) == self.tls_key, "certificate: key")
        self.certificate = reply.certificate

    def connect(self):
        """A connection of this desk, after the hellos."""
        client = wire.Client(self.protocol, self.bodies, tls.Connection(self.address, wire.TALK, self.ca, self.certificate, self.key))
        wire.hello(client, self.crypto, self.org)
        return client

    def found(self, client, name):
        """Makes the organisation, with this desk in it: the root's seed, and the directory."""
        root, self.pepper = os.urandom(32), os.urandom(32)
        directory = Directory(self.crypto)
        first = self.statement(directory, ZERO_ID, root, "dir/found", [name, public_of(root)])
        directory.apply(first)
        self.org, self.root = directory.org, hash_of("hash/root", directory.root)
        second = self.statement(directory, ZERO_ID, root, "dir/desk",
                                [self.id, self.name, public_of(self.device), self.tls_key, [face.CAMERA], hash_of("desk-request", self.request)])
        directory.apply(second)
        client.ask("root.append", [first, second])
        return root, directory

    def statement(self, directory, author, seed, kind, body):
        """A statement of the directory, on top of what is there."""
        payload = self.crypto.write("statement", *header(kind, directory.org or ZERO_HASH), ZERO_ID, len(directory.heads), directory.head, ZERO_HASH,
                                    author, self.clock.now(), body, ZERO_HASH, {})
        return sign(self.crypto, kind, seed, payload)

    def identity(self, directory, bundle):
        """The body of a dir/identity for whom a bundle is of."""
        b = open_bundle(self.crypto, directory, bundle)
        boxes = [[k.id, k.key] for k in b.boxes]
        serial, prev = 1, ZERO_HASH
        if b.account in directory.people:
            before = directory.people[b.account].now()
            serial, prev = before.serial + 1, before.hash
        return [b.account, b.name, b.signing, boxes, serial, self.clock.now(), prev, b.proof, hash_of("bundle", bundle), b.succession]
