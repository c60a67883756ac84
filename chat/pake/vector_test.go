package pake

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"visavis/models"
)

// vector is a registration that some version made. Later versions log it in with the same export key, or people lose their vaults.
type vector struct {
	What         string
	Org, Account string
	Name         string
	Password     string
	Suite        Suite
	Secrets      string // of a server that never existed
	Record       string
	Export       string
	Unknown      string // a name that nobody has
	FakeAccount  string
	NameKey      string
}

var newVector = flag.Bool("new-vector", false, "add a vector to testdata instead of checking those that are there")

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectors(t *testing.T) {
	if *newVector {
		addVector(t, "suite 1", SuiteV1)
		addVector(t, "suite of tests", SuiteTest)
		return
	}
	files, err := filepath.Glob("testdata/v1/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var v vector
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		t.Run(v.What, func(t *testing.T) { v.check(t) })
	}
}

func (v vector) check(t *testing.T) {
	secrets, err := DecodeSecrets(unhex(t, v.Secrets))
	if err != nil {
		t.Fatal(err)
	}
	org, account := models.OrgID(unhex(t, v.Org)), models.AccountID(unhex(t, v.Account))
	s, err := NewServer(org, secrets, v.Suite, AllowTestSuite())
	if err != nil {
		t.Fatal(err)
	}
	user := &models.User{ID: account, Record: unhex(t, v.Record)}
	if err := s.CheckRecord(user.Record); err != nil {
		t.Fatal(err)
	}
	a, ke1, err := NewClient(org, v.Suite).Start([]byte(v.Password))
	if err != nil {
		t.Fatal(err)
	}
	answer, pending, err := s.Answer(v.Name, user, ke1)
	if err != nil {
		t.Fatal(err)
	}
	ke3, theirs, export, err := a.Finish(answer)
	if err != nil {
		t.Fatal(err)
	}
	if ours, err := pending.Finish(ke3); err != nil || ours != theirs {
		t.Errorf("finish: %v", err)
	}
	if !bytes.Equal(export[:], unhex(t, v.Export)) {
		t.Error("the export key has changed: vaults would no longer open")
	}
	if fake, _ := s.fake(v.Unknown); fake.String() != v.FakeAccount {
		t.Error("an unknown name is answered with another account than before")
	}
	if key := s.NameKey(v.Name); hex.EncodeToString(key[:]) != v.NameKey {
		t.Error("a name's counters would start anew")
	}
}

func addVector(t *testing.T, what string, suite Suite) {
	t.Helper()
	secrets, err := NewSecrets(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(testOrg, secrets, suite, AllowTestSuite())
	if err != nil {
		t.Fatal(err)
	}
	user, export := signUp(t, s, NewClient(testOrg, suite), "alice", goodPass)
	fake, _ := s.fake("nobody")
	key := s.NameKey("alice")
	b, err := json.MarshalIndent(vector{What: what, Org: testOrg.String(), Account: user.ID.String(), Name: "alice", Password: string(goodPass), Suite: suite,
		Secrets: hex.EncodeToString(secrets.Encode()), Record: hex.EncodeToString(user.Record), Export: hex.EncodeToString(export[:]),
		Unknown: "nobody", FakeAccount: fake.String(), NameKey: hex.EncodeToString(key[:])}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata/v1", 0o755); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("testdata/v1", "suite"+hex.EncodeToString([]byte{byte(suite)})+".json")
	if err := os.WriteFile(name, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
