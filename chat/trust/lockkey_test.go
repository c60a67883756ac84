package trust

import (
	"bytes"
	"errors"
	"testing"

	"visavis/models"
)

func TestLockKeyIsCarried(t *testing.T) {
	carrier := check[*LockCarrier](t)(NewLockCarrier())
	at, key := LockPlace{Org: models.OrgID{1}, Account: models.AccountID{2}, Session: models.SessionID{3}}, Secret{4}
	sealed := check[[]byte](t)(CarryLockKey(key, carrier.Public(), at))
	if len(sealed) != 1168 || bytes.Contains(sealed, key[:]) {
		t.Errorf("%d bytes", len(sealed))
	}
	another := check[*LockCarrier](t)(NewLockCarrier())
	spoilt := bytes.Clone(sealed)
	spoilt[len(spoilt)-1] ^= 1
	for name, open := range map[string]func() (Secret, error){
		"no carrier":           func() (Secret, error) { return (*LockCarrier)(nil).Open(sealed, at) },
		"another carrier":      func() (Secret, error) { return another.Open(sealed, at) },
		"another organisation": func() (Secret, error) { p := at; p.Org[0]++; return carrier.Open(sealed, p) },
		"another account":      func() (Secret, error) { p := at; p.Account[0]++; return carrier.Open(sealed, p) },
		"another session":      func() (Secret, error) { p := at; p.Session[0]++; return carrier.Open(sealed, p) },
		"spoilt":               func() (Secret, error) { return carrier.Open(spoilt, at) },
		"nothing":              func() (Secret, error) { return carrier.Open(nil, at) },
		"a zero key": func() (Secret, error) {
			return carrier.Open(check[[]byte](t)(CarryLockKey(Secret{}, carrier.Public(), at)), at)
		},
	} {
		if got, err := open(); !errors.Is(err, ErrLockKey) || !got.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := carrier.Open(sealed, at); err != nil || got != key {
		t.Errorf("its own: %v", err)
	}
	for _, bad := range [][]byte{nil, carrier.Public()[1:]} {
		if _, err := CarryLockKey(key, bad, at); !errors.Is(err, ErrLockKey) {
			t.Errorf("a carrier of %d bytes: %v", len(bad), err)
		}
	}
}
