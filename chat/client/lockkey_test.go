package client_test

import (
	"testing"

	"visavis/chat/trust"
	"visavis/chat/wire"
)

// A lock's key is taken sealed, to the carrier that was asked for last, once, and for this session alone. What is refused locks nothing.
func TestLockKeyIsRefused(t *testing.T) {
	w, first, _, ben := people(t)
	s := w.LogIn(first, ben)
	c, place := s.Connection(), s.LockPlace()
	other := place
	other.Session[0] ^= 1
	asked := func() (carrier []byte) {
		t.Helper()
		var reply wire.LockKeyReply
		must(t, c.Call(t.Context(), wire.TypeLockKey, wire.Empty{}, &reply))
		return reply.Carrier
	}
	sealed := func(to []byte, at trust.LockPlace) []byte {
		t.Helper()
		b, err := trust.CarryLockKey(trust.Secret{7}, to, at)
		must(t, err)
		return b
	}
	for name, key := range map[string]func() []byte{
		"no key":            func() []byte { asked(); return []byte{} },
		"an open key":       func() []byte { asked(); return make([]byte, 32) },
		"another session's": func() []byte { return sealed(asked(), other) },
		"a former carrier":  func() []byte { old := asked(); asked(); return sealed(old, place) },
		"a carrier that was used": func() []byte {
			b := sealed(asked(), place)
			refused(t, c.Call(t.Context(), wire.TypeLock, wire.SessionLock{Key: []byte{1}}, new(wire.Empty)), wire.CodeInvalid)
			return b
		},
	} {
		err := c.Call(t.Context(), wire.TypeLock, wire.SessionLock{Key: key()}, new(wire.Empty))
		t.Log(name)
		refused(t, err, wire.CodeInvalid)
		_, err = s.Rooms(t.Context())
		must(t, err)
	}
	unlocked(t, w, locked(t, s), ben)
}
