package trust

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"visavis/models"
	"visavis/models/canon"
)

func someRootProof(o *org) RootProof {
	return RootProof{Org: o.dir.Org(), Server: models.Hash{1}, Desk: o.desk, Exporter: [32]byte{4}}
}

func TestRootProof(t *testing.T) {
	o := newOrg(t)
	key := o.key()
	want := someRootProof(o)
	signed, public := NewRootProof(want, key), key.Public().(ed25519.PublicKey)
	if got := check[RootProof](t)(OpenRootProof(signed, public)); got != want {
		t.Fatalf("another proof comes back: %+v", got)
	}
	payload := check[[]byte](t)(Payload(signed))
	var p rootProofPayload
	if err := Decode(payload, MaxRootProof, &p); err != nil {
		t.Fatal(err)
	}
	newer := p
	newer.Ext = Ext{2: canon.MustMarshal(true)}
	for what, c := range map[string]struct {
		signed []byte
		key    ed25519.PublicKey
		want   error
	}{
		"by another root":      {signed, o.key().Public().(ed25519.PublicKey), ErrSignature},
		"before the founding":  {signed, nil, ErrKey},
		"under another label":  {Sign(LabelRecovery, payload, key), public, ErrSignature},
		"of another type":      {Sign(LabelRootProof, NewRecovery(someRecovery(o), key), key), public, ErrFormat},
		"with something newer": {Sign(LabelRootProof, canon.MustMarshal(newer), key), public, ErrNewer},
		"nothing":              {nil, public, ErrFormat},
		"too long":             {make([]byte, MaxRootProof+1), public, ErrFormat},
	} {
		if _, err := OpenRootProof(c.signed, c.key); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
}

const rootProofFile = "testdata/v1/rootproof.json"

// TestRootProofVectors holds the format against what was once written.
func TestRootProofVectors(t *testing.T) {
	o := newOrg(t)
	key := o.key()
	got := map[string]string{"root seed": hex.EncodeToString(key.Seed()), "proof": hex.EncodeToString(NewRootProof(someRootProof(o), key))}
	b, err := os.ReadFile(rootProofFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		b, _ = json.MarshalIndent(got, "", "\t")
		err = os.WriteFile(rootProofFile, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(got) || got["root seed"] != want["root seed"] || got["proof"] != want["proof"] {
		t.Error("the format has changed")
	}
}

func FuzzRootProof(f *testing.F) {
	o := newOrg(f)
	key := o.key()
	f.Add(NewRootProof(someRootProof(o), key))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = OpenRootProof(b, key.Public().(ed25519.PublicKey))
		if e, err := split(b); err == nil { // behind the signature
			_, _ = OpenRootProof(Sign(LabelRootProof, e.Payload, key), key.Public().(ed25519.PublicKey))
		}
	})
}
