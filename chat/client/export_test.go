package client

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// What hostile desks do in tests.

// Connection is the connection below a session.
func (s *Session) Connection() *Conn { return s.conn }

// Device is the key that signs evidence.
func (d *Desk) Device() ed25519.PrivateKey { return d.device }

// Seen is how much of the directory was seen.
func (d *Desk) Seen() (uint64, models.Hash) { return d.pinned() }

// SetSeen pretends that more was.
func (d *Desk) SetSeen(n uint64, head models.Hash) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen, d.head, d.saved = n, head, n
}

// SetAddresses changes where the server is looked for.
func (d *Desk) SetAddresses(a ...string) { d.addresses = a }

// TLSKey is the key of the desk's certificate.
func (d *Desk) TLSKey() ed25519.PrivateKey { return d.tlsKey }

// SetCertificate puts another certificate in the place of the desk's own.
func (d *Desk) SetCertificate(key ed25519.PrivateKey, der []byte) { d.tlsKey, d.cert = key, der }

// CertificateDER is the desk's certificate.
func (d *Desk) CertificateDER() []byte { return d.cert }

// FirstKE1 begins a log-in that goes nowhere.
func (d *Desk) FirstKE1(password []byte) ([]byte, error) {
	_, ke1, err := d.passwords().Start(password)
	return ke1, err
}

// RawTLS is the desk's side of TLS on either protocol, for connections that do as they like.
func (d *Desk) RawTLS(enrol bool) (*tls.Config, error) {
	if enrol {
		return pki.DeskTLS(nil, d.ca, "127.0.0.1"), nil
	}
	cert, err := pki.NewCertificate(d.tlsKey, d.cert)
	return pki.DeskTLS(&cert, d.ca, "127.0.0.1"), err
}

// WriteRaw sends bytes as they are.
func (c *Conn) WriteRaw(b []byte) error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	_, err := c.net.Write(b)
	return err
}

// LastID is the id of the last request.
func (c *Conn) LastID() uint64 {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	return c.lastID
}

// AppendRaw sends an entry as it is.
func (s *Session) AppendRaw(b wire.LogAppend) (uint64, error) {
	var reply wire.LogAppendReply
	err := s.conn.Call(context.Background(), wire.TypeLogAppend, b, &reply)
	return reply.Seq, err
}

// SealRaw seals a text without sending it.
func (s *Session) SealRaw(id models.RoomID, text string) (wire.LogAppend, error) {
	r, err := s.room(id)
	if err != nil {
		return wire.LogAppend{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := r.keys.Seal(e2e.Draft{Kind: e2e.KindText, Content: []byte(text)})
	return wire.LogAppend{Room: e.Room, Kind: e.Kind, Message: e.Message, Body: e.Body, Boxes: []wire.Box{}}, err
}

// NewDirectRaw begins a room of two without sending it.
func (s *Session) NewDirectRaw(peer models.AccountID) (wire.LogAppend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.keys.NewDirect(trust.DefaultPolicy(), peer)
	return wire.LogAppend{Room: e.Room, Kind: e.Kind, Message: e.Message, Body: e.Body, Boxes: []wire.Box{}}, err
}

// Applied is how far a room has been read.
func (s *Session) Applied(id models.RoomID) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[id]; r != nil {
		return r.applied
	}
	return 0
}

// Author signs as the session's person.
func (s *Session) Author() trust.Author { return s.keys.Author() }

// SetBoxesPerFrame makes a generation's boxes go out in smaller parts.
func (s *Session) SetBoxesPerFrame(n int) { s.boxesPerFrame = n }

// JunkGeneration makes a generation whose boxes open for its maker alone.
func (s *Session) JunkGeneration(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) {
		e, err := r.keys.Generation()
		for i := range e.Boxes {
			if e.Boxes[i].Account != s.Account() {
				e.Boxes[i].Body[1100] ^= 1
			}
		}
		return e, err
	})
}

// SplitGeneration makes a generation whose boxes hold the secret of another one, which nothing around a box tells.
func (s *Session) SplitGeneration(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) {
		other, err := r.keys.Generation()
		if err != nil {
			return other, err
		}
		e, err := r.keys.Generation()
		e.Boxes = other.Boxes
		return e, err
	})
}

// RenewGeneration makes an honest generation.
func (s *Session) RenewGeneration(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.Generation() })
}

// SaveVault saves the vault now.
func (s *Session) SaveVault(ctx context.Context) error { return s.saveVault(ctx) }

// RoomEntries are a new room and the invitation of account into it.
func (s *Session) RoomEntries(account models.AccountID) ([]models.Entry, error) {
	s.mu.Lock()
	e, err := s.keys.NewRoom(trust.DefaultPolicy())
	by := s.keys.Author()
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	r := trust.NewRoom(s.dir.Org(), e.Room)
	if _, err := r.Apply(e, s.dir); err != nil {
		return nil, err
	}
	invite, err := r.SignInvite(by, s.dir, account, trust.RoleMember)
	return []models.Entry{e, {Room: e.Room, Kind: e.Kind, Author: by.Account, Message: models.MessageID{1}, Body: invite, At: by.At}}, err
}

// RoomWith makes a room and invites account into it.
func (s *Session) RoomWith(account models.AccountID) error {
	es, err := s.RoomEntries(account)
	for _, e := range es {
		if err == nil {
			_, err = s.append(context.Background(), e)
		}
	}
	return err
}

// ForeignGeneration is a generation that names a directory head which is none, signed by the session's person.
func (s *Session) ForeignGeneration(id models.RoomID, head models.Hash) ([]byte, error) {
	r, err := s.room(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := r.keys.State().NextGeneration(s.Account(), s.dir)
	g.Dir = head
	return trust.SignGeneration(g, s.keys.Author().Key), nil
}

// SetPatience says how soon the directory is looked at again, from now on.
func (s *Session) SetPatience(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience, s.fetched.began = d, time.Now()
}

// Queued is how many entries of rooms wait to be applied.
func (s *Session) Queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.roomIn)
}

// TakeAlike takes a server's lists of lookalikes.
func (s *Session) TakeAlike(some []Waiting, rows [][]wire.Lookalike) error {
	return s.takeAlike(some, rows)
}
