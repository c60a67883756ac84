package client

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/audit"
)

const (
	// auditAnswer is how long a server may take for the head of its audit log: who never answers proves nothing.
	auditAnswer = time.Minute
	// auditSetting is where an admin's vault keeps the latest head, so that it is compared at every desk.
	auditSetting = "audit.head"
	// auditPast is where it keeps the directory's head that the admin has accepted another log in spite of.
	auditPast = "audit.past"

	// An admin's desk signs what it saw into the directory when the log has grown by witnessEvents since the last time, or witnessEvery has passed.
	witnessEvents = 256
	witnessEvery  = time.Hour
)

// AuditLog is what an admin's desk has found of the server's audit log.
type AuditLog struct {
	Kept  audit.Head // as it was seen last, at this desk, by this admin, or by one who signed it into the directory; where Changed is set, the one that does not agree; zero for none
	Shown audit.Head // as the server shows it now; zero when it shows none
	// Changed is nil when the log is what it was, or goes on from there; or when nothing was kept, and the server has no such log yet. Else
	// it wraps one of audit.ErrCut, audit.ErrRewritten and audit.ErrUnproven. Nothing stops an admin from working on; but events
	// that others rely on may be gone, so it is to be shown until somebody has looked into it: see Session.AcceptAudit.
	Changed error
}

// CheckAudit asks for the head of the audit log and compares it with those that this desk and the person's vault have kept, and with the one that
// an admin signed into the directory last. What agrees is kept
// from then on; what does not leaves them as they were, and shows again with each look. It is done by itself after each log-in of an admin,
// whose updates say when something is wrong. An error is the session's end, or the person's not being an admin; beside a look, it says that
// this desk could not keep what it saw.
func (s *Session) CheckAudit(ctx context.Context) (AuditLog, error) {
	kept, unread := s.keptAudit()
	known := kept.heads()
	look := AuditLog{}
	if len(known) > 0 {
		look.Kept = known[len(known)-1]
	}
	reply, err := s.askAudit(ctx, known)
	switch {
	case errors.Is(err, errNoAudit) && len(known) == 0 && unread == nil:
		return look, nil
	case err != nil && (ctx.Err() != nil || errors.Is(err, ErrEnded) || errors.Is(err, ErrClosed) || !s.IsAdmin()):
		return AuditLog{}, err
	case err != nil:
		look.Changed = fmt.Errorf("%w: %w", audit.ErrUnproven, errors.Join(unread, err))
		return look, nil
	}
	look.Shown = reply.shown
	for i, k := range known {
		if err := audit.Compare(k, reply.shown, reply.pasts[i]); err != nil {
			look.Kept, look.Changed = k, err
			return look, nil
		}
	}
	if unread != nil {
		look.Changed = fmt.Errorf("%w: %w", audit.ErrUnproven, unread)
		return look, nil
	}
	return look, s.keepAudit(kept, reply.shown)
}

// AcceptAudit makes this desk and the person's vault take the log as a look has shown it, although it is not what it was: for an admin who knows why,
// since a backup was restored. What was kept is forgotten.
func (s *Session) AcceptAudit(shown audit.Head) error {
	if err := shown.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.err == nil {
		s.vault.Settings[auditSetting] = shown.String()
		if w := s.dir.Witnessed(); w.Server == s.conn.hello.Server && w.Log != shown {
			s.vault.Settings[auditPast] = w.Log.String()
		}
	}
	s.mu.Unlock()
	return s.desk.writeAudit(shown)
}

var errNoAudit = errors.New("the server shows no audit log")

// audited is a server's answer, whose signature is its own.
type audited struct {
	shown audit.Head
	pasts []audit.Past // for each head that was asked for
}

func (s *Session) askAudit(ctx context.Context, kept []audit.Head) (audited, error) {
	hello := s.conn.hello
	if !slices.Contains(hello.Features, wire.FeatureAudit) {
		return audited{}, errNoAudit
	}
	request := wire.AuditHead{Known: make([]uint64, len(kept))}
	for i, k := range kept {
		request.Known[i] = k.Size
	}
	waits, cancel := context.WithTimeout(ctx, s.auditAnswer)
	defer cancel()
	var reply wire.AuditHeadReply
	if err := s.call(waits, wire.TypeAuditHead, request, &reply); err != nil {
		return audited{}, s.leaves(waits, err)
	}
	key, err := s.conn.serverKey()
	if err != nil {
		return audited{}, err
	}
	return openAudit(reply, len(kept), key, s.desk.org, hello.Server)
}

// openAudit checks that an answer is to what was asked, and by whom.
func openAudit(reply wire.AuditHeadReply, asked int, key ed25519.PublicKey, org models.OrgID, server models.Hash) (audited, error) {
	head, err := trust.OpenAuditHead(reply.Signed, key)
	switch {
	case err != nil:
		return audited{}, err
	case head.Org != org || head.Server != server:
		return audited{}, fmt.Errorf("head of another log: %w", ErrServer)
	case len(reply.Pasts) != asked:
		return audited{}, fmt.Errorf("%d proofs for %d heads: %w", len(reply.Pasts), asked, ErrServer)
	}
	return audited{head.Log, reply.Pasts}, nil
}

// leaves gives a server that says goodbye the time to go: then there was no answer, and nothing is wrong with the log. One that says so and stays
// has refused.
func (s *Session) leaves(ctx context.Context, err error) error {
	if !errors.Is(err, wire.Refuse(wire.CodeGoodbye)) {
		return err
	}
	select {
	case <-s.done:
		return fmt.Errorf("%w: %w", ErrEnded, err)
	case <-ctx.Done():
		return err
	}
}

// auditPins are what the log is compared with: the heads that this desk, the person's vault and the directory keep; zero for none.
type auditPins struct{ desk, own, directory audit.Head }

// heads are those that there are, the smaller one first, and one where they are the same.
func (k auditPins) heads() []audit.Head {
	heads := []audit.Head{k.desk, k.own, k.directory}
	slices.SortFunc(heads, func(a, b audit.Head) int { return cmp.Compare(a.Size, b.Size) })
	return slices.DeleteFunc(slices.Compact(heads), audit.Head.IsZero)
}

// keptAudit reads it. An error is the desk's: what it has seen is not known any more.
func (s *Session) keptAudit() (auditPins, error) {
	desk, err := s.desk.audited()
	s.mu.Lock()
	defer s.mu.Unlock()
	return auditPins{desk, s.ownAudit(), s.witnessedAudit()}, err
}

// ownAudit is the head in the vault; mu is held. What is there and is no head was written by a version that knows more: it is not judged.
func (s *Session) ownAudit() audit.Head {
	own, err := audit.ParseHead(s.vault.Settings[auditSetting])
	if err != nil {
		return audit.Head{}
	}
	return own
}

// witnessedAudit is the directory's head of this server's log, unless the admin knows that the log has another past; mu is held.
func (s *Session) witnessedAudit() audit.Head {
	w := s.dir.Witnessed()
	if w.Server != s.conn.hello.Server || s.vault.Settings[auditPast] == w.Log.String() {
		return audit.Head{}
	}
	return w.Log
}

// witnessAudit signs a head that agreed with all that is known into the directory, when the last one there is of long ago: so admins who share
// neither desk nor account compare what they are shown.
func (s *Session) witnessAudit(ctx context.Context, shown audit.Head) error {
	server := s.conn.hello.Server
	due := func() bool {
		w := s.dir.Witnessed()
		if w.Server != server {
			return shown.Size > 0
		}
		return shown.Size >= w.Log.Size+witnessEvents || shown.Size > w.Log.Size && s.desk.now().Sub(w.At) >= witnessEvery
	}
	if !due() {
		return nil
	}
	return s.direct(ctx, func(by trust.Author) ([]byte, error) {
		if !due() { // somebody was faster
			return nil, errWitnessed
		}
		return s.dir.SignAudit(by.Account, by.Key, server, shown, by.At)
	})
}

var errWitnessed = errors.New("another admin has just signed the log's head")

// keepAudit keeps a head that agreed with what was kept, at this desk and in the vault, which is saved in its time. Where another session has
// kept one meanwhile, that one stays: nobody has compared the two.
func (s *Session) keepAudit(was auditPins, now audit.Head) error {
	s.mu.Lock()
	if s.err == nil && s.ownAudit() == was.own && now.Size > was.own.Size {
		s.vault.Settings[auditSetting] = now.String()
	}
	s.mu.Unlock()
	return s.desk.keepAudit(was.desk, now)
}

// Audit is what the session's first look at the log has found. It is false before that is over, when nothing was answered, and for who is no admin.
func (s *Session) Audit() (AuditLog, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked == nil {
		return AuditLog{}, false
	}
	return *s.looked, true
}

// watchAudit takes an admin's first look at the log, and tells of nothing but trouble.
func (s *Session) watchAudit() {
	if !s.IsAdmin() {
		return
	}
	look, err := s.CheckAudit(s.ctx)
	if err != nil && look.Shown.IsZero() {
		return
	} // else a desk that could not keep what it saw: it compares with an older head the next time
	if look.Changed == nil && !look.Shown.IsZero() {
		_ = s.witnessAudit(s.ctx, look.Shown) // what is not signed now is signed after another log-in
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = &look
	if look.Changed != nil {
		s.updates = append(s.updates, Update{Audit: &look})
	}
	s.changed.Broadcast()
}
