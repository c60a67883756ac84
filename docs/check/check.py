#!/usr/bin/python3
"""A second implementation of Visavis's formats, written from docs/crypto.md and docs/protocol.md alone, which it reads its grammar from. It opens the
vectors of the first one, and refuses each of them with a bit flipped. It needs Debian's python3-cryptography and libargon2-1:

	/usr/bin/python3 docs/check/check.py [repository [part ...]]

It prints a line for each thing that was opened and ends with 0, or with 1 at the first thing that is not as the documents say. Rooms are read from the
secrets that the vectors give, and vaults from an export key and a phrase.
"""

import base64
import json
import pathlib
import sys
from types import SimpleNamespace

sys.dont_write_bytecode = True

import hpke
import opaque
from audit import check_growth, leaf, leaf_hash, open_head, root_of
from canon import Refused, decode, encode
from conversation import Room, open_twice
from files import open_file
from grammar import Grammar
from organisation import Directory, open_signed
from primitives import ZERO_HASH, ZERO_ID, check_header, derive, hash_of, labelled, mac_of, name_mac, open_token, parse_token, public_of, require, verify
from vault import open_by_phrase, open_lock, open_vault, phrase_bytes, read_base32, recovery_signing_key, vault_hash

unhex = bytes.fromhex


def from_base64(text):
    """base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Wrong(Exception):
    """The documents and the vectors do not agree."""


def same(what, got, want):
    if got != want:
        raise Wrong(f"{what}: {got!r}, the vector says {want!r}")


def refused(what, act):
    """The reason for which act was refused, as it has to be."""
    try:
        act()
    except Refused as reason:
        return str(reason)
    raise Wrong(f"{what}: is accepted")


def flips(data):
    """Data with one bit flipped: in each byte, or of something long in 250 of them, the first and last 64 among those."""
    places = range(len(data))
    if len(data) > 250:
        step = (len(data) - 128) / 122
        places = sorted({*range(64), *range(len(data) - 64, len(data)), *(64 + int(i * step) for i in range(122))})
    for at in places:
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << at % 8
        yield bytes(spoilt)


def shown(message):
    """A message as a window may show it, or None for an entry that is none."""
    require(message is None or message.hidden is None, "not shown")
    return message


class Check:
    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.crypto = Grammar((self.top / "docs/crypto.md").read_text())
        self.protocol = Grammar((self.top / "docs/protocol.md").read_text())

    def vectors(self, name):
        return json.loads((self.top / name).read_text())

    def flipped(self, what, data, act):
        """Says how many spoilt copies of data were refused: all of them."""
        return sum(1 for spoilt in flips(data) if refused(f"{what}, a bit flipped", lambda: act(spoilt)))

    def derived(self):
        """Every hash, MAC and derived key."""
        count = 0
        for v in self.vectors("chat/trust/testdata/v1/derived.json"):
            label, secret, of, want = v["Label"].removeprefix("visavis/v1/"), unhex(v.get("Secret", "")), unhex(v["Of"]), unhex(v["Is"])
            got = {"hash": lambda: hash_of(label, of), "mac": lambda: mac_of(label, secret, of), "key": lambda: derive(label, secret, of)}[v["Kind"]]()
            same(v["Name"], got[:len(want)], want)
            count += 1
        return f"{count} hashes, MACs and keys"

    def safety(self):
        """Safety numbers, the same from both sides."""
        count = 0
        for v in self.vectors("chat/trust/testdata/v1/safety.json"):
            parties = sorted([[unhex(v["Account"]), unhex(v["Identity"])], [unhex(v["Peer"]), unhex(v["His"])]])
            context = encode([unhex(v["Org"]), *parties])
            self.crypto.read("safety-context", context)
            number = f"{int.from_bytes(hash_of('hash/safety', context), 'big') % 10**60:060}"
            same(v["Name"], (number, "visavis-safety-1:" + number), (v["Number"], v["Code"]))
            count += 1
        return f"{count} numbers"

    def tokens(self):
        """Tokens of Fernet's specification, and those that are none though some libraries open them, or fall over them."""
        count = 0
        for v in self.vectors("chat/fernet/testdata/verify.json"):
            plain, _ = open_token(parse_token(v["token"]), base64.urlsafe_b64decode(v["secret"]))
            same("token", plain.decode(), v["src"])
        for v in self.vectors("chat/fernet/testdata/hostile.json"):
            if v["class"] not in ("expired", "future"):  # which is said of tokens that are used once
                refused(v["name"], lambda: open_token(parse_token(v["token"]), base64.urlsafe_b64decode(v["secret"])))
                count += 1
        return f"Fernet's own; {count} hostile ones refused"

    def password(self):
        """The server's file of secrets; a record, which the password opens; and what names are called."""
        for suite in ("01", "ff"):
            v = self.vectors(f"chat/pake/testdata/v1/suite{suite}.json")
            secrets, record = self.crypto.read("opaque-secrets", unhex(v["Secrets"])), self.crypto.read("record", unhex(v["Record"]))
            same("secrets", [len(secrets.seed), len(secrets.ake), len(secrets.mac)], [64, 32, 32])
            same("record", (secrets.version, record.version, len(record.raw), record.params.suite), (1, 1, 192, v["Suite"]))
            same("a name in counters", name_mac("opaque/name", secrets.mac, v["Name"])[:16].hex(), v["NameKey"])
            same("the account of nobody", name_mac("opaque/fake-account", secrets.mac, v["Unknown"])[:16].hex(), v["FakeAccount"])
            ksf, credential = record.params.ksf, name_mac("opaque/credential", secrets.mac, v["Name"])
            for password, export in ((v["Password"], unhex(v["Export"])), (v["Password"] + "s", None)):
                made = opaque.open_record(password, unhex(v["Org"]), unhex(v["Account"]), secrets, credential, record.raw, (ksf.time, ksf.memory, ksf.threads))
                same("the export key", made, export)
        return "records, which their passwords open and others do not; secrets, names"

    def frames(self):
        """Every frame of the wire, by the grammar of the protocol; and what is no frame."""
        count = spoilt_count = 0
        for name, text in self.vectors("chat/wire/testdata/v1/frames.json").items():
            raw = unhex(text)
            frame = self.frame(raw)
            count += self.body(name, frame)
        for name, text in self.vectors("chat/wire/testdata/v1/refused.json").items():
            refused(name, lambda: self.frame(unhex(text)))
            spoilt_count += 1
        return f"{count} frames; {spoilt_count} that are none refused"

    def frame(self, raw):
        """A frame as it is read from a connection."""
        require(len(raw) >= 4, "cut short")
        length = int.from_bytes(raw[:4], "big")
        require(0 < length <= 512 << 10, "too large, or empty")
        require(length == len(raw) - 4, "cut short")
        f = self.protocol.read("frame", raw[4:])
        require(1 <= f.kind <= 4 and 0 < len(f.type.encode()) <= 32, "kind or type")
        require((f.id == 0) if f.kind == 4 else (f.id != 0 or f.kind == 3), "id")
        return f

    def body(self, name, frame):
        rows = (line.split("`") for line in (self.top / "docs/protocol.md").read_text().splitlines() if line.startswith("| `"))
        rule = {row[1]: (row[3], row[5] if len(row) > 5 else None) for row in rows if len(row) > 4}.get(frame.type)
        if name in ("signup.challenge", "signup.finish"):
            return 1  # of the protocol's first version, which nobody speaks any more
        if frame.kind == 3:
            self.protocol.shape("error", frame.body)
            return 1
        if rule is None:
            raise Wrong(f"{name}: the document has no {frame.type}")
        self.protocol.shape(rule[1] if frame.kind == 2 else rule[0], frame.body)
        return 1

    def formats(self):
        """What is signed outside of chains: bundle, desk's request, evidence, hello. And invites and sheets."""
        g, v = self.crypto, self.vectors("chat/trust/testdata/v1/formats.json")
        device = public_of(unhex(v["device seed"]))
        count = 0
        for name, label, rule in (("evidence 2", "evidence/2", "evidence"), ("hello", "hello", "hello"), ("hello with lamp", "hello", "hello")):
            open_signed(g, label, unhex(v[name]), device, rule)
            count += self.flipped(name, unhex(v[name]), lambda data: open_signed(g, label, data, device, rule))
        bundle = unhex(v["bundle"])
        self.bundle(bundle, device)
        count += self.flipped("bundle", bundle, lambda data: self.bundle(data, device))
        fingerprint = base64.b32encode(hash_of("hash/fingerprint", bundle)).decode().lower()[:20]
        same("fingerprint", v["bundle fingerprint"].replace("-", ""), fingerprint)
        request = unhex(v["desk request"])
        self.desk_request(request, bytes([7]) + bytes(31))
        count += self.flipped("desk's request", request, lambda data: self.desk_request(data, bytes([7]) + bytes(31)))
        refused("desk's request under another invite", lambda: self.desk_request(request, bytes([8]) + bytes(31)))
        count += self.typed(v)
        return f"evidence, hello, bundle, desk's request, invite, root sheet; {count} spoilt ones refused"

    def recovery(self):
        """A request for recovery; a one-time code, as it is typed, and its grant."""
        g, v = self.crypto, self.vectors("chat/trust/testdata/v1/recovery.json")
        count = 0
        for name, label, rule, seed in (("request", "recovery/request", "recovery", "phrase seed"), ("grant", "code/grant", "code-grant", "admin seed")):
            key = public_of(unhex(v[seed]))
            open_signed(g, label, unhex(v[name]), key, rule)
            count += self.flipped(name, unhex(v[name]), lambda data: open_signed(g, label, data, key, rule))
        letters = v["code"].replace("-", "")
        check = base64.b32encode(hash_of("hash/code-check", letters[:10].encode())).decode().lower()[:2]
        same("code's checksum", letters[10:], check)
        grant = g.read("code-grant", g.read("envelope", unhex(v["grant"])).payload)
        same("grant's verifier", grant.verifier, hash_of("hash/code", unhex(v["stretched"])))
        v = self.vectors("chat/trust/testdata/v1/rootproof.json")
        root, proof = public_of(unhex(v["root seed"])), unhex(v["proof"])
        open_signed(g, "root/proof", proof, root, "root-proof")
        count += self.flipped("root's proof", proof, lambda data: open_signed(g, "root/proof", data, root, "root-proof"))
        return f"a request and a grant; the root's proof; {count} spoilt ones refused"

    def bundle(self, signed, device):
        outer = self.crypto.read("envelope", signed)
        inner = self.crypto.read("envelope", outer.payload)
        b = self.crypto.read("bundle", inner.payload)
        check_header(b, "bundle")
        verify("bundle", b.signing, inner.signature, inner.payload)
        verify("bundle/desk", device, outer.signature, outer.payload)
        keys = self.crypto.write("person-keys", b.org, b.account, b.name, b.signing, [[k.id, k.key] for k in b.boxes])
        verify("identity/proof", b.signing, b.proof, keys)

    def desk_request(self, signed, secret):
        r = self.crypto.read("desk-request", self.crypto.read("envelope", signed).payload)
        core = self.crypto.read("desk-request-core", r.core)
        open_signed(self.crypto, "desk-request", signed, core.device, "desk-request")
        require(r.org == core.org and r.mac == mac_of("mac/desk-request", secret, r.core), "MAC")

    def typed(self, v):
        """What people copy by hand: each wrong letter is found."""
        count = 0
        for name in ("invite", "invite for the first desk"):
            head, text = v[name].split(":", 1)
            same("invite", head, "visavis-invite-1")
            raw = from_base64(text)
            self.invite(raw)
            count += self.flipped(name, raw, self.invite)
        sheet = self.vectors("chat/trust/testdata/v1/sheet.json")
        title, *lines = sheet["Text"].strip().split("\n")
        same("root sheet", title, "visavis root sheet 1")
        for line, (name, field) in zip(lines, (("organisation", "Org"), ("authority", "CA"), ("root key", "Root"), ("vault pepper", "Pepper"))):
            same("root sheet", line.split(":")[0], name)
            raw = read_base32(line.split(":")[1])
            same(name, self.sheet_part(name, raw), unhex(sheet[field]))
            count += self.flipped(name, raw, lambda data: self.sheet_part(name, data))
        return count

    def invite(self, raw):
        require(hash_of("hash/invite", raw[:-4])[:4] == raw[-4:], "mistyped")
        check_header(self.crypto.read("invite", raw[:-4]), "hash/invite")

    @staticmethod
    def sheet_part(name, raw):
        require(len(raw) == 35 and hash_of("hash/root-sheet", name.encode() + b"\0" + raw[:32])[:3] == raw[32:], "mistyped")
        return raw[:32]

    def directory(self):
        """A directory with everything that it refuses, each for its reason; the organisation's id; identities' signatures."""
        return "; ".join(self.walk(f"chat/trust/testdata/v1/{name}.json") for name in ("directory", "witness"))

    def walk(self, name):
        """What each statement of a log comes to, and how the directory stands at its end."""
        v = self.vectors(name)
        d = Directory(self.crypto)
        count = 0
        for s in v["Statements"]:
            signed, want = unhex(s["Signed"]), s.get("Refused", "")
            if want:
                reason = refused(s["Name"], lambda: d.apply(signed))
                same(s["Name"], reason.split(":")[0], want)
            else:
                if not d.newer:
                    count += self.flipped(s["Name"], signed, d.check)
                d.apply(signed)
            same(f"head after {s['Name']!r}", d.head.hex(), s["Head"])
        same("organisation", d.org.hex(), v["Org"])
        people = [{"Name": p.name, "Account": p.account.hex(), "Signing": p.signing.hex(), "Identity": p.hash.hex(), "Serial": p.serial, "Admin": d.is_admin(p.account)}
                  for p in sorted(d.active_people(), key=lambda p: p.name)]
        same("people", people, v["People"])
        same("desks", sorted(k.id.hex() for k in d.active_desks()), v["Desks"])
        same("newer", d.newer, v["Newer"])
        return f"{len(v['Statements'])} statements; {count} spoilt ones refused"

    def peppers(self):
        """A directory that names peppers, and a pepper as it is typed."""
        v = self.vectors("chat/trust/testdata/v1/pepper.json")
        d = Directory(self.crypto)
        count = 0
        for s in v["Statements"]:
            signed = unhex(s["Signed"])
            if "Refused" in s:
                same(s["Name"], refused(s["Name"], lambda: d.apply(signed)).split(":")[0], s["Refused"])
            else:
                d.apply(signed)
        same("peppers", [p.hex() for p in d.peppers], v["Peppers"])
        head, text = v["Text"].split(":", 1)
        same("pepper's text", head, "visavis-pepper-1")
        raw = from_base64(text)

        def read(raw):
            require(hash_of("hash/pepper-text", raw[:-4])[:4] == raw[-4:], "mistyped")
            p = self.crypto.read("pepper-text", raw[:-4])
            check_header(p, "hash/pepper-text", d.org)
            return p.pepper

        same("pepper", read(raw).hex(), v["Pepper"])
        count += self.flipped("pepper's text", raw, read)
        return f"{len(v['Statements'])} statements and a text; {count} spoilt ones refused"

    def room(self):
        """A room's log, as a member reads it; and his vault and lock."""
        v = self.vectors("chat/e2e/testdata/v1/room.json")
        d = Directory(self.crypto)
        for signed in v["Directory"]:
            d.apply(unhex(signed))
        room = Room(self.crypto, d, unhex(v["Room"]), {unhex(g): unhex(s) for g, s in v["Secrets"].items()})
        count = messages = 0
        for e in v["Log"]:
            entry = SimpleNamespace(seq=e["Seq"], kind=e["Kind"], author=unhex(e["Author"]), message=unhex(e["Message"]), body=unhex(e["Body"]))
            if "Refused" in e:
                refused(e["Name"], lambda: shown(room.apply(entry)))
                continue
            count += self.spoilt_entry(e["Name"], room, entry)
            m = shown(room.apply(entry))
            if m is not None:
                messages += 1
                self.message(e, m)
            elif entry.kind == 2:
                count += self.secret(e["Name"], room)
        same("members", {a.hex(): role for a, (_, role) in room.members.items()}, v["Members"])
        return f"{len(v['Log'])} entries, {messages} messages; {count} spoilt ones refused; " + self.vault(v, d)

    def history(self):
        """A room of two whose second member came late: he finds older secrets in the newer ones' pasts, and reads the log again."""
        v = self.vectors("chat/e2e/testdata/v1/history.json")
        d = Directory(self.crypto)
        for signed in v["Directory"]:
            d.apply(unhex(signed))
        secrets = {unhex(g): unhex(s) for g, s in v["Boxed"].items()}
        entries = [SimpleNamespace(seq=e["Seq"], kind=e["Kind"], author=unhex(e["Author"]), message=unhex(e["Message"]), body=unhex(e["Body"])) for e in v["Log"]]
        for again in (False, True):
            room = Room(self.crypto, d, unhex(v["Room"]), dict(secrets))
            count = messages = 0
            for e, entry in zip(v["Log"], entries):
                if e.get("Refused", "expired") != "expired":
                    refused(e["Name"], lambda: room.apply(entry))
                    continue
                if again:
                    count += self.flipped(e["Name"] + ", author", entry.author, lambda data: room.check(SimpleNamespace(**{**vars(entry), "author": data})))
                try:
                    m = shown(room.apply(entry))
                except Refused as reason:
                    require(not again and str(reason) == "no key", f"{e['Name']}: {reason}")
                    continue
                if m is not None and again:
                    messages += 1
                    self.message(e, m)
            secrets = room.secrets
        same("secrets", {g.hex(): s.hex() for g, s in secrets.items()}, v["Secrets"])
        same("members", {a.hex(): role for a, (_, role) in room.members.items()}, v["Members"])
        return f"{len(entries)} entries, {messages} messages; {len(secrets) - len(v['Boxed'])} secrets recalled; {count} spoilt ones refused"

    def spoilt_entry(self, name, room, entry):
        def with_(**changed):
            return SimpleNamespace(**{**vars(entry), **changed})

        count = self.flipped(name, entry.body, lambda data: room.check(with_(body=data)))
        count += self.flipped(name + ", author", entry.author, lambda data: room.check(with_(author=data)))
        if entry.kind == 3:
            count += self.flipped(name + ", id", entry.message, lambda data: room.check(with_(message=data)))
            count += self.spoilt_inside(name, room, entry)
        return count

    def spoilt_inside(self, name, room, entry):
        """A member seals what is not his own: the token is whole, and what is in it has a bit flipped."""
        m = room.open(entry)
        envelope = self.crypto.read("envelope", m.signed)
        author = room.directory.person_at(m.dir_seq, entry.author)

        def forged(payload):
            verify("message", author.signing, envelope.signature, payload)

        return self.flipped(name + ", inside", envelope.payload, forged)

    def secret(self, name, room):
        g = room.current
        return self.flipped(name + ", secret", room.secrets[g.hash], lambda data: require(room.commits(g, data), "commitment"))

    @staticmethod
    def message(e, m):
        same(e["Name"], m.body.content.hex(), e.get("Content", ""))
        same(e["Name"] + ", stream", (m.body.stream.hex(), m.body.counter, m.hash.hex()), (e["Stream"], e.get("Counter", 0), e["Hash"]))
        same(e["Name"] + ", a past that is not this one", m.fork, False)
        same(e["Name"] + ", kind and expiry", (m.body.kind == 2, m.body.expiry), (e.get("Title", False), e.get("Lifetime", 0)))

    def vault(self, v, d):
        g, export, pepper, reader = self.crypto, unhex(v["Export"]), unhex(v["Pepper"]), unhex(v["Reader"])
        count, before = 0, ZERO_HASH
        for stored in v["Vaults"]:
            body, prev = unhex(stored["Body"]), unhex(stored["Prev"])
            same("version before", prev, before)

            def opened(body, account=reader, number=stored["Version"], prev=prev, export=export, pepper=pepper):
                return open_vault(g, body, account, number, prev, export, pepper)

            b = opened(body)
            same("vault's keys", (b.signing.hex(), [s.hex() for s in b.boxes]), (v["Signing"], v["Boxes"]))
            same("vault's content", (b.settings, len(b.rooms), len(b.invites), b.head_seq),
                 (stored["Settings"], stored["Rooms"], stored["Invites"], stored["HeadSeq"]))
            same("vault's root", b.root, hash_of("hash/root", d.root))
            same("whose keys", public_of(b.signing), d.person_at(len(d.heads) - 1, reader).signing)
            phrase = phrase_bytes(read_base32(v["Phrase"]))
            same("recovery", recovery_signing_key(g, phrase, d.org, reader), b.recovery_sign)
            same("by the phrase", open_by_phrase(g, body, reader, stored["Version"], prev, phrase).signing, b.signing)
            refused("by another phrase", lambda: open_by_phrase(g, body, reader, stored["Version"], prev, bytes(16)))
            same("box keys", [hpke.public_key(seed) for seed in b.boxes], [k.key for k in d.person_at(len(d.heads) - 1, reader).boxes])
            count += self.flipped("phrase", read_base32(v["Phrase"]), phrase_bytes)
            count += self.flipped("vault", body, opened)
            for what, data in (("account", reader), ("prev", prev), ("export", export), ("pepper", pepper)):
                count += self.flipped(f"vault, {what}", data, lambda spoilt: opened(body, **{what: spoilt}))
            refused("vault as another version", lambda: opened(body, number=stored["Version"] + 1))
            before = vault_hash(body)
        return f"{len(v['Vaults'])} versions of a vault and a lock; {count + self.lock(v['Lock'])} spoilt ones refused"

    def keys(self):
        """A vault whose person asks for other keys: the present key has signed those."""
        g, v = self.crypto, self.vectors("chat/e2e/testdata/v1/keys.json")
        d = Directory(g)
        for statement in v["Directory"]:
            d.apply(unhex(statement))
        account = unhex(v["Account"])

        def opened(body):
            return open_vault(g, body, account, v["Number"], unhex(v["Prev"]), unhex(v["Export"]), unhex(v["Pepper"]))

        b = opened(unhex(v["Vault"]))
        same("keys to come", (b.next.signing.hex(), b.next.box.hex(), b.next.known), (v["Signing"], v["Box"], v["Known"]))
        same("desks", ([x.hex() for x in b.desks], [x.hex() for x in b.next.desks]), (v["Desks"], v["NextDesks"]))
        inner = g.read("envelope", g.read("envelope", b.next.bundle).payload)
        bundle = g.read("bundle", inner.payload)
        person = d.person_at(len(d.heads) - 1, account)
        same("whose keys are to come", (bundle.account, bundle.name, bundle.signing), (account, person.name, public_of(b.next.signing)))
        boxes = [[x.id, x.key] for x in bundle.boxes]
        asked = g.write("person-keys", d.org, account, bundle.name, bundle.signing, boxes)
        verify("identity/succession", person.signing, bundle.succession, asked)
        refused("succession by another key", lambda: verify("identity/succession", bundle.signing, bundle.succession, asked))
        return f"a vault with keys to come; {self.flipped('vault with keys to come', unhex(v['Vault']), opened)} spoilt ones refused"

    def twice(self):
        """Proof that somebody signed two messages under one number."""
        v = self.vectors("chat/e2e/testdata/v1/twice.json")
        d = Directory(self.crypto)
        for statement in v["Directory"]:
            d.apply(unhex(statement))
        proof = unhex(v["Proof"])
        one, other = open_twice(self.crypto, d, proof)
        same("who and where", (one.room.hex(), one.account.hex(), one.stream.hex(), one.counter), (v["Room"], v["Account"], v["Stream"], v["Counter"]))
        same("what was said", [one.content.decode(), other.content.decode()], v["Said"])
        count = self.flipped("proof", proof, lambda data: open_twice(self.crypto, d, data))
        p = self.crypto.read("twice-said", proof)
        refused("the other order", lambda: open_twice(self.crypto, d, self.crypto.write("twice-said", 1, p.second, p.first)))
        refused("one message twice", lambda: open_twice(self.crypto, d, self.crypto.write("twice-said", 1, p.first, p.first)))
        handed = self.vectors("chat/e2e/testdata/v1/twice-text.json")
        same("a proof as a text", from_base64(handed["Proof"].removeprefix("visavis-proof-1:")), proof)
        same("a directory as a text", [from_base64(line).hex() for line in handed["Directory"].splitlines()], v["Directory"])
        return f"a proof; {count} spoilt ones refused"

    def file(self):
        """Files in chunks, and what is none: each refused for its reason."""
        count = opened = 0
        for v in self.vectors("chat/e2e/testdata/v1/file.json"):
            org, manifest, chunks = unhex(v["Org"]), unhex(v["Manifest"]), [unhex(c) for c in v["Chunks"]]
            if "Refused" in v:
                same(v["Name"], refused(v["Name"], lambda: open_file(self.crypto, org, manifest, chunks)), v["Refused"])
                continue
            same(v["Name"], open_file(self.crypto, org, manifest, chunks), unhex(v["Content"]))
            opened += 1
            count += self.flipped(v["Name"] + ", organisation", org, lambda data: open_file(self.crypto, data, manifest, chunks))
            for i, chunk in enumerate(chunks):
                count += self.flipped(f"{v['Name']}, chunk {i}", chunk, lambda data: open_file(self.crypto, org, manifest, [*chunks[:i], data, *chunks[i + 1:]]))
        return f"{opened} files; {count} spoilt ones refused"

    def audit(self):
        """The audit log's leaves, roots, proofs, and a signed head."""
        g, v = self.crypto, self.vectors("models/audit/testdata/v1/audit.json")
        same("an event", leaf(g, 2, 0, "e", "ok", ZERO_ID, ZERO_ID, ""), unhex(v["leaf 2"]))
        for n in (1, 2):
            same("leaf's hash", leaf_hash(unhex(v[f"leaf {n}"])), unhex(v[f"leaf {n} hash"]))
        hashes = [leaf_hash(unhex(v[f"event {n}"])) for n in range(1, 8)]
        roots = [root_of(hashes[:size]) for size in range(8)]
        for size, root in enumerate(roots):
            same(f"head of {size}", f"{size}:{root.hex()}", v[f"head of {size}"])
        count = 0
        for size in range(1, 7):
            proof = [unhex(h) for h in v[f"proof of {size} in 7"].split()]
            check_growth(size, roots[size], 7, roots[7], proof)
            refused("one hash less", lambda: check_growth(size, roots[size], 7, roots[7], proof[:-1]))
            refused("one hash more", lambda: check_growth(size, roots[size], 7, roots[7], [*proof, proof[0]]))
            count += self.flipped("root before", roots[size], lambda data: check_growth(size, data, 7, roots[7], proof))
            count += self.flipped("root", roots[7], lambda data: check_growth(size, roots[size], 7, data, proof))
            for i, h in enumerate(proof):
                count += self.flipped("proof", h, lambda data: check_growth(size, roots[size], 7, roots[7], [*proof[:i], data, *proof[i + 1:]]))
        f = self.vectors("chat/trust/testdata/v1/formats.json")
        key, head = public_of(unhex(f["device seed"])), unhex(f["audit head"])
        open_head(g, head, key)
        count += self.flipped("head", head, lambda data: open_head(g, data, key))
        return f"{len(hashes)} leaves, {len(roots)} roots, proofs, a head; {count} spoilt ones refused"

    def lock(self, v):
        parts = {name: unhex(v[name.title()]) for name in ("token", "key", "org", "account", "session")}
        same("lock", open_lock(self.crypto, **parts), unhex(v["Export"]))
        return sum(self.flipped(f"lock, {name}", data, lambda spoilt: open_lock(self.crypto, **{**parts, name: spoilt})) for name, data in parts.items())

    def carrier(self):
        """A lock's key on its way."""
        v = self.vectors("chat/trust/testdata/v1/carrier.json")
        place = self.crypto.write("lock-place", unhex(v["Org"]), unhex(v["Account"]), unhex(v["Session"]))
        info, sealed, seed = labelled("lock/carrier", place), unhex(v["Sealed"]), unhex(v["Seed"])
        same("carrier's info", info, unhex(v["Info"]))
        same("carrier", hpke.public_key(seed), unhex(v["Public"]))
        same("lock's key", hpke.open_sealed(seed, info, sealed), unhex(v["Key"]))
        spoilt = [bytes([*sealed[:at], sealed[at] ^ 1, *sealed[at + 1:]]) for at in range(0, len(sealed), 100)]
        for data in spoilt:
            refused("a lock's key with a bit flipped", lambda: hpke.open_sealed(seed, info, data))
        return f"a lock's key; {len(spoilt)} spoilt ones refused"

    def template(self):
        """A sealed template."""
        count = 0
        for v in self.vectors("biometrics/template/testdata/v1/template.json"):
            ring, account, data = unhex(v["ring"]), unhex(v["account"]), unhex(v["sealed"])
            if v.get("error"):
                refused(v["name"], lambda: self.open_template(ring, account, data))
                continue
            body = self.open_template(ring, account, data)
            same(v["name"], ([view.hex() for view in body.views], body.weights), (v["views"], v["weights"]))
            count += self.flipped(v["name"], data, lambda spoilt: self.open_template(ring, account, spoilt))
            count += self.flipped(v["name"] + ", account", account, lambda spoilt: self.open_template(ring, spoilt, data))
        return f"a template; {count} spoilt ones refused"

    def open_template(self, ring, account, sealed):
        t = self.crypto.read("template", sealed)
        require(t.version == 1, "newer")
        keys = {k.id: k.secret for k in self.crypto.read("template-ring", ring).keys}
        require(t.key in keys, "unknown key")
        plain, _ = open_token(t.token, derive("template", keys[t.key], self.crypto.write("template-context", t.key, account)))
        body = self.crypto.read("template-body", plain)
        require((body.version, body.type, body.account, body.key) == (1, "template", account, t.key), "moved")
        return body

    def challenge(self):
        """A challenge's encoding."""
        count = 0
        for v in self.vectors("biometrics/liveness/testdata/v1/challenges.json"):
            raw = unhex(v["Encoded"])
            c = self.protocol.read("challenge", raw)
            same("challenge", encode(decode(raw)), raw)
            same("gestures", ([[s.gesture, s.millis] for s in c.steps], [[s.tint, s.millis] for s in c.light]), (v["Steps"], v["Light"]))
            count += 1
        return f"{count} challenges"

    def run(self, only):
        """Runs all parts, or those that are named."""
        for part in (self.tokens, self.derived, self.safety, self.password, self.frames, self.challenge, self.formats, self.recovery, self.carrier, self.directory, self.peppers, self.room, self.history, self.keys, self.twice, self.file, self.audit, self.template):
            if not only or part.__name__ in only:
                print(f"{part.__name__}: {part()}", flush=True)


def main():
    top = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    try:
        Check(top).run(sys.argv[2:])
    except (Wrong, Refused) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
