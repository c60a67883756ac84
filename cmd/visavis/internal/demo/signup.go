package demo

import (
	"context"
	"errors"
	"fmt"

	"visavis/biometrics/gate"
	"visavis/biometrics/match"
	"visavis/chat/client"
)

// signUp signs a person up at a desk in one go, with an eye that perhaps keeps quiet about what it is.
func (d *desk) signUp(ctx context.Context, p *person, quiet bool) (err error) {
	look, err := d.look(ctx, p.enrolled.source(seedSignUp))
	if err != nil {
		return err
	}
	defer d.rest()
	if quiet {
		look = blind{look}
	}
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	p.SignedUp, err = d.SignUp(ctx, c, p.form(), look)
	return err
}

// form is what a person types to sign up.
func (p *person) form() client.SignUp {
	return client.SignUp{Name: p.name, Email: p.name + "@example.org", Password: []byte(p.password), Consent: consent}
}

// signedUp tells of a sign-up that worked, with what was measured: five poses, if wanted once more with glasses and a try, and only then saved.
func (s *story) signedUp(ctx context.Context, d *desk, p *person, all bool) error {
	s.hide(p.name+"'s password", []byte(p.password))
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	defer d.rest()
	e, err := d.StartSignUp(ctx, c, p.form())
	if err != nil {
		return err
	}
	defer e.Wipe()
	template, err := s.capture(ctx, d, p, match.Template{}, "front, left, right, up and down", p.enrolled.source(seedSignUp), e.Enrol)
	if err != nil {
		return err
	}
	if all {
		glasses := p.enrolled.source(seedGlasses, "glasses", "1")
		if _, err := s.capture(ctx, d, p, template, "once more, with glasses", glasses, e.Again); err != nil {
			return err
		}
		if err := s.tried(ctx, d, p, e); err != nil {
			return err
		}
	}
	if p.SignedUp, err = e.Finish(ctx); err != nil {
		return fmt.Errorf("%s signs up: %w", p.name, err)
	}
	s.hide(p.name+"'s recovery phrase", []byte(p.Phrase.Text()))
	return nil
}

// capture tells of one capture of a sign-up, and hides what the server keeps of it.
func (s *story) capture(ctx context.Context, d *desk, p *person, before match.Template, how, source string, step func(context.Context, client.Eye) error) (match.Template, error) {
	fail := func(err error) (match.Template, error) {
		return match.Template{}, fmt.Errorf("%s signs up, %s: %w", p.name, how, err)
	}
	look, err := d.look(ctx, source)
	if err != nil {
		return fail(err)
	}
	took, err := seconds(func() error {
		return s.patiently(ctx, d, "signup.face", unclear, func() error { return step(ctx, look) })
	})
	if err != nil {
		return fail(err)
	}
	s.judged(d, true)
	t, err := s.hideTemplate(p.name, d.shown, before)
	if err != nil {
		return fail(err)
	}
	verdict, err := s.lastVerdict(ctx, d, "signup.face")
	if err != nil {
		return fail(err)
	}
	s.true("%s showed the face at desk %q, %s, in %.1f s: %d views (%s)", p.name, d.name, how, took, len(t.Views), verdict)
	return t, nil
}

// tried: before anything is saved, the face is tried as a log-in would.
func (s *story) tried(ctx context.Context, d *desk, p *person, e *client.Enrolment) error {
	look, err := d.look(ctx, p.photo.source(seedTry))
	if err != nil {
		return err
	}
	if err := s.patiently(ctx, d, "signup.try", unclear, func() error { return e.Try(ctx, look) }); err != nil {
		return fmt.Errorf("%s tries: %w", p.name, err)
	}
	s.judged(d, true)
	s.true("%s tried it at once, from a second photograph without glasses: it works, and only then was it saved", p.name)
	return nil
}

// hideTemplate remembers the numbers that the server must have stored, so that they are looked for.
func (s *story) hideTemplate(name string, x shown, before match.Template) (match.Template, error) {
	policy := gate.DefaultPolicy(x.seen.Weights)
	policy.AllowVirtual = true
	t, verdict := gate.Enrol(x.seen, x.challenge, policy.MaxElapsed, policy, before.Views...)
	if verdict.Decision != gate.Accepted {
		return t, fmt.Errorf("%w: what enrolled %s does not enrol again: %v", ErrUntrue, name, verdict.Why)
	}
	for i, view := range t.Views {
		b, err := view.MarshalBinary()
		if err != nil {
			return t, err
		}
		s.hide(fmt.Sprintf("view %d of %s's face", i+1, name), b[:48])
	}
	raw, err := x.seen.Frames[0].Descriptor.MarshalBinary()
	if err != nil {
		return t, err
	}
	s.hide("a frame's descriptor of "+name, raw[:48])
	return t, nil
}
