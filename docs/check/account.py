"""A person: sign-up, log-in, vault, and the session that goes on over another connection or behind a lock."""

import base64
import os

from cryptography.fernet import Fernet

import face
import hpke
import opaque
from canon import encode
from desk import header, sign
from primitives import PREFIX, ZERO_HASH, derive, hash_of, labelled, mac_of, public_of, require
from vault import open_lock, open_vault, vault_hash

SIGN_UP, LOG_IN, UNLOCKING, RECOVERY, PROOF = range(1, 6)
ENTRY, ENROLMENT = 1, 2
CONSENT = "My face is described and kept, sealed, to let me in."


def seal_token(key, plain, at):
    """A Fernet token's bytes, of a time in milliseconds."""
    return base64.urlsafe_b64decode(Fernet(base64.urlsafe_b64encode(key)).encrypt_at_time(plain, at // 1000))


class Person:
    """Somebody who sits at a desk: name, password, face, and what is known of him."""

    def __init__(self, desk, name, password, number):
        self.desk, self.g, self.clock, self.name, self.password, self.face = desk, desk.crypto, desk.clock, name, password, number
        self.account = self.session = None
        self.invites, self.settings, self.ext = [], {}, {}

    def exchange(self, account=None):
        """An exchange of the password."""
        context = PREFIX.encode() + b"opaque" + self.desk.org
        return opaque.Password(self.password, self.desk.org, account, context, os.urandom)

    # Faces.

    def look(self, client, challenge, purpose, login, handshake):
        """Shows the face as a challenge asks, which takes its time, and signs what was seen."""
        self.clock.wait(face.seconds(self.desk.protocol.read("challenge", challenge)))
        return self.evidence(client, challenge, purpose, login, handshake)

    def evidence(self, client, challenge, purpose, login, handshake):
        """What was seen, bound to what it is shown for."""
        c = self.desk.protocol.read("challenge", challenge)
        seen = [face.CAMERA, face.WEIGHTS, face.play(c, self.face)]
        payload = self.g.write(
            "evidence", *header("evidence/2", self.desk.org), purpose, client.tls.server, login, self.account, self.desk.id, self.desk.tls_key,
            client.tls.exporter(login), hash_of("hash/challenge", challenge), handshake, seen, {})
        return sign(self.g, "evidence/2", self.desk.device, payload)

    # Sign-up.

    def sign_up(self, client, directory):
        """Until an admin approves: the bundle that waits."""
        exchange, consent = self.exchange(), hash_of("hash/consent", CONSENT.encode())
        start = client.ask("signup.start", self.name, self.name + "@example.org", consent, self.clock.now(), exchange.request)
        self.account = start.account
        raw, self.export = exchange.register(start.response, start.params, self.account)
        record = self.g.write("record", 1, start.params, raw)
        challenge = client.ask("signup.challenge", start.login, ENROLMENT).challenge
        handshake = hash_of("hash/handshake", encode([exchange.request, start.response, record]))
        client.ask("signup.face", start.login, record, self.look(client, challenge, SIGN_UP, start.login, handshake))

        self.signing, self.boxes, self.phrase = os.urandom(32), [os.urandom(32)], os.urandom(16)
        bundle = self.bundle_of(self.signing, self.boxes[0], consent)
        self.wrap(*self.recovery_keys(self.phrase))
        client.ask("signup.finish", start.login, record, bundle, self.seal_vault(1, ZERO_HASH, directory, []))
        return bundle

    def bundle_of(self, signing, box, consent, before=None):
        """Keys that ask to be listed. The key before them signs them too, where there is one."""
        def signed(label, seed, payload):
            return self.g.read("envelope", sign(self.g, label, seed, payload)).signature

        public, box = public_of(signing), hpke.public_key(box)
        boxes = [[hash_of("hash/box-key", box), box]]
        owned = self.g.write("person-keys", self.desk.org, self.account, self.name, public, boxes)
        succession = signed("identity/succession", before, owned) if before else b""
        bundle = self.g.write("bundle", *header("bundle", self.desk.org), self.account, self.name, public, boxes, consent, self.desk.id, self.clock.now(),
                              signed("identity/proof", signing, owned), succession, {})
        return sign(self.g, "bundle/desk", self.desk.device, sign(self.g, "bundle", signing, bundle))

    # The vault.

    def recovery_keys(self, phrase):
        """The public halves of a phrase's keys."""
        person = self.g.write("person", self.desk.org, self.account)
        return hpke.public_key(derive("recovery/box", phrase, person)), public_of(derive("recovery/sign", phrase, person))

    def wrap(self, box, verifying):
        """A new vault key with its two wraps: under password and pepper, and for the phrase's key."""
        g, org, account = self.g, self.desk.org, self.account
        pepper, self.vault_key, person = hash_of("hash/pepper", self.desk.pepper), os.urandom(32), g.write("person", org, account)
        key = g.write("vault-key", *header("vault/key", org), account, pepper, self.vault_key)
        wrapping = derive("vault", self.export + self.desk.pepper, g.write("wrap-context", org, account, pepper))
        self.clear = [pepper, seal_token(wrapping, key, self.clock.now()), box, verifying, hpke.seal(box, labelled("vault/key", person), key, os.urandom)]

    def seal_vault(self, number, prev, directory, rooms):
        """A version under the vault key of now."""
        g, org, account = self.g, self.desk.org, self.account
        clear = hash_of("hash/vault-clear", encode(self.clear), encode({}))
        body = g.write("vault-body", *header("vault/body", org), account, number, prev, clear, self.signing, self.boxes,
                       self.desk.root, directory.head, len(directory.heads) - 1, rooms, self.invites, self.settings, self.ext)
        key = derive("vault/body", self.vault_key, g.write("vault-body-context", [org, account], number))
        return g.write("vault", *header("vault", org), account, number, prev, self.clear, seal_token(key, body, self.clock.now()), {})

    def keep(self, client, directory, rooms):
        """Stores the next version, with pins of rooms."""
        vault = self.seal_vault(self.version + 1, self.vault_hash, directory, rooms)
        client.ask("vault.put", self.version + 1, self.vault_hash, vault)
        self.version, self.vault_hash = self.version + 1, vault_hash(vault)

    def prove(self, client):
        """Shows by the password that the person is still there."""
        exchange = self.exchange()
        reply = client.ask("prove.begin", exchange.first())
        ke3, _, _ = exchange.finish(reply.ke2, reply.params, reply.account)
        client.ask("prove.password", reply.login, ke3)

    # Log-in.

    def log_in(self, client):
        """A session, by password and face."""
        login, shared = self.password_proven(client)
        challenge = client.ask("login.challenge", login).challenge
        return self.begin(client.ask("login.face", login, self.look(client, challenge, LOG_IN, login, self.handshake)), shared)

    def password_proven(self, client):
        """The log-in under way, and what its exchange has agreed on."""
        exchange = self.exchange()
        reply = client.ask("login.start", self.name, exchange.first())
        self.account = reply.account
        ke3, shared, self.export = exchange.finish(reply.ke2, reply.params, reply.account)
        client.ask("login.password", reply.login, ke3)
        self.handshake = hash_of("hash/handshake", encode([exchange.ke1, reply.ke2, ke3]))
        return reply.login, shared

    def guess(self, client):
        """Tries the password for a name, though nothing opens what is answered for one that nobody has."""
        exchange = self.exchange()
        reply = client.ask("login.start", self.name, exchange.first())
        require(len(reply.ke2) == 320, "KE2")
        client.ask("login.password", reply.login, os.urandom(64))

    def begin(self, opened, shared):
        """The session: its resumption key is derived, its vault opened."""
        self.session, self.counter = opened.session, 0
        self.resumption = derive("key/resume", shared, self.g.write("resume-context", self.desk.org, self.account, self.desk.id, self.session))
        return self.open_vault(opened.vault, opened.vault_version, opened.vault_prev)

    def open_vault(self, vault, version, prev):
        body = open_vault(self.g, vault, self.account, version, prev, self.export, self.desk.pepper)
        self.take(body)
        self.version, self.vault_hash = version, vault_hash(vault)
        return body

    def take(self, body):
        """What a vault holds, but for where the rooms are."""
        require(body.root == self.desk.root, "vault: another root")
        self.signing, self.boxes, self.vault_key, self.clear = body.signing, body.boxes, body.key, body.wraps
        self.invites = [[i.code, [i.invite.secret, i.invite.until]] for i in body.invites]
        self.settings, self.ext = body.settings, body.ext

    def resume(self, client):
        """Goes on with the session over another connection: whether it is locked."""
        self.counter += 1
        claim = self.g.write("resumption", self.desk.org, self.session, self.desk.id, self.counter, client.tls.exporter(self.session))
        reply = client.ask("session.resume", self.session, self.counter, mac_of("mac/resume", self.resumption, claim))
        if not reply.locked:
            self.open_vault(reply.vault, reply.vault_version, reply.vault_prev)
        return reply.locked

    def lock(self, client):
        """Seals what the session needs under a key that the server keeps."""
        g, key = self.g, os.urandom(32)
        place = g.write("lock-place", self.desk.org, self.account, self.session)
        carrier = client.ask("lock.key").carrier
        client.ask("session.lock", hpke.seal(carrier, labelled("lock/carrier", place), key, os.urandom))
        lock = g.write("lock", *header("lock", self.desk.org), self.account, self.session, self.export, {})
        self.token = seal_token(derive("lock", key, place), lock, self.clock.now())
        self.export = self.signing = self.boxes = self.vault_key = None

    def unlock(self, client):
        """Shows the face for the key of the lock, and opens what it has sealed."""
        login = client.ask("lock.start").login
        challenge = client.ask("lock.challenge", login).challenge
        reply = client.ask("lock.face", login, self.look(client, challenge, UNLOCKING, login, hash_of("hash/unlock", self.session)))
        self.export = open_lock(self.g, self.token, reply.key, self.desk.org, self.account, self.session)
        self.open_vault(reply.vault, reply.vault_version, reply.vault_prev)
