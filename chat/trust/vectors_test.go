package trust

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"visavis/models"
)

// writeVectors is set for the one run that first writes a file of testdata; a file that is there is never written again.
const writeVectors = "VISAVIS_WRITE_VECTORS"

const vectorFile = "testdata/v1/formats.json"

// vectors makes one of every format from fixed seeds. Everything in them is deterministic.
func vectors(t *testing.T) map[string]string {
	v := map[string]string{}
	add := func(name string, b []byte) { v[name] = hex.EncodeToString(b) }
	h, alice := newHouse(t, admin)
	o := h.org
	add("root seed", o.root.Seed())
	add("device seed", o.device.Seed())
	bob := h.member(alice, "bob")
	bundle := o.raw(bob)
	add("bundle", bundle)
	v["bundle fingerprint"] = string(BundleFingerprint(bundle))
	put := func(name string, u user) func([]byte, error) {
		return func(b []byte, err error) { h.put(u, check[[]byte](t)(b, err)); add(name, b) }
	}
	add("room create", h.log[0].Body)
	put("room invite", alice)(h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember))
	put("room join", bob)(h.r.SignJoin(bob.author(), h.dir))
	put("room role", alice)(h.r.SignRole(alice.author(), h.dir, bob.account, RoleOwner))
	put("room policy", bob)(h.r.SignPolicy(bob.author(), h.dir, Policy{History: HistoryNone, Invite: RoleOwner, MaxAge: 60}))
	g := h.generation(bob, nil)
	add("generation", g.Body)
	id := GenerationID(g.Body)
	add("generation id", id[:])
	add("message envelope", EncodeMessage(models.Hash{1}, []byte("token")))
	put("room remove", alice)(h.r.SignRemove(alice.author(), h.dir, bob.account, someEnds(), models.Hash{5}))
	put("room leave", alice)(h.r.SignLeave(alice.author(), h.dir, StreamEnds{}, models.Hash{}))
	state := h.r.StateHash()
	add("room state of nobody", state[:])

	o.apply(check[[]byte](t)(o.dir.SignRevokeAccount(alice.account, alice.key, bob.account, testTime)))
	for i, name := range []string{"dir found", "dir desk", "dir role", "dir identity by root", "dir identity", "dir revoke"} {
		add(name, o.log[i])
	}
	org := o.dir.Org()
	add("org id", org[:])
	v["invite"] = check[string](t)(fullInvite().Text())
	v["invite for the first desk"] = check[string](t)(halfInvite().Text())
	device := o.key()
	add("desk request", check[[]byte](t)(NewDeskRequest(o.request(models.DeskID{5}, "lab", device), Secret{7}, device)))
	add("evidence 2", check[[]byte](t)(NewEvidence(someEvidence(o, 2), o.device)))
	add("hello", check[[]byte](t)(NewHello(someHello(o), o.device)))
	lamp := someHello(o)
	lamp.Lamp = true
	add("hello with lamp", check[[]byte](t)(NewHello(lamp, o.device)))
	add("audit head", check[[]byte](t)(NewAuditHead(someAuditHead(o), o.device)))
	return v
}

// outgrown are vectors of forms that nobody stores, and that are refused now.
var outgrown = []string{"evidence"}

func TestVectors(t *testing.T) {
	got := vectors(t)
	b, err := os.ReadFile(vectorFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if err := os.MkdirAll(filepath.Dir(vectorFile), 0o755); err != nil {
			t.Fatal(err)
		}
		b, _ = json.MarshalIndent(got, "", "\t")
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(got)+len(outgrown) {
		t.Errorf("%d vectors, made %d", len(want), len(got))
	}
	for name := range want {
		if !slices.Contains(outgrown, name) && got[name] != want[name] {
			t.Errorf("%s: the format has changed", name)
		}
	}
	raw := func(name string) []byte { return check[[]byte](t)(hex.DecodeString(want[name])) }
	d := NewDirectory(models.OrgID(raw("org id")))
	for _, name := range []string{"dir found", "dir desk", "dir role", "dir identity by root", "dir identity"} {
		check[DirectoryChange](t)(d.Apply(raw(name)))
	}
	check[Bundle](t)(OpenBundle(raw("bundle"), d))
	check[DirectoryChange](t)(d.Apply(raw("dir revoke")))
	check[DeskRequest](t)(OpenDeskRequestFor(raw("desk request"), Secret{7}))
	device := ed25519.NewKeyFromSeed(raw("device seed")).Public().(ed25519.PublicKey)
	check[Evidence](t)(OpenEvidence(raw("evidence 2"), device))
	for _, name := range outgrown {
		if _, err := OpenEvidence(raw(name), device); err == nil {
			t.Errorf("%s: a form that is not written any more is read", name)
		}
	}
	check[AuditHead](t)(OpenAuditHead(raw("audit head"), device))
	for name, lamp := range map[string]bool{"hello": false, "hello with lamp": true} {
		if h := check[Hello](t)(OpenHello(raw(name), device)); h.Lamp != lamp {
			t.Errorf("%s: lamp %v", name, h.Lamp)
		}
	}
}
