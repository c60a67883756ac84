package client_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"visavis/chat/client"
)

// Neither the key nor anything that it opens can be reached from what a locked desk holds in memory; what the session was has no keys left.
func TestLockedHoldsNothing(t *testing.T) {
	w, _, admin, ben, _, room := talking(t)
	drawn := &remembers{}
	desk := w.Desk(admin, "second") // where nobody else is, who would draw from it too
	desk.Random = drawn
	s := w.LogIn(desk, ben)
	must(t, s.Enter(t.Context(), room))
	readText(t, s, room)
	secrets := s.Secrets(room)
	if len(secrets) < 5 {
		t.Fatalf("%d secrets to look for", len(secrets))
	}
	s.Still(func() {
		for name, secret := range secrets {
			if !reaches(s, secret, true) {
				t.Errorf("the search does not find the %s of an open session", name)
			}
		}
	})
	keys := s.KeysOf(room) // which somebody may still hold
	l := locked(t, s)
	key := drawn.find(l.Opens)
	if key == nil {
		t.Fatal("the lock's key was never drawn")
	}
	l.Connection().Cut() // so that nothing moves while it is looked at
	<-l.Done()
	secrets["lock key"] = key
	secrets["said"] = []byte("hello ben")
	for name, secret := range secrets {
		for what, from := range map[string]any{"lock": l, "session": s, "room": keys} {
			if reaches(from, secret, false) {
				t.Errorf("the %s is reached from the %s", name, what)
			}
		}
	}
	for _, x := range []any{l, []any{l}, struct{ L *client.Locked }{l}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			text := fmt.Sprintf(verb, x)
			if strings.Contains(text, fmt.Sprintf("%x", l.Token()[:16])) || strings.Contains(text, fmt.Sprint(l.Token()[:8])) {
				t.Errorf("%s prints the token", verb)
			}
		}
	}
	unlocked(t, w, l, ben)
}

// remembers is randomness that was looked at.
type remembers struct {
	mu  sync.Mutex
	all [][]byte
}

func (r *remembers) Read(b []byte) (int, error) {
	n, err := rand.Read(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, bytes.Clone(b))
	return n, err
}

func (r *remembers) find(ok func([]byte) bool) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.IndexFunc(r.all, ok); i >= 0 {
		return r.all[i]
	}
	return nil
}

// reaches walks everything that can be reached from x, but for the desk, whose own keys are nobody's, and the test's own randomness, and looks for bytes. The
// connection of what is live is left out.
func reaches(x any, secret []byte, live bool) bool {
	seen := map[[2]uintptr]bool{}
	var walk func(v reflect.Value, depth int) bool
	walk = func(v reflect.Value, depth int) bool {
		if depth > 60 || !v.IsValid() || v.Type() == reflect.TypeFor[*client.Desk]() || v.Type() == reflect.TypeFor[*remembers]() || live && v.Type() == reflect.TypeFor[*client.Conn]() {
			return false
		}
		switch v.Kind() {
		case reflect.Pointer:
			at := [2]uintptr{v.Pointer(), reflect.ValueOf(v.Type()).Pointer()}
			if v.IsNil() || seen[at] {
				return false
			}
			seen[at] = true
			return walk(v.Elem(), depth+1)
		case reflect.Interface:
			return !v.IsNil() && walk(v.Elem(), depth+1)
		case reflect.Struct:
			for i := range v.NumField() {
				if walk(v.Field(i), depth+1) {
					return true
				}
			}
		case reflect.Map:
			for it := v.MapRange(); it.Next(); {
				if walk(it.Key(), depth+1) || walk(it.Value(), depth+1) {
					return true
				}
			}
		case reflect.String:
			return bytes.Contains([]byte(v.String()), secret)
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				b := make([]byte, v.Len())
				for i := range b {
					b[i] = byte(v.Index(i).Uint())
				}
				return bytes.Contains(b, secret)
			}
			for i := range v.Len() {
				if walk(v.Index(i), depth+1) {
					return true
				}
			}
		}
		return false
	}
	return walk(reflect.ValueOf(x), 0)
}
