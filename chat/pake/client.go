package pake

import (
	"fmt"
	"unicode/utf8"

	"github.com/bytemare/opaque"
	"golang.org/x/text/secure/precis"

	"visavis/models"
	"visavis/models/canon"
)

// Client is the half that knows the password. It holds no secret itself and is safe for concurrent use.
type Client struct {
	org    models.OrgID
	accept []Suite
}

// NewClient makes the desk's half for one organisation. accept lists the suites that the desk works with; SuiteV1 when empty.
func NewClient(org models.OrgID, accept ...Suite) *Client {
	if len(accept) == 0 {
		accept = []Suite{SuiteV1}
	}
	return &Client{org: org, accept: append([]Suite(nil), accept...)}
}

// prepare maps a typed password to the bytes that are proven (PRECIS OpaqueString), so that one password typed on two
// keyboards is one password. It refuses what can not be one.
func prepare(password []byte) ([]byte, error) {
	if len(password) == 0 || len(password) > MaxPassword {
		return nil, fmt.Errorf("%w (length)", ErrPassword)
	}
	if !utf8.Valid(password) { // the profile would replace what is not
		return nil, fmt.Errorf("%w (encoding)", ErrPassword)
	}
	b, err := precis.OpaqueString.Bytes(password)
	if err != nil || len(b) == 0 || len(b) > MaxPassword {
		return nil, fmt.Errorf("%w (characters)", ErrPassword)
	}
	return b, nil
}

func (c *Client) library(password []byte) (*opaque.Client, []byte, error) {
	prepared, err := prepare(password)
	if err != nil {
		return nil, nil, err
	}
	lib, err := configuration(c.org).Client()
	if err != nil {
		return nil, nil, fmt.Errorf("make the password client: %w", err)
	}
	return lib, prepared, nil
}

// Registration is a sign-up that waits for the server's response. One goroutine owns it; it finalizes once.
type Registration struct {
	client *Client
	lib    *opaque.Client
}

// Register begins a sign-up. The password is not kept by the caller's slice: it may be wiped afterwards.
func (c *Client) Register(password []byte) (*Registration, []byte, error) {
	lib, prepared, err := c.library(password)
	if err != nil {
		return nil, nil, fmt.Errorf("begin a registration: %w", err)
	}
	defer clear(prepared)
	var request []byte
	err = guard("begin a registration", ErrPassword, func() error {
		req, err := lib.RegistrationInit(prepared)
		if err != nil {
			return err
		}
		request = req.Serialize()
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return &Registration{client: c, lib: lib}, request, nil
}

// Finalize makes the record that the server keeps, and the key that it never learns.
func (r *Registration) Finalize(account models.AccountID, params Params, response []byte) ([]byte, ExportKey, error) {
	lib := r.lib
	r.lib = nil
	if lib == nil {
		return nil, ExportKey{}, fmt.Errorf("finalize a registration: %w (used already)", ErrPassword)
	}
	defer lib.ClearState()
	if err := params.check(r.client.accept); err != nil {
		return nil, ExportKey{}, fmt.Errorf("finalize a registration: %w", err)
	}
	if err := checkSize("registration response", response, ResponseSize); err != nil {
		return nil, ExportKey{}, err
	}
	var export ExportKey
	var raw []byte
	err := guard("finalize a registration", ErrPassword, func() error {
		resp, err := lib.Deserialize.RegistrationResponse(response)
		if err != nil {
			return err
		}
		rec, key, err := lib.RegistrationFinalize(resp, account[:], r.client.org[:], params.KSF.clientOptions())
		if err != nil {
			return err
		}
		copy(export[:], key)
		clear(key)
		raw = rec.Serialize()
		return nil
	})
	if err != nil {
		return nil, ExportKey{}, err
	}
	return canon.MustMarshal(record{Version: recordVersion, Params: params, Raw: raw}), export, nil
}

// Attempt is a log-in that waits for the server's KE2. One goroutine owns it; it finishes once.
type Attempt struct {
	client *Client
	lib    *opaque.Client
}

// Start begins a log-in and returns the KE1 to send. The caller may wipe the password afterwards.
func (c *Client) Start(password []byte) (*Attempt, []byte, error) {
	lib, prepared, err := c.library(password)
	if err != nil {
		return nil, nil, fmt.Errorf("begin a login: %w", err)
	}
	defer clear(prepared)
	var ke1 []byte
	err = guard("begin a login", ErrPassword, func() error {
		m, err := lib.GenerateKE1(prepared)
		if err != nil {
			return err
		}
		ke1 = m.Serialize()
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return &Attempt{client: c, lib: lib}, ke1, nil
}

// Finish checks the server's answer and makes the KE3. ErrPassword: the password is wrong, or nobody has the name.
// ErrSuite: the server offered weaker or unknown parameters, and nothing was computed under them.
func (a *Attempt) Finish(answer Answer) (ke3 []byte, session SessionKey, export ExportKey, err error) {
	lib := a.lib
	a.lib = nil
	if lib == nil {
		return nil, SessionKey{}, ExportKey{}, fmt.Errorf("finish a login: %w (used already)", ErrPassword)
	}
	defer lib.ClearState()
	if err := answer.Params.check(a.client.accept); err != nil {
		return nil, SessionKey{}, ExportKey{}, fmt.Errorf("finish a login: %w", err)
	}
	if err := checkSize("KE2", answer.KE2, KE2Size); err != nil {
		return nil, SessionKey{}, ExportKey{}, err
	}
	err = guard("finish a login", ErrPassword, func() error {
		ke2, err := lib.Deserialize.KE2(answer.KE2)
		if err != nil {
			return err
		}
		m, key, exp, err := lib.GenerateKE3(ke2, answer.Account[:], a.client.org[:], answer.Params.KSF.clientOptions())
		if err != nil {
			return err
		}
		if len(key) != len(session) || len(exp) != len(export) {
			return fmt.Errorf("keys of %d and %d bytes", len(key), len(exp))
		}
		copy(session[:], key)
		copy(export[:], exp)
		clear(key)
		clear(exp)
		ke3 = m.Serialize()
		return nil
	})
	if err != nil {
		return nil, SessionKey{}, ExportKey{}, err
	}
	return ke3, session, export, nil
}
