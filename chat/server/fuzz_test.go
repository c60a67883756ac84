package server_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// FuzzRequests has a desk and an admin ask for anything, with any body: every request is answered or ends its connection, and no handler meets
// what it did not reckon with.
func FuzzRequests(f *testing.F) {
	types := server.Types()
	for n := range types {
		f.Add(uint8(n), true, []byte{0x80})
		f.Add(uint8(n), false, canon.MustMarshal(wire.ByLogin{Login: models.LoginID{1}}))
	}
	f.Add(uint8(0), true, canon.MustMarshal(wire.VaultPut{Version: 2}))
	f.Add(uint8(0), true, canon.MustMarshal(wire.LogAppend{Kind: models.EntryStatement, Body: []byte{0x80}}))
	f.Add(uint8(0), true, canon.MustMarshal(wire.BoxPut{Boxes: []wire.Box{{}}}))
	f.Add(uint8(0), true, canon.MustMarshal(wire.AuditHead{Known: []uint64{1, 1 << 63}}))
	f.Add(uint8(0), false, canon.MustMarshal(wire.SessionResume{Counter: 1}))
	f.Add(uint8(0), false, canon.MustMarshal(wire.SignupStart{Name: "ada", Request: make([]byte, 32)}))

	var trouble chattest.SafeBuffer
	w := chattest.New(f, nil, func(o *server.Options) {
		o.Log = slog.New(slog.NewTextHandler(&trouble, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	d, ada := w.Found("ada", 1)
	// What belongs to the target's own f may not be called from within a run.
	connect := func() *client.Conn {
		c, err := d.Connect(context.Background())
		if err != nil {
			panic(err)
		}
		return c
	}
	logIn := func() *client.Conn {
		c := connect()
		s, err := d.LogIn(context.Background(), c, ada.Name, []byte(ada.Password), w.Eye(ada.Face))
		if err != nil {
			panic(err)
		}
		go func() { // takes what the fuzzed requests make the server send, until the session ends
			for err == nil {
				_, err = s.Next(context.Background())
			}
		}()
		return c
	}
	desk, admin, over := connect(), logIn(), false
	defer func() { _, _ = desk.Close(), admin.Close() }()
	f.Fuzz(func(t *testing.T, typ uint8, inside bool, body []byte) {
		var any any
		if canon.Unmarshal(body, &any) != nil {
			return // no frame holds it
		}
		if inside && (over || ended(admin)) {
			_ = admin.Close()
			w.Clock.Move(2 * time.Hour) // whatever was counted
			admin = logIn()
		}
		if ended(desk) {
			desk = connect()
		}
		c := desk
		if inside {
			c = admin
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		name := types[int(typ)%len(types)]
		over = inside && (name == wire.TypeLogout || name == wire.TypeLock)
		_ = c.Call(ctx, name, canon.Raw(body), new(canon.Raw))
		if ctx.Err() != nil {
			t.Errorf("%s is not answered", name)
		}
		if said := trouble.String(); strings.Contains(said, "level=ERROR") {
			t.Errorf("%s: %s", name, said)
		}
	})
}

func ended(c *client.Conn) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}
