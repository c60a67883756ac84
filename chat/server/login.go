package server

import (
	"context"
	"errors"

	"visavis/biometrics/gate"
	"visavis/biometrics/match"
	"visavis/biometrics/weights"
	"visavis/chat/login"
	"visavis/chat/pake"
)

// newLogin makes the log-in service of the organisation that the directory was founded with.
func (s *Server) newLogin(ctx context.Context, h *hub) (*login.Service, error) {
	suite, options := pake.SuiteV1, []pake.ServerOption(nil)
	if s.CheapPasswords {
		suite, options = pake.SuiteTest, append(options, pake.AllowTestSuite())
	}
	passwords, err := pake.NewServer(h.dir.Org(), s.Secrets, suite, options...)
	if err != nil {
		return nil, err
	}
	policy, err := s.policy()
	if err != nil {
		return nil, err
	}
	return login.New(ctx, login.Config{
		Store: s.store, Passwords: passwords, Templates: *s.Ring, Policy: policy,
		Directory: login.Verified(h.dir), Limits: login.DefaultLimits(), Now: s.now, Random: s.Random,
	})
}

// policy is what the settings demand of a face.
func (s *Server) policy() (gate.Policy, error) {
	p := gate.DefaultPolicy(weights.Version)
	p.AllowVirtual = s.Config.Camera.AllowVirtual
	var errs [2]error
	p.Level, errs[0] = match.ParseLevel(s.Config.Face.Level)
	p.Lamp, errs[1] = gate.ParseLamp(s.Config.Face.Lamp)
	return p, errors.Join(errs[:]...)
}
