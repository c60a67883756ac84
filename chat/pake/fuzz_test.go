package pake

import (
	"bytes"
	"errors"
	"testing"

	"visavis/models"
	"visavis/models/canon"
	"visavis/models/canon/grammar"
)

// FuzzServer hands every message of a desk to the server: nothing panics, and every error is one of the closed set.
func FuzzServer(f *testing.F) {
	s, c := newTestServer(f, testOrg), newTestClient()
	user, _ := signUp(f, s, c, "alice", goodPass)
	_, request, err := c.Register(goodPass)
	if err != nil {
		f.Fatal(err)
	}
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{nil, request, ke1, user.Record, s.secrets.Encode(), make([]byte, KE1Size), make([]byte, KE3Size)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := s.Register("alice", b); err != nil && !errors.Is(err, ErrPassword) {
			t.Errorf("register: %v", err)
		}
		for _, u := range []*models.User{user, nil} {
			answer, _, err := s.Answer("alice", u, b)
			if err != nil && !errors.Is(err, ErrPassword) {
				t.Errorf("answer: %v", err)
			}
			if err == nil && len(answer.KE2) != KE2Size {
				t.Errorf("a KE2 of %d bytes", len(answer.KE2))
			}
		}
		if err := s.CheckRecord(b); err != nil && !errors.Is(err, ErrRecord) {
			t.Errorf("record: %v", err)
		}
		if decoded, err := DecodeSecrets(b); err == nil && !bytes.Equal(decoded.Encode(), b) {
			t.Error("secrets have two encodings")
		}
		_, pending, err := s.Answer("alice", user, ke1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pending.Finish(b); !errors.Is(err, ErrPassword) {
			t.Errorf("finish: %v", err)
		}
	})
}

// FuzzClient hands every message of a server to the desk.
func FuzzClient(f *testing.F) {
	s, c := newTestServer(f, testOrg), newTestClient()
	user, _ := signUp(f, s, c, "alice", goodPass)
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		f.Fatal(err)
	}
	answer, _, err := s.Answer("alice", user, ke1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(answer.KE2)
	f.Add(make([]byte, KE2Size))
	f.Add(answer.KE2[:ResponseSize])
	f.Fuzz(func(t *testing.T, b []byte) {
		a, _, err := c.Start(goodPass)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := a.Finish(Answer{Account: user.ID, Params: s.Params(), KE2: b}); !errors.Is(err, ErrPassword) {
			t.Errorf("finish: %v", err)
		}
		r, _, err := c.Register(goodPass)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.Finalize(user.ID, s.Params(), b); err != nil && !errors.Is(err, ErrPassword) {
			t.Errorf("finalize: %v", err)
		}
	})
}

// FuzzParams has a server name the suite and the price of passwords: the desk computes under its own list, and under nothing else.
func FuzzParams(f *testing.F) {
	s, c := newTestServer(f, testOrg), newTestClient()
	user, _ := signUp(f, s, c, "alice", goodPass)
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		f.Fatal(err)
	}
	answer, _, err := s.Answer("alice", user, ke1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(canon.MustMarshal(s.Params()))
	f.Add(canon.MustMarshal(Params{}))
	f.Add(user.Record)
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Params
		if canon.Unmarshal(b, &p) != nil || p == s.Params() {
			return
		}
		a, _, err := c.Start(goodPass)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := a.Finish(Answer{Account: user.ID, Params: p, KE2: answer.KE2}); !errors.Is(err, ErrSuite) {
			t.Errorf("finish under %+v: %v", p, err)
		}
	})
}

// FuzzFormats reads bytes as what is stored and sent beside the library's own messages.
func FuzzFormats(f *testing.F) { grammar.Fuzz(f, formats) }
