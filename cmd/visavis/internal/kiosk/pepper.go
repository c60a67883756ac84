package kiosk

import (
	"context"
	"errors"
	"strings"

	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// lookAtPeppers shows how far people have moved under the newest vault pepper.
func (k *Kiosk) lookAtPeppers(st *stay, a flow.Action) {
	s, desk := st.session, k.desk
	if s == nil {
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	begin(k, st.scope, patiently(k, func(ctx context.Context) (flow.Peppers, error) {
		uses, err := s.PepperUses(ctx)
		p := flow.Peppers{Looked: err == nil, Older: desk.OlderPeppers()}
		for _, u := range uses {
			n := int(min(u.Vaults, 1<<30)) // a server's word
			p.All += n
			if u.Newest {
				p.Moved = n
			}
		}
		return p, err
	}), func(p flow.Peppers, err error) {
		if err == nil {
			k.apply(flow.PeppersAre{Peppers: p})
		}
		k.done(a, flow.Done{}, err)
	}, nil)
}

// workWithPepper replaces, shows or drops peppers, for who has proven to be still there: what the desk shows or forgets, no server is asked for.
func (k *Kiosk) workWithPepper(st *stay, a flow.Action) {
	if !k.wantsProof(st, a) {
		k.actSlowly(st, a, slowActs[a.Verb])
	}
}

func replacePepper(ctx context.Context, s *client.Session, _ flow.Action) (models.RoomID, flow.Secret, error) {
	text, err := s.ReplacePepper(ctx)
	return models.RoomID{}, flow.NewSecret(text), err
}

func showPepper(_ context.Context, s *client.Session, _ flow.Action) (models.RoomID, flow.Secret, error) {
	text, err := s.PepperText()
	return models.RoomID{}, flow.NewSecret(text), err
}

func dropPeppers(s *client.Session, ctx context.Context, _ flow.Action) error {
	_, err := s.DropPeppers(ctx)
	return err
}

// errPepperText is what was typed and is no pepper, or none of this organisation.
var errPepperText = errors.New("not a vault pepper of this organisation")

// takePepper gives the desk a pepper that was brought as a text. Whose it is only the directory says.
func (k *Kiosk) takePepper(e flow.DoTakePepper) {
	desk := k.desk
	k.run(k.life, func(context.Context) error {
		defer clear(e.Text)
		err := desk.AddPepper(strings.TrimSpace(string(e.Text)))
		if err != nil && !errors.Is(err, client.ErrPeppers) && !errors.Is(err, client.ErrDeskFile) {
			err = errors.Join(errPepperText, err)
		}
		return err
	}, func(err error) {
		if err != nil {
			k.apply(flow.Failed{Problem: problemOf(err, anywhere)})
			return
		}
		k.apply(flow.PepperTaken{})
	})
}
