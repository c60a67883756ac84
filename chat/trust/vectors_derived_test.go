package trust

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"testing"

	"visavis/models"
)

const (
	derivedFile = "testdata/v1/derived.json"
	carrierFile = "testdata/v1/carrier.json"
	sheetFile   = "testdata/v1/sheet.json"
)

// derived is a hash, MAC or key: what it is of stands after label ‖ 0x00.
type derived struct {
	Name   string
	Kind   string // hash, mac or key
	Label  string
	Secret string `json:",omitempty"` // of a mac or key
	Of     string
	Is     string // the first bytes of it, where no more are used
}

// plain is the definition, without this package's code.
func (d derived) plain(t *testing.T) []byte {
	secret, of := check[[]byte](t)(hex.DecodeString(d.Secret)), check[[]byte](t)(hex.DecodeString(d.Of))
	input := append([]byte(d.Label+"\x00"), of...)
	switch d.Kind {
	case "hash":
		h := sha256.Sum256(input)
		return h[:]
	case "mac":
		m := hmac.New(sha256.New, secret)
		m.Write(input)
		return m.Sum(nil)
	case "key":
		return check[[]byte](t)(hkdf.Key(sha256.New, secret, nil, string(input), 32))
	}
	t.Fatalf("%s: what is a %q?", d.Name, d.Kind)
	return nil
}

// derivations are one of each, out of what the package's own functions return.
func derivations(t *testing.T) []derived {
	var out []derived
	add := func(name, kind string, l Label, secret, of, is []byte) {
		out = append(out, derived{name, kind, string(l), hex.EncodeToString(secret), hex.EncodeToString(of), hex.EncodeToString(is)})
	}
	hash := func(name string, l Label, of []byte, is models.Hash) { add(name, "hash", l, nil, of, is[:]) }
	fill := func(from byte, n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = from + byte(i)
		}
		return b
	}
	o := newOrg(t)
	statement := o.log[0]
	hash("statement", LabelStatement, statement, StatementHash(statement))
	hash("generation", LabelGeneration, fill(1, 100), GenerationID(fill(1, 100)))
	hash("root key", LabelRoot, o.dir.Root(), RootFingerprint(o.dir.Root()))
	hash("box key", LabelBoxKey, fill(2, BoxKeySize), NewBoxKey(fill(2, BoxKeySize)).ID)
	hash("pepper", LabelPepper, fill(3, 32), PepperID(Pepper(fill(3, 32))))
	hash("consent", LabelConsent, []byte("I consent."), LabelConsent.Hash([]byte("I consent.")))
	hash("challenge", LabelChallenge, fill(4, 90), ChallengeHash(fill(4, 90)))
	ke := [][]byte{fill(5, 96), fill(6, 320), fill(7, 64)}
	hash("handshake", LabelHandshake, must(ke), HandshakeHash(ke...))
	hash("unlock", LabelUnlock, fill(8, 16), UnlockHash(models.SessionID(fill(8, 16))))
	ends := []StreamEnd{{Stream: models.StreamID{9}, Counter: 300, Hash: models.Hash{1}}, {Stream: models.StreamID{2}, Counter: 0, Hash: models.Hash{3}}}
	hash("stream ends, by stream", LabelStreamEnds, must([]StreamEnd{ends[1], ends[0]}), HashStreamEnds(ends))
	hash("stream ends of nobody", LabelStreamEnds, must([]StreamEnd{}), HashStreamEnds(nil))
	r := roster{policy: DefaultPolicy(), members: []Member{{models.AccountID{1}, models.Hash{2}, RoleOwner}, {models.AccountID{3}, models.Hash{4}, RoleMember}},
		invited: []Member{{models.AccountID{5}, models.Hash{6}, RoleMember}}}
	rows := func(ms ...Member) (b []byte) {
		for _, m := range ms {
			b = append(append(append(b, m.Account[:]...), m.Identity[:]...), byte(m.Role))
		}
		return b
	}
	org, room := models.OrgID(fill(10, 32)), models.RoomID(fill(11, 16))
	hash("room state", LabelRoomState, must(rosterState{Org: org, Room: room, Policy: DefaultPolicy(), Members: rows(r.members...), Invited: rows(r.invited...)}), r.hash(org, room))
	bundle := fill(12, 200)
	full := LabelFingerprint.Hash(bundle)
	if text := base32Text.EncodeToString(full[:]); squeeze(string(BundleFingerprint(bundle))) != text[:fingerprintLength] {
		t.Error("a fingerprint is not its hash's first letters")
	}
	hash("fingerprint", LabelFingerprint, bundle, full)
	add("root sheet, a line's sum", "hash", LabelRootSheet, nil, append([]byte("root key\x00"), fill(13, 32)...), sheetSum("root key", fill(13, 32)))
	core := fill(14, 120)
	add("desk request", "mac", LabelDeskMAC, fill(15, 32), core, deskMAC(Secret(fill(15, 32)), core))

	account, desk, session := models.AccountID(fill(16, 16)), models.DeskID(fill(17, 16)), models.SessionID(fill(18, 16))
	shared := fill(19, 64)
	key := check[Secret](t)(ResumeKey(shared, org, account, desk, session))
	context := must([]any{org[:], account[:], desk[:], session[:]})
	add("resumption key", "key", LabelResumeKey, shared, context, key[:])
	resumption := Resumption{Org: org, Session: session, Desk: desk, Counter: 1000, Exporter: [32]byte(fill(20, 32))}
	mac := resumption.MAC(key)
	add("resumption", "mac", LabelResumeMAC, key[:], must(resumption), mac[:])
	hash("proof", LabelProve, fill(21, 16), ProveHash(models.SessionID(fill(21, 16))))
	return out
}

func TestDerivedVectors(t *testing.T) {
	made := derivations(t)
	var want []derived
	vectorOf(t, derivedFile, made, &want)
	if !reflect.DeepEqual(made, want) {
		for i := range min(len(made), len(want)) {
			if made[i] != want[i] {
				t.Fatalf("%s: is another than before", want[i].Name)
			}
		}
		t.Fatalf("%d vectors, made %d", len(want), len(made))
	}
	for _, d := range want {
		is := check[[]byte](t)(hex.DecodeString(d.Is))
		if len(is) == 0 || !bytes.HasPrefix(d.plain(t), is) {
			t.Errorf("%s: not what docs/crypto.md says", d.Name)
		}
	}
}

// carried is a lock's key on its way: HPKE is randomised, so the vector is opened and never made again.
type carried struct {
	Seed                  string // of the server's carrier
	Public                string
	Org, Account, Session string
	Info, Sealed          string
	Key                   string
}

func TestLockCarrierVector(t *testing.T) {
	at := LockPlace{Org: models.OrgID{1}, Account: models.AccountID{2}, Session: models.SessionID{3}}
	seed, key := bytes.Repeat([]byte{7}, 32), Secret(bytes.Repeat([]byte{8}, 32))
	private := check[hpke.PrivateKey](t)(hpke.MLKEM768X25519().NewPrivateKey(seed))
	public := private.PublicKey().Bytes()
	sealed := check[[]byte](t)(CarryLockKey(key, public, at))
	made := carried{hex.EncodeToString(seed), hex.EncodeToString(public), at.Org.String(), at.Account.String(), at.Session.String(),
		hex.EncodeToString(append([]byte("visavis/v1/lock/carrier\x00"), must([]any{at.Org[:], at.Account[:], at.Session[:]})...)),
		hex.EncodeToString(sealed), hex.EncodeToString(key[:])}
	var want carried
	vectorOf(t, carrierFile, made, &want)
	stored := check[[]byte](t)(hex.DecodeString(want.Sealed))
	if got, err := (&LockCarrier{private}).Open(stored, at); err != nil || hex.EncodeToString(got[:]) != want.Key {
		t.Errorf("what was carried once does not arrive: %v", err)
	}
	made.Sealed, want.Sealed = "", ""
	if made != want {
		t.Error("seed, public key, place or info are others than before")
	}
	if hex.EncodeToString(at.info()) != want.Info {
		t.Error("the info is another than before")
	}
}

func TestRootSheetVector(t *testing.T) {
	sheet := RootSheet{Org: models.OrgID{1, 2}, CA: models.Hash{3, 4}, Root: Secret{5, 6}, Pepper: Pepper{7, 8}}
	type printed struct{ Org, CA, Root, Pepper, Text string }
	made := printed{sheet.Org.String(), sheet.CA.String(), hex.EncodeToString(sheet.Root[:]), hex.EncodeToString(sheet.Pepper[:]), sheet.Text()}
	var want printed
	vectorOf(t, sheetFile, made, &want)
	if made != want {
		t.Errorf("a root sheet is printed in another way than before:\n%s", made.Text)
	}
	if got := check[RootSheet](t)(ParseRootSheet(want.Text)); got != sheet {
		t.Error("a sheet that was printed once is read as another")
	}
}
