package pake

import (
	"fmt"
	"slices"
	"sync"

	"github.com/bytemare/opaque"
	"github.com/bytemare/opaque/message"

	"visavis/models"
	"visavis/models/canon"
)

// Server is the half that knows records, not passwords. It is safe for concurrent use; the zero value is not usable.
type Server struct {
	org     models.OrgID
	secrets Secrets
	params  Params
	lib     *opaque.Server
}

// ServerOption changes what NewServer accepts.
type ServerOption func(*serverOptions)

type serverOptions struct{ testSuite bool }

// AllowTestSuite makes NewServer accept SuiteTest. Only tests say it.
func AllowTestSuite() ServerOption { return func(o *serverOptions) { o.testSuite = true } }

// NewServer makes the server's half for one organisation. suite is what new registrations get.
func NewServer(org models.OrgID, secrets Secrets, suite Suite, options ...ServerOption) (*Server, error) {
	var o serverOptions
	for _, option := range options {
		option(&o)
	}
	params, known := suite.Params()
	if !known || (suite == SuiteTest && !o.testSuite) {
		return nil, fmt.Errorf("make the password server: %w: suite %d", ErrSuite, suite)
	}
	if org.IsZero() {
		return nil, fmt.Errorf("make the password server: %w: no organisation", ErrSecrets)
	}
	material, err := secrets.keyMaterial(org[:])
	if err != nil {
		return nil, fmt.Errorf("make the password server: %w", err)
	}
	lib, err := configuration(org).Server()
	if err != nil {
		return nil, fmt.Errorf("make the password server: %w", err)
	}
	if err := lib.SetKeyMaterial(material); err != nil {
		return nil, fmt.Errorf("make the password server: %w", err)
	}
	return &Server{org: org, secrets: secrets, params: params, lib: lib}, nil
}

// Params are what new registrations get; they go to the desk beside the registration response.
func (s *Server) Params() Params { return s.params }

const (
	credentialLabel  = "visavis/v1/opaque/credential"
	fakeAccountLabel = "visavis/v1/opaque/fake-account"
	fakeRecordLabel  = "visavis/v1/opaque/fake-record"
)

func (s *Server) credentialID(name string) []byte {
	return s.secrets.derive(credentialLabel, name, 64)
}

// NameKey stands for a canonical name where the name itself shall not be written: counters of tries. It says nothing to
// who does not hold the Secrets, and is the same whether somebody has the name or not.
func (s *Server) NameKey(name string) [16]byte {
	return [16]byte(s.secrets.derive("visavis/v1/opaque/name", name, 16))
}

// Register answers a registration request for a canonical name.
func (s *Server) Register(name string, request []byte) (response []byte, err error) {
	if err := checkSize("registration request", request, RequestSize); err != nil {
		return nil, err
	}
	err = guard("answer a registration", ErrPassword, func() error {
		req, err := s.lib.Deserialize.RegistrationRequest(request)
		if err != nil {
			return err
		}
		resp, err := s.lib.RegistrationResponse(req, s.credentialID(name), nil)
		if err != nil {
			return err
		}
		response = resp.Serialize()
		return nil
	})
	return response, err
}

const recordVersion = 1

// record is what stands in models.User.Record.
type record struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Params  Params
	Raw     []byte // RFC 9807's RegistrationRecord
}

// MaxRecordSize bounds a registration record, in bytes.
const MaxRecordSize = 256

// CheckRecord refuses everything that Client.Register could not have made with this server's Params.
func (s *Server) CheckRecord(b []byte) error {
	_, err := s.openRecord(b, []Suite{s.params.Suite})
	return err
}

func (s *Server) openRecord(b []byte, accepted []Suite) (raw *message.RegistrationRecord, err error) {
	if len(b) > MaxRecordSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrRecord, len(b))
	}
	var r record
	if err := canon.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%w: damaged encoding", ErrRecord)
	}
	if r.Version != recordVersion || len(r.Raw) != rawRecordSize {
		return nil, fmt.Errorf("%w: version %d, %d bytes", ErrRecord, r.Version, len(r.Raw))
	}
	if err := r.Params.check(accepted); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	err = guard("read a registration record", ErrRecord, func() error {
		if raw, err = s.lib.Deserialize.RegistrationRecord(r.Raw); err != nil {
			return err
		}
		if !slices.ContainsFunc(raw.MaskingKey, func(c byte) bool { return c != 0 }) {
			return fmt.Errorf("empty masking key")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return raw, nil
}

// Answer is what goes back to the desk for a KE1.
type Answer struct {
	Account models.AccountID
	Params  Params
	KE2     []byte
}

// Answer answers a KE1 for a canonical name. user is nil for a name that nobody has: the answer then has the same shape, an
// account that is the same every time, and a Pending that no KE3 finishes.
func (s *Server) Answer(name string, user *models.User, ke1 []byte) (Answer, *Pending, error) {
	if err := checkSize("KE1", ke1, KE1Size); err != nil {
		return Answer{}, nil, err
	}
	// The fake one is made every time, and read like a stored one, so that it costs the same whether it is needed or not.
	account, made := s.fake(name)
	stored := canon.MustMarshal(record{Version: recordVersion, Params: s.params, Raw: made.Serialize()})
	if user != nil {
		account, stored = user.ID, user.Record
	}
	raw, err := s.openRecord(stored, []Suite{s.params.Suite})
	if err != nil {
		return Answer{}, nil, fmt.Errorf("answer a KE1: account %s: %w", account.Short(), err)
	}
	a := Answer{Account: account, Params: s.params}
	p := &Pending{server: s, real: user != nil}
	err = guard("answer a KE1", ErrPassword, func() error {
		first, err := s.lib.Deserialize.KE1(ke1)
		if err != nil {
			return err
		}
		ke2, out, err := s.lib.GenerateKE2(first, &opaque.ClientRecord{
			RegistrationRecord:   raw,
			CredentialIdentifier: s.credentialID(name),
			ClientIdentity:       account[:],
		})
		if err != nil {
			return err
		}
		a.KE2 = ke2.Serialize()
		p.mac, p.key = out.ClientMAC, out.SessionSecret
		return nil
	})
	if err != nil {
		return Answer{}, nil, err
	}
	return a, p, nil
}

// fake makes the account and the record that a name without a user is answered with. The library's own fake record is
// random each time, and a desk that asks twice would see the difference.
func (s *Server) fake(name string) (models.AccountID, *message.RegistrationRecord) {
	account := models.AccountID(s.secrets.derive(fakeAccountLabel, name, len(models.AccountID{})))
	seed := s.secrets.derive(fakeRecordLabel, name, 128)
	sk := scalar(seed[:64], fakeRecordLabel)
	return account, &message.RegistrationRecord{
		ClientPublicKey: group.Group().Base().Multiply(sk),
		MaskingKey:      seed[64:],
		Envelope:        make([]byte, rawRecordSize-32-64),
	}
}

// Unknown is the account that a name is answered with that nobody has; the same every time, and made whether somebody has the name or not.
func (s *Server) Unknown(name string) models.AccountID {
	account, _ := s.fake(name)
	return account
}

// Pending is one answered KE1 that waits for its KE3. It finishes once, whatever the outcome. It is safe for concurrent use.
type Pending struct {
	server *Server
	real   bool

	mu   sync.Mutex
	mac  []byte
	key  []byte
	done bool
}

// Finish checks the desk's proof and returns the key that both sides now share.
func (p *Pending) Finish(ke3 []byte) (SessionKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mac, key, done := p.mac, p.key, p.done
	p.mac, p.key, p.done = nil, nil, true
	if done || p.server == nil {
		return SessionKey{}, fmt.Errorf("finish a login: %w (answered already)", ErrPassword)
	}
	if err := checkSize("KE3", ke3, KE3Size); err != nil {
		return SessionKey{}, err
	}
	var session SessionKey
	err := guard("finish a login", ErrPassword, func() error {
		m, err := p.server.lib.Deserialize.KE3(ke3)
		if err != nil {
			return err
		}
		if err := p.server.lib.LoginFinish(m, mac); err != nil {
			return err
		}
		if !p.real || len(key) != len(session) {
			return fmt.Errorf("no such account")
		}
		copy(session[:], key)
		return nil
	})
	clear(key)
	if err != nil {
		return SessionKey{}, err
	}
	return session, nil
}
