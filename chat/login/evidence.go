package login

import (
	"fmt"

	"visavis/biometrics"
	"visavis/chat/trust"
)

// openEvidence checks the desk's signature and every binding. want holds what the step knows; what the connection is comes from c. Any
// failure is FaceNotAccepted.
func (s *Service) openEvidence(c Conn, signed []byte, want trust.Evidence) (biometrics.Evidence, error) {
	e, err := trust.OpenEvidence(signed, c.DeviceKey)
	if err != nil {
		return biometrics.Evidence{}, refuse(FaceNotAccepted, errEvidence, err)
	}
	exporter, err := c.Exporter(want.Login)
	if err != nil {
		return biometrics.Evidence{}, fmt.Errorf("export from the connection: %w", err)
	}
	for _, b := range []struct {
		what  string
		holds bool
	}{
		{"purpose", e.Purpose == want.Purpose},
		{"organisation", e.Org == c.Org},
		{"server", e.Server == c.Server},
		{"login", e.Login == want.Login},
		{"account", e.Account == want.Account},
		{"desk", e.Desk == c.Desk},
		{"TLS key", e.TLSKey == c.TLSKeyHash},
		{"connection", e.Exporter == exporter},
		{"challenge", e.Challenge == want.Challenge},
		{"handshake", e.Handshake == want.Handshake},
	} {
		if !b.holds {
			return biometrics.Evidence{}, refuse(FaceNotAccepted, fmt.Errorf("%w: another %s", errBinding, b.what))
		}
	}
	if !s.directory.Camera(c.Desk, e.Seen.Camera) {
		return biometrics.Evidence{}, refuse(FaceNotAccepted, errCamera)
	}
	return e.Seen, nil
}
