package trust

import (
	"bytes"
	"encoding/hex"
	"testing"

	"visavis/models"
)

func someResumption() Resumption {
	return Resumption{Org: models.OrgID{1}, Session: models.SessionID{2}, Desk: models.DeskID{3}, Counter: 4, Exporter: [32]byte{5}}
}

// Every field is in the MAC, and no key proves nothing.
func TestResumptionNotProven(t *testing.T) {
	key, good := Secret{6}, someResumption()
	mac := good.MAC(key)
	for name, change := range map[string]func(*Resumption, *Secret, *models.Hash){
		"another organisation": func(r *Resumption, _ *Secret, _ *models.Hash) { r.Org[31]++ },
		"another session":      func(r *Resumption, _ *Secret, _ *models.Hash) { r.Session[15]++ },
		"another desk":         func(r *Resumption, _ *Secret, _ *models.Hash) { r.Desk[15]++ },
		"another counter":      func(r *Resumption, _ *Secret, _ *models.Hash) { r.Counter++ },
		"another connection":   func(r *Resumption, _ *Secret, _ *models.Hash) { r.Exporter[31]++ },
		"another key":          func(_ *Resumption, k *Secret, _ *models.Hash) { k[31]++ },
		"another MAC":          func(_ *Resumption, _ *Secret, m *models.Hash) { m[31]++ },
		"no MAC":               func(_ *Resumption, _ *Secret, m *models.Hash) { *m = models.Hash{} },
		"no key on either side": func(r *Resumption, k *Secret, m *models.Hash) {
			*k = Secret{}
			*m = r.MAC(*k)
		},
	} {
		r, k, m := good, key, mac
		change(&r, &k, &m)
		if r.Proven(k, m) {
			t.Errorf("%s: proven", name)
		}
	}
	if !good.Proven(key, mac) {
		t.Error("its own is not proven")
	}
}

func TestResumeKey(t *testing.T) {
	shared := bytes.Repeat([]byte{9}, 64)
	org, account, desk, session := models.OrgID{1}, models.AccountID{2}, models.DeskID{3}, models.SessionID{4}
	key := check[Secret](t)(ResumeKey(shared, org, account, desk, session))
	for name, other := range map[string]Secret{
		"organisation": check[Secret](t)(ResumeKey(shared, models.OrgID{9}, account, desk, session)),
		"account":      check[Secret](t)(ResumeKey(shared, org, models.AccountID{9}, desk, session)),
		"desk":         check[Secret](t)(ResumeKey(shared, org, account, models.DeskID{9}, session)),
		"session":      check[Secret](t)(ResumeKey(shared, org, account, desk, models.SessionID{9})),
		"secret":       check[Secret](t)(ResumeKey(shared[1:], org, account, desk, session)),
	} {
		if other == key {
			t.Errorf("another %s has the same key", name)
		}
	}
	if _, err := ResumeKey(shared[:31], org, account, desk, session); err == nil {
		t.Error("a key of a short secret")
	}
	mac := someResumption().MAC(key)
	hash := UnlockHash(session)
	for name, v := range map[string]struct {
		got  []byte
		want string
	}{"key": {key[:], resumeKeyVector}, "MAC": {mac[:], resumeMACVector}, "unlock": {hash[:], unlockVector}} {
		if got := hex.EncodeToString(v.got); got != v.want {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// Evidence of every purpose is told apart, and there is no sixth.
func TestPurposes(t *testing.T) {
	o := newOrg(t)
	for p, ok := range map[Purpose]bool{0: false, PurposeSignup: true, PurposeLogin: true, PurposeUnlock: true, PurposeRecover: true, PurposeProve: true, 6: false} {
		e := someEvidence(o, 2)
		e.Purpose = p
		if _, err := NewEvidence(e, o.device); (err == nil) != ok {
			t.Errorf("purpose %d: %v", p, err)
		}
	}
}

const (
	resumeKeyVector = "64cd448639fc77fd619eb0704a27ea7df6934e2aba2f97fb248f927b7a15851a"
	resumeMACVector = "4c3b80edd633fe0b1d40e4d8747b4ad635b3f8145adf8f8e087cd33c104de522"
	unlockVector    = "d880526dcee2cad754e371178cc5fab5679deafdeb94bd5106ad0b5ee53f871d"
)
