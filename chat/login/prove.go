package login

import (
	"context"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
)

// ProveStart answers a KE1 of whoever sits at an open session, and counts it as a log-in's: an open desk is no place to guess at.
func (s *Service) ProveStart(ctx context.Context, c Conn, of Session, ke1 []byte) (StartReply, error) {
	e := entry{event: "prove.start", desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return StartReply{}, err
	}
	return s.answer(ctx, e, c, of.Name, ke1, &signin{purpose: trust.PurposeProve, session: of.ID, account: of.Account})
}

// ProvePassword checks a KE3, once, as Password does. What OPAQUE agreed on is wiped: the session goes on as it was.
func (s *Service) ProvePassword(ctx context.Context, c Conn, id models.LoginID, ke3 []byte) (who Present, err error) {
	err = step(ctx, s, s.logins, c, id, "prove.password", func(e entry, a *signin, _ time.Time) (over time.Time, err error) {
		if err = s.password(ctx, e, a, ke3, trust.PurposeProve); err == nil {
			who = a.present()
		}
		return over, err
	})
	return who, err
}

// ProveLook begins a proof by the face, of whoever sits at an open session.
func (s *Service) ProveLook(ctx context.Context, c Conn, of Session) (models.LoginID, error) {
	return s.lookStart(ctx, c, of, "prove.look", trust.PurposeProve, trust.ProveHash(of.ID))
}

// ProveChallenge is Challenge of such a proof: the one that stands for the account at this desk.
func (s *Service) ProveChallenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return s.challenge(ctx, c, id, "prove.challenge", trust.PurposeProve)
}

// ProveFace judges signed evidence, once, as Face does.
func (s *Service) ProveFace(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (Present, error) {
	return s.lookFace(ctx, c, id, evidence, "prove.face", trust.PurposeProve)
}
