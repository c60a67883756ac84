package e2e

import (
	"bytes"
	"fmt"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// MaxTwice bounds a proof, in bytes.
const MaxTwice = 12 << 10

// Twice is what two signed messages prove: that somebody's keys have signed both, in one room, under one number of one stream. No client does that whose
// keys are its person's alone.
//
// The proof is the two messages as they were signed. So whoever has the directory can check it, without having been in the room; and whoever is given it
// reads both.
type Twice struct {
	Room    models.RoomID
	Account models.AccountID
	Name    string // what the directory called the account at the first one's head
	Stream  models.StreamID
	Counter uint64
	Said    [2]Message // in the order of the proof, which is that of their bytes; without hash, and what a log says of them
}

// twiceSaid is the proof's form. The first is the lesser, so that two messages make one proof.
type twiceSaid struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	First   []byte
	Second  []byte
}

// Twice makes the proof of two entries of the room's log, whose generations this person can open. It fails with ErrFormat where they prove nothing.
func (r *Room) Twice(one, other models.Entry) ([]byte, error) {
	var signed [2][]byte
	for i, e := range []models.Entry{one, other} {
		m, err := trust.ParseMessage(e.Body)
		if err != nil {
			return nil, fmt.Errorf("prove entry %d: %w", e.Seq, err)
		}
		g, known := r.state.Generation(m.Generation)
		if !known || r.secrets[g.Hash] == nil {
			return nil, fmt.Errorf("prove entry %d: %s: %w", e.Seq, CauseNoKey, ErrFormat)
		}
		var cause Cause
		if signed[i], _, cause = openToken(m.Token, r.secrets[g.Hash], g); cause != CauseNone {
			return nil, fmt.Errorf("prove entry %d: %s: %w", e.Seq, cause, ErrFormat)
		}
	}
	if bytes.Compare(signed[0], signed[1]) > 0 {
		signed[0], signed[1] = signed[1], signed[0]
	}
	proof := canon.MustMarshal(twiceSaid{Version: trust.Version, First: signed[0], Second: signed[1]})
	if _, err := OpenTwice(proof, r.s.cfg.Directory); err != nil {
		return nil, err
	}
	return proof, nil
}

// OpenTwice checks a proof by the directory alone. It fails with ErrFormat, or with trust's reason why one of the two is not its author's:
// ErrUnknownHead where the directory is not read so far.
func OpenTwice(proof []byte, dir *trust.Directory) (Twice, error) {
	fail := func(err error) (Twice, error) { return Twice{}, fmt.Errorf("two messages under one number: %w", err) }
	var p twiceSaid
	if err := trust.Decode(proof, MaxTwice, &p); err != nil || p.Version != trust.Version || bytes.Compare(p.First, p.Second) >= 0 {
		return fail(ErrFormat)
	}
	one, author, err := openSigned(p.First, dir)
	if err != nil {
		return fail(err)
	}
	other, _, err := openSigned(p.Second, dir)
	if err != nil {
		return fail(err)
	}
	if one.Room != other.Room || one.Account != other.Account || one.Stream != other.Stream || one.Counter != other.Counter {
		return fail(ErrFormat)
	}
	t := Twice{Room: one.Room, Account: one.Account, Name: author.Name, Stream: one.Stream, Counter: one.Counter}
	for i, b := range []messageBody{one, other} {
		t.Said[i] = Message{ID: b.ID, Stream: b.Stream, Counter: b.Counter, Generation: b.Generation, Time: timeOf(b.Time), Kind: b.Kind, Content: b.Content}
	}
	return t, nil
}

// openSigned opens a message's signed body by the directory that it names, and returns whose it is.
func openSigned(signed []byte, dir *trust.Directory) (b messageBody, by trust.Identity, err error) {
	payload, err := trust.Payload(signed)
	if err == nil {
		err = trust.Decode(payload, trust.MaxMessage, &b)
	}
	if err == nil {
		err = b.Header.Check(trust.LabelMessage)
	}
	if err != nil {
		return b, by, err
	}
	if b.Org != dir.Org() {
		return b, by, trust.ErrOrg
	}
	if _, known := dir.SeqOf(b.Dir); !known {
		return b, by, trust.ErrUnknownHead
	}
	if by, err = dir.IdentityAt(b.Dir, b.Account); err != nil {
		return b, by, err
	}
	_, err = trust.Verify(trust.LabelMessage, signed, by.Signing)
	return b, by, err
}
