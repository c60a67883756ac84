package pake

import (
	"crypto"
	"errors"
	"fmt"
	"slices"

	"github.com/bytemare/ksf"
	"github.com/bytemare/opaque"

	"visavis/models"
)

// The errors of this package. A closed set: everything from the library is one of them.
var (
	// ErrPassword says that the proof failed: a wrong password, an unknown name or bytes that are no message of the protocol.
	ErrPassword = errors.New("the name or the password is wrong")
	// ErrSuite says that the other side works with parameters that this side does not accept.
	ErrSuite = errors.New("password parameters that are not accepted here")
	// ErrRecord says that a registration record is not one.
	ErrRecord = errors.New("not a registration record")
	// ErrSecrets says that the server's secrets can not be read.
	ErrSecrets = errors.New("not the server's password secrets")
)

// Suite names a group, hashes and a key stretching function with its parameters. The zero Suite is none.
type Suite uint8

const (
	// SuiteV1 is ristretto255-SHA512, HKDF-SHA512, HMAC-SHA512 and Argon2id with t=3, 64 MiB, p=4.
	SuiteV1 Suite = 1
	// SuiteTest is SuiteV1 with an Argon2id that costs nothing. It is for tests: a Server refuses it without AllowTestSuite.
	SuiteTest Suite = 255
)

// KSF are the parameters of Argon2id. Its salt is 16 zero bytes (RFC 9807, section 7), its output 64 bytes.
type KSF struct {
	_       struct{} `cbor:",toarray"`
	Time    uint32
	Memory  uint32 // KiB
	Threads uint8
}

// Params is a suite with its parameters written out. It stands in a record and travels with a KE2, so that neither side has
// to guess what the other did; it is never a choice.
type Params struct {
	_     struct{} `cbor:",toarray"`
	Suite Suite
	KSF   KSF
}

// Params returns what the suite stands for, and false for a suite that this build does not know.
func (s Suite) Params() (Params, bool) {
	switch s {
	case SuiteV1:
		return Params{Suite: s, KSF: KSF{Time: 3, Memory: 64 << 10, Threads: 4}}, true
	case SuiteTest:
		return Params{Suite: s, KSF: KSF{Time: 1, Memory: 32, Threads: 4}}, true
	}
	return Params{}, false
}

// check refuses parameters that are not, byte for byte, those of one of the accepted suites.
func (p Params) check(accepted []Suite) error {
	own, known := p.Suite.Params()
	if !known || p != own || !slices.Contains(accepted, p.Suite) {
		return fmt.Errorf("%w: suite %d with %d passes over %d KiB", ErrSuite, p.Suite, p.KSF.Time, p.KSF.Memory)
	}
	return nil
}

// clientOptions are passed on every finishing step: the library's own defaults are others.
func (k KSF) clientOptions() *opaque.ClientOptions {
	return &opaque.ClientOptions{
		KSFSalt:       make([]byte, 16),
		KSFParameters: []uint64{uint64(k.Time), uint64(k.Memory), uint64(k.Threads)},
		KSFLength:     crypto.SHA512.Size(),
	}
}

const (
	contextLabel = "visavis/v1/opaque"
	group        = opaque.RistrettoSha512
)

// Lengths of the messages, in bytes. Nothing of another length reaches the library.
const (
	RequestSize  = 32
	ResponseSize = 64
	KE1Size      = 96
	KE2Size      = 320
	KE3Size      = 64

	rawRecordSize = 192
)

// configuration is the one configuration; only the organisation differs.
func configuration(org models.OrgID) *opaque.Configuration {
	return &opaque.Configuration{
		OPRF: group, AKE: group,
		KDF: crypto.SHA512, MAC: crypto.SHA512, Hash: crypto.SHA512,
		KSF:     ksf.Argon2id,
		Context: append([]byte(contextLabel), org[:]...),
	}
}

// guard runs work that hands foreign bytes to the library. Neither an error of the library nor a panic of it gets out: both
// become outside, with the cause kept as text for the audit.
func guard(operation string, outside error, work func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w (the library panicked: %v)", operation, outside, r)
		}
	}()
	if cause := work(); cause != nil {
		return fmt.Errorf("%s: %w (%v)", operation, outside, cause)
	}
	return nil
}

func checkSize(what string, b []byte, want int) error {
	if len(b) != want {
		return fmt.Errorf("%w (%s of %d bytes, want %d)", ErrPassword, what, len(b), want)
	}
	return nil
}
