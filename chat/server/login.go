package server

import (
	"visavis/biometrics/gate"
	"visavis/biometrics/weights"
	"visavis/chat/login"
	"visavis/chat/pake"
)

// newLogin makes the log-in service of the organisation that the directory was founded with.
func (s *Server) newLogin(h *hub) (*login.Service, error) {
	suite, options := pake.SuiteV1, []pake.ServerOption(nil)
	if s.CheapPasswords {
		suite, options = pake.SuiteTest, append(options, pake.AllowTestSuite())
	}
	passwords, err := pake.NewServer(h.dir.Org(), s.Secrets, suite, options...)
	if err != nil {
		return nil, err
	}
	policy := gate.DefaultPolicy(weights.Version)
	policy.AllowVirtual = s.Config.Camera.AllowVirtual
	return login.New(login.Config{
		Store: s.store, Passwords: passwords, Templates: *s.Ring, Policy: policy,
		Directory: login.Verified(h.dir), Limits: login.DefaultLimits(), Now: s.now, Random: s.Random,
	})
}
