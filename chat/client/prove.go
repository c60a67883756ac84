package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/chat/wire"
)

// NeedsProof says that err is a server's refusal of something that wants a proof of just now: after ProvePassword or ProveFace the same call works, for a
// minute.
func NeedsProof(err error) bool { return errors.Is(err, wire.Refuse(wire.CodeProve)) }

// Freshly does deed. Where the server wants a proof of just now for it, prove gives one, and deed is done again: nothing of it was kept.
func Freshly(deed, prove func() error) error {
	err := deed()
	if !NeedsProof(err) {
		return err
	}
	if err := prove(); err != nil {
		return err
	}
	return deed()
}

// ProvePassword proves by the password that the session's person is there. A wrong one is CodeNotSignedIn, and counted like that of a log-in. The
// caller wipes the password.
func (s *Session) ProvePassword(ctx context.Context, password []byte) error {
	if err := s.provable(); err != nil {
		return err
	}
	attempt, ke1, err := s.desk.passwords().Start(password)
	if err != nil {
		return notSignedIn(err)
	}
	var answer wire.LoginReply
	if err := s.call(ctx, wire.TypeProveBegin, wire.ProveBegin{KE1: ke1}, &answer); err != nil {
		return err
	}
	params, err := passwordParams(answer.Params)
	if err != nil {
		return err
	}
	ke3, shared, export, err := attempt.Finish(pake.Answer{Account: s.Account(), Params: params, KE2: answer.KE2})
	clear(shared[:])
	clear(export[:])
	if err != nil {
		return notSignedIn(err)
	}
	return s.call(ctx, wire.TypeProvePassword, wire.LoginPassword{Login: answer.Login, KE3: ke3}, new(wire.Empty))
}

// ProveFace proves it by the face: it settles the eye, asks for a challenge and captures it, so call it when the person has pressed the button.
func (s *Session) ProveFace(ctx context.Context, eye Eye) error {
	if err := errors.Join(s.provable(), s.desk.allowed(s.conn, eye)); err != nil {
		return err
	}
	if err := eye.Settle(ctx); err != nil {
		return err
	}
	var started wire.ByLogin
	if err := s.call(ctx, wire.TypeProveLook, wire.Empty{}, &started); err != nil {
		return err
	}
	s.mu.Lock()
	session := s.claim.session
	s.mu.Unlock()
	shown := look{evidence: trust.Evidence{
		Purpose: trust.PurposeProve, Login: started.Login, Account: s.Account(), Handshake: trust.ProveHash(session),
	}}
	evidence, err := shown.play(ctx, s.desk, s.conn, eye, wire.TypeProveChallenge)
	if err != nil {
		return err
	}
	return s.call(ctx, wire.TypeProveFace, wire.LoginFace{Login: started.Login, Evidence: evidence}, new(wire.Empty))
}

// provable says whether the server takes proofs at all.
func (s *Session) provable() error {
	if !slices.Contains(s.conn.hello.Features, wire.FeatureProve) {
		return fmt.Errorf("prove who is there: %w", wire.Refuse(wire.CodeNotAllowed))
	}
	return nil
}
