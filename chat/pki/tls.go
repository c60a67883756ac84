package pki

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"net"
	"visavis/models"
)

// The application protocols (ALPN).
const (
	ProtoChat  = "visavis/1"
	ProtoEnrol = "visavis-enroll/1"
)

// exporterBytes is the length of what Exporter returns.
const exporterBytes = 32

// ServerTLS is the server's side of both protocols. cert is the server's own, its chain ending in the authority's. Every connection on
// ProtoChat has shown a certificate of ca's when decide is asked about it; decide's error, or a nil decide, ends the handshake. Decide
// runs on the handshake's goroutine, once a connection, and must be safe for concurrent use. The server has to look at NegotiatedProtocol
// to know which of the two it serves.
func ServerTLS(cert tls.Certificate, ca *x509.Certificate, decide func(tls.ConnectionState) error) *tls.Config {
	chat := base(ProtoChat)
	chat.Certificates = []tls.Certificate{cert}
	chat.ClientAuth = tls.RequireAnyClientCert
	chat.VerifyConnection = func(s tls.ConnectionState) error {
		if err := checkState(s, ProtoChat); err != nil {
			return err
		}
		if err := verify(s.PeerCertificates, ca, "", x509.ExtKeyUsageClientAuth, time.Now()); err != nil {
			return err
		}
		if decide == nil {
			return fmt.Errorf("%w: nobody decides", ErrRefused)
		}
		return decide(s)
	}
	enrol := base(ProtoEnrol)
	enrol.Certificates = []tls.Certificate{cert}
	enrol.ClientAuth = tls.NoClientCert
	enrol.VerifyConnection = func(s tls.ConnectionState) error { return checkState(s, ProtoEnrol) }

	// The outer configuration is never used for a connection that names no protocol: it has to be complete all the same.
	outer := chat.Clone()
	outer.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		switch {
		case slices.Equal(h.SupportedProtos, []string{ProtoChat}):
			return chat, nil
		case slices.Equal(h.SupportedProtos, []string{ProtoEnrol}):
			return enrol, nil
		}
		return nil, fmt.Errorf("%w: the client speaks neither %s nor %s", ErrRefused, ProtoChat, ProtoEnrol)
	}
	return outer
}

// DeskTLS is a desk's side. With a certificate it speaks ProtoChat, with nil ProtoEnrol. The server has to prove that the authority with
// this fingerprint certified it for serverName, a host name or an IP address without a port.
func DeskTLS(cert *tls.Certificate, fingerprint models.Hash, serverName string) *tls.Config {
	proto := ProtoEnrol
	if cert != nil {
		proto = ProtoChat
	}
	c := base(proto)
	if cert != nil {
		c.Certificates = []tls.Certificate{*cert}
	}
	c.ServerName = serverName
	// Not insecure: the library's own check wants a root by its certificate, and a desk knows it by its key. VerifyConnection
	// does the whole check instead.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if err := checkState(s, proto); err != nil {
			return err
		}
		ca, err := authorityIn(s.PeerCertificates, fingerprint)
		if err != nil {
			return err
		}
		if serverName == "" {
			return fmt.Errorf("%w: no server name to check", ErrRefused)
		}
		return verify(s.PeerCertificates, ca, serverName, x509.ExtKeyUsageServerAuth, time.Now())
	}
	return c
}

func base(proto string) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		MaxVersion:             tls.VersionTLS13,
		CurvePreferences:       []tls.CurveID{tls.X25519MLKEM768},
		NextProtos:             []string{proto},
		SessionTicketsDisabled: true,
	}
}

// checkState holds a finished handshake against what was asked for.
func checkState(s tls.ConnectionState, proto string) error {
	switch {
	case s.Version != tls.VersionTLS13:
		return fmt.Errorf("%w: not TLS 1.3", ErrRefused)
	case s.CurveID != tls.X25519MLKEM768:
		return fmt.Errorf("%w: key exchange %v", ErrRefused, s.CurveID)
	case s.NegotiatedProtocol != proto:
		return fmt.Errorf("%w: protocol %q, want %q", ErrRefused, s.NegotiatedProtocol, proto)
	case s.DidResume:
		return fmt.Errorf("%w: resumed session", ErrRefused)
	}
	return nil
}

// authorityIn finds the authority in the chain that the server sent.
func authorityIn(chain []*x509.Certificate, fingerprint models.Hash) (*x509.Certificate, error) {
	if fingerprint.IsZero() {
		return nil, fmt.Errorf("%w: no authority to check it by", ErrRefused)
	}
	if len(chain) != 2 {
		return nil, fmt.Errorf("%w: a chain of %d, want the server's certificate and its authority's", ErrRefused, len(chain))
	}
	if KeyHash(chain[1]) != fingerprint {
		return nil, fmt.Errorf("%w: the server belongs to another organisation, or someone stands between: authority %s, want %s",
			ErrRefused, KeyHash(chain[1]).Short(), fingerprint.Short())
	}
	return chain[1], nil
}

// verify checks that ca itself certified the first of chain, for this use and name, and that the time is right.
func verify(chain []*x509.Certificate, ca *x509.Certificate, name string, use x509.ExtKeyUsage, now time.Time) error {
	if len(chain) == 0 {
		return ErrNoPeer
	}
	if ca == nil || !ca.IsCA {
		return fmt.Errorf("%w: no authority to check it by", ErrRefused)
	}
	leaf := chain[0]
	if leaf.IsCA {
		return fmt.Errorf("%w: an authority's certificate stands where a leaf's belongs", ErrRefused)
	}
	if _, ok := leaf.PublicKey.(ed25519.PublicKey); !ok {
		return fmt.Errorf("%w: %w", ErrRefused, ErrKeyType)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	if _, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, DNSName: name, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{use},
	}); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}

// PeerKeyHash is the SHA-256 of the SubjectPublicKeyInfo of the other side's certificate: how the store finds a desk.
func PeerKeyHash(s tls.ConnectionState) (models.Hash, error) {
	if len(s.PeerCertificates) == 0 {
		return models.Hash{}, ErrNoPeer
	}
	return KeyHash(s.PeerCertificates[0]), nil
}

// PeerDesk is the desk id that the other side's certificate was issued for.
func PeerDesk(s tls.ConnectionState) (models.DeskID, error) {
	if len(s.PeerCertificates) == 0 {
		return models.DeskID{}, ErrNoPeer
	}
	var id models.DeskID
	if err := id.Parse(s.PeerCertificates[0].Subject.CommonName); err != nil {
		return models.DeskID{}, fmt.Errorf("read the desk's certificate: %w", err)
	}
	return id, nil
}

// Exporter returns 32 bytes that only the two ends of this very connection can compute.
func Exporter(s tls.ConnectionState, label string, context []byte) ([]byte, error) {
	if !s.HandshakeComplete {
		return nil, errors.New("export key material: the handshake is not complete")
	}
	b, err := s.ExportKeyingMaterial(label, context, exporterBytes)
	if err != nil {
		return nil, fmt.Errorf("export key material: %w", err)
	}
	return b, nil
}

// Refused says whether err is the other side's alert: it refused the handshake. crypto/tls does not export the type inside.
func Refused(err error) bool {
	var alert *net.OpError
	return errors.As(err, &alert) && alert.Op == "remote error"
}
