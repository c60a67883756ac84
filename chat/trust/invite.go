package trust

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"visavis/models"
	"visavis/models/canon"
)

// Bounds of an invite.
const (
	MaxAddresses  = 8
	MaxInviteCode = 64
	maxInviteText = 4096
)

const invitePrefix = "visavis-invite-1:"

// Invite is what a new desk needs to enrol. The server makes the first half; an admin's client adds the second, which never
// passes through the server. The very first desk has the first half alone. It prints redacted: Text gives the real thing.
type Invite struct {
	Addresses []string    // host:port, tried in order
	CA        models.Hash // fingerprint of the server's certificate authority
	Code      []byte      // one-time code

	Org    models.OrgID
	Root   models.Hash // RootFingerprint
	Pepper Pepper
	Secret Secret // proves to the admin that the desk's request is the desk's
}

type invitePayload struct {
	_         struct{} `cbor:",toarray"`
	Version   uint8
	Type      string
	Suite     uint8
	Org       models.OrgID
	Addresses []string
	CA        models.Hash
	Code      []byte
	Root      models.Hash
	Pepper    []byte
	Secret    []byte
	Ext       Ext
}

// Full says whether an admin's client has added its half.
func (i Invite) Full() bool { return !i.Org.IsZero() }

// CodeHash is the name under which server and vault keep the invite.
func (i Invite) CodeHash() models.Hash { return InviteCodeHash(i.Code) }

// InviteCodeHash is the SHA-256 of a one-time code.
func InviteCodeHash(code []byte) models.Hash { return sha256.Sum256(code) }

func (i Invite) check() error {
	if len(i.Addresses) == 0 || len(i.Addresses) > MaxAddresses || i.CA.IsZero() || len(i.Code) < 8 || len(i.Code) > MaxInviteCode {
		return fmt.Errorf("%w: invite", ErrFormat)
	}
	for _, a := range i.Addresses {
		if err := checkAddress(a); err != nil {
			return err
		}
	}
	if full := i.Full(); full == i.Root.IsZero() || full == i.Pepper.IsZero() || full == i.Secret.IsZero() {
		return fmt.Errorf("%w: half of an admin's half", ErrFormat)
	}
	return nil
}

func checkAddress(a string) error {
	host, port, err := net.SplitHostPort(a)
	if err != nil || host == "" || len(a) > 255 || checkText("address", a, 255) != nil || strings.ContainsAny(a, " /\\@") {
		return fmt.Errorf("%w: address %q", ErrFormat, a)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("%w: port of %q", ErrFormat, a)
	}
	return nil
}

// Text returns the invite as one line for a new desk. Its reader can enrol: handle it as a password.
func (i Invite) Text() (string, error) {
	if err := i.check(); err != nil {
		return "", err
	}
	p := invitePayload{Version: Version, Type: LabelInviteText.Type(), Suite: Suite, Org: i.Org, Addresses: i.Addresses, CA: i.CA, Code: i.Code, Root: i.Root}
	if i.Full() {
		p.Pepper, p.Secret = i.Pepper[:], i.Secret[:]
	}
	body := canon.MustMarshal(p)
	sum := LabelInviteText.Hash(body)
	return invitePrefix + base64.RawURLEncoding.EncodeToString(append(body, sum[:4]...)), nil
}

// ParseInvite reads what Text wrote; space around it does not matter. A typing error is ErrChecksum or ErrFormat.
func ParseInvite(text string) (Invite, error) {
	if len(text) > maxInviteText {
		return Invite{}, fmt.Errorf("%w: invite of %d bytes", ErrFormat, len(text))
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), invitePrefix)
	if !ok {
		return Invite{}, fmt.Errorf("%w: an invite begins with %q", ErrFormat, invitePrefix)
	}
	if strings.ContainsAny(rest, "\r\n") {
		return Invite{}, fmt.Errorf("%w: an invite is one line", ErrFormat)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(raw) < 4 {
		return Invite{}, fmt.Errorf("invite: %w", ErrChecksum)
	}
	body := raw[:len(raw)-4]
	if sum := LabelInviteText.Hash(body); string(sum[:4]) != string(raw[len(body):]) {
		return Invite{}, fmt.Errorf("invite: %w", ErrChecksum)
	}
	var p invitePayload
	if err := Decode(body, maxInviteText, &p); err != nil {
		return Invite{}, err
	}
	return p.invite()
}

func (p invitePayload) invite() (Invite, error) {
	h := Header{p.Version, p.Type, p.Suite, p.Org}
	if err := h.Check(LabelInviteText); err != nil {
		return Invite{}, err
	}
	i := Invite{Addresses: p.Addresses, CA: p.CA, Code: p.Code, Org: p.Org, Root: p.Root}
	for _, f := range []struct {
		to   *Secret
		from []byte
	}{{&i.Pepper, p.Pepper}, {&i.Secret, p.Secret}} {
		if n := len(f.from); n != 0 && n != len(f.to) || (n == 0) == i.Full() {
			return Invite{}, fmt.Errorf("%w: secret of %d bytes", ErrFormat, n)
		}
		copy(f.to[:], f.from)
	}
	if err := i.check(); err != nil {
		return Invite{}, err
	}
	return i, p.Ext.Check()
}

func (i Invite) String() string { return "invite " + i.CodeHash().Short() + redacted }

// GoString is String.
func (i Invite) GoString() string { return i.String() }

// Format keeps every verb from printing the code and the secrets.
func (i Invite) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, i.String()) }

// MarshalText keeps JSON, TOML and slog from printing them.
func (i Invite) MarshalText() ([]byte, error) { return []byte(i.String()), nil }
