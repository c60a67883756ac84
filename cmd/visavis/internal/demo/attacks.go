package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"visavis/biometrics/gate"
	"visavis/chat/wire"
)

// attack is somebody who knows a person's password, and shows something else than the person.
type attack struct {
	what   string
	person string
	source string
	why    []string // any of these is a right reason to refuse it
}

// Reasons of the gate that refuse what does not move like a head, and what is not one person's face throughout.
var (
	notAlive = []string{gate.NotLive.String()}
	notHim   = []string{gate.OtherPerson.String(), gate.OtherFrame.String(), gate.OtherTurned.String(), gate.Discontinuous.String(), gate.NotLive.String()}
)

// attacks: at two desks at once. No person is shown more of them than an hour's challenges allow, nor five in a row.
func (s *story) attacks(ctx context.Context) error {
	at := func(name, mode string, more ...string) string {
		return s.cast[name].photo.source(seedLogIn, append([]string{"mode", mode}, more...)...)
	}
	stranger := s.cast["the stranger"].photo
	with := []string{"with", stranger.path, "withface", strconv.Itoa(stranger.face)}
	counter := []attack{
		{"a stranger's head with ben's password", "ben", stranger.source(seedLogIn), notHim},
		{"a flat print of ben, moved as asked", "ben", at("ben", "flat"), notAlive},
		{"a print of ben with holes for living eyes", "ben", at("ben", "eyes"), notAlive},
		{"ben's head, a stranger's from the middle on", "ben", at("ben", "swap", with...), notHim},
		{"ada's head, a stranger's in one of the returns", "ada", at("ada", "mix", with...), notHim},
	}
	window := []attack{
		{"a bent print of cleo", "cleo", at("cleo", "bent"), notAlive},
		{"cleo's photograph on a phone in a hand", "cleo", at("cleo", "phone"), notAlive},
		{"cleo's photograph on a monitor, moved by a program", "cleo", at("cleo", "monitor"), notAlive},
		{"ada's photograph as a stream, jittering", "ada", at("ada", "jitter"), notAlive},
		{"a film of ada in another challenge, as a stream", "ada", at("ada", "replay"), notAlive},
	}
	return atOnce(ctx, func(ctx context.Context) error { return s.attackAt(ctx, s.desks[0], counter) },
		func(ctx context.Context) error { return s.attackAt(ctx, s.desks[1], window) })
}

func (s *story) attackAt(ctx context.Context, d *desk, attacks []attack) error {
	for _, a := range attacks {
		p := s.cast[a.person]
		err := s.patiently(ctx, d, "login.face", unseen, func() error {
			session, err := d.logIn(ctx, p.name, p.password, a.source)
			if err == nil {
				session.Close()
			}
			return err
		})
		s.judged(d, false)
		if err := s.faceRefused(ctx, d, err, a.what, a.why...); err != nil {
			return err
		}
	}
	return nil
}

// faceRefused also tells what the server measured, from its audit, and holds it to the right reason: the desk was told none.
func (s *story) faceRefused(ctx context.Context, d *desk, refusal error, what string, whys ...string) error {
	verdict, err := s.lastVerdict(ctx, d, "login.face")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(whys, func(why string) bool { return strings.Contains(verdict, why) }) {
		return fmt.Errorf("%w: %s: refused for another reason than %q: %q", ErrUntrue, what, whys, verdict)
	}
	return s.refused(refusal, wire.CodeFace, "%s (%s)", what, verdict)
}
