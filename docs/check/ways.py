"""What a person does with password, phrase and keys after the sign-up: another password, other keys, a lost password, an admin's code; and what the root may
still read when nobody is logged in."""

import base64
import os

import opaque
from account import PROOF, RECOVERY
from audit import check_growth
from desk import header, sign
from organisation import Directory, open_signed
from primitives import ZERO_HASH, derive, hash_of, public_of, require
from tls import Encoding, PublicFormat
from vault import open_by_phrase

TEN_MINUTES = 600_000
KEYS_TO_COME = 2  # in the ext of a vault's body


def prove_by_face(person, client):
    """Shows by the face that the person is still there."""
    login = client.ask("prove.look").login
    challenge = client.ask("prove.challenge", login).challenge
    client.ask("prove.face", login, person.look(client, challenge, PROOF, login, hash_of("hash/prove", person.session)))


def change_password(person, client, password, directory, rooms):
    """A new record, and the vault under a new key."""
    person.password = password
    exchange = person.exchange(person.account)
    start = client.ask("password.start", exchange.request)
    raw, person.export = exchange.register(start.response, start.params)
    record = person.g.write("record", 1, start.params, raw)
    person.wrap(person.clear[2], person.clear[3])
    vault = person.seal_vault(person.version + 1, person.vault_hash, directory, rooms)
    client.ask("password.finish", start.login, record, person.version + 1, person.vault_hash, vault)
    person.version, person.vault_hash = person.version + 1, hash_of("vault", vault)


def change_keys(person, client, directory, rooms):
    """Asks for other keys, which the present one signs; they are in the vault before. What was asked for."""
    signing, box = os.urandom(32), os.urandom(32)
    bundle = person.bundle_of(signing, box, ZERO_HASH, person.signing)
    person.ext = {KEYS_TO_COME: [[person.desk.id], [[signing, box, bundle, False, [person.desk.id]]]]}
    person.keep(client, directory, rooms)
    client.ask("keys.change", bundle, False)
    return signing, box, bundle


def take_keys(person, client, directory, rooms, keys):
    """Goes on under keys that the directory lists now. The old box key stays, for what is old."""
    signing, box, _ = keys
    require(directory.people[person.account].now().signing == public_of(signing), "not listed")
    person.signing, person.boxes = signing, [box, *person.boxes]
    person.ext = {KEYS_TO_COME: [[person.desk.id], []]}
    person.keep(client, directory, rooms)


def recover(person, client, phrase, password, directory):
    """A lost password: by the phrase and the face to a new one, under a new vault key and a new phrase."""
    g, desk = person.g, person.desk
    start = client.ask("recover.start", person.name)
    person.account = start.account
    request = g.write("recovery", *header("recovery/request", desk.org), client.tls.server, start.login, start.account, desk.id,
                      client.tls.exporter(start.login), {})
    whose = g.write("person", desk.org, start.account)
    signed = sign(g, "recovery/request", derive("recovery/sign", phrase, whose), request)
    client.ask("recover.phrase", start.login, signed)
    challenge = client.ask("recover.challenge", start.login).challenge
    reply = client.ask("recover.face", start.login, person.look(client, challenge, RECOVERY, start.login, hash_of("recovery/request", signed)))

    body = open_by_phrase(g, reply.vault, start.account, reply.version, reply.prev, phrase)
    person.take(body)

    person.password, person.phrase = password, os.urandom(16)
    exchange = person.exchange(start.account)
    answer = client.ask("recover.register", start.login, exchange.request)
    raw, person.export = exchange.register(answer.response, answer.params)
    person.wrap(*person.recovery_keys(person.phrase))
    pins = [[r.room, [r.pin.seq, r.pin.head, r.pin.state]] for r in body.rooms]
    vault = person.seal_vault(reply.version + 1, hash_of("vault", reply.vault), directory, pins)
    client.ask("recover.finish", start.login, g.write("record", 1, answer.params, raw), reply.version + 1, hash_of("vault", reply.vault), vault)


def stretched(g, org, account, desk, code):
    """A one-time code as it travels."""
    salt = hash_of("hash/code-salt", g.write("code-place", org, account, desk))[:16]
    return opaque.stretch(code.encode(), salt, 32, 3, 65536, 4)


def make_code(admin, client, account, desk):
    """A one-time code for an account at a desk, as the admin reads it out."""
    g, now = admin.g, admin.clock.now()
    letters = base64.b32encode(os.urandom(7)).decode().lower()[:10]
    verifier = hash_of("hash/code", stretched(g, admin.desk.org, account, desk, letters))
    grant = g.write("code-grant", *header("code/grant", admin.desk.org), account, desk, admin.account, now, now + TEN_MINUTES, verifier, {})
    client.ask("code.make", sign(g, "code/grant", admin.signing, grant))
    return letters + base64.b32encode(hash_of("hash/code-check", letters.encode())).decode().lower()[:2]


def log_in_by_code(person, client, letters, directory):
    """A log-in whose face is an admin's word."""
    login, shared = person.password_proven(client)
    code = stretched(person.g, person.desk.org, person.account, person.desk.id, letters)
    reply = client.ask("login.code", login, code)
    envelope = person.g.read("envelope", reply.grant)
    admin = directory.people[person.g.read("code-grant", envelope.payload).by].now()
    grant = open_signed(person.g, "code/grant", reply.grant, admin.signing, "code-grant")
    require(directory.is_admin(grant.by) and (grant.account, grant.desk) == (person.account, person.desk.id), "grant: of another")
    require(grant.verifier == hash_of("hash/code", code) and grant.org == person.desk.org, "grant: of another code")
    person.begin(reply, shared)


def audit_head(person, client, known):
    """The audit log's head, after it has shown that it goes on from sizes and roots that are known."""
    reply = client.ask("audit.head", [size for size, _ in known])
    key = client.tls.server_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    head = open_signed(person.g, "audit/head", reply.signed, key, "audit-head")
    require((head.org, head.server) == (person.desk.org, client.tls.server), "audit: of another server")
    for (size, root), past in zip(known, reply.pasts):
        require(past.root == root, "audit: rewritten")
        check_growth(size, root, head.size, head.root, past.proof)
    return head


def read_as_root(desk, client, seed):
    """The directory, for who has the root sheet."""
    proof = desk.crypto.write("root-proof", *header("root/proof", desk.org), client.tls.server, desk.id, client.tls.exporter(), {})
    client.ask("root.open", sign(desk.crypto, "root/proof", seed, proof))
    directory, after = Directory(desk.crypto), 0
    while True:
        page = client.ask("root.read", after)
        for statement in page.statements:
            directory.apply(statement)
        after += len(page.statements)
        if after >= page.last:
            return directory
