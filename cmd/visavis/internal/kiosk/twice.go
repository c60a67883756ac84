package kiosk

import (
	"errors"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
)

// lookAtTwice shows the open room's proofs against who has signed two messages under one number.
func (k *Kiosk) lookAtTwice(st *stay, a flow.Action) {
	k.showTwice(st)
	k.done(a, flow.Done{}, nil)
}

func (k *Kiosk) showTwice(st *stay) {
	p := flow.Proofs{Looked: true}
	if s := st.session; s != nil {
		p.List = twicesShown(s.Proofs(st.model.Opened()), s.Directory(), k.o.Location)
	}
	k.apply(flow.ProofsAre{Proofs: p})
}

// awaitTwice shows them as soon as there are some: they are made a moment after the line that tells of them.
func (k *Kiosk) awaitTwice(st *stay) {
	if k.state.Panel != flow.TwiceSaid || k.state.Proofs.Brought || len(k.state.Proofs.List) > 0 || st.session == nil {
		return
	}
	if len(st.session.Proofs(st.model.Opened())) > 0 {
		k.showTwice(st)
	}
}

// errNoProof is what somebody has brought and proves nothing.
var errNoProof = errors.New("no proof")

// checkTwice says what a proof proves that somebody has handed on.
func (k *Kiosk) checkTwice(st *stay, a flow.Action) {
	if st.session == nil {
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	proof, err := e2e.ParseProof(a.Text)
	var two e2e.Twice
	if err == nil {
		two, err = e2e.OpenTwice(proof, st.session.Directory())
	}
	if err != nil {
		k.apply(flow.ProofsAre{Proofs: flow.Proofs{Looked: true, Brought: true}})
		k.done(a, flow.Done{}, errors.Join(errNoProof, err))
		return
	}
	k.apply(flow.ProofsAre{Proofs: flow.Proofs{Looked: true, Brought: true, List: []flow.Twice{twiceShown(two, proof, k.o.Location)}}})
	k.done(a, flow.Done{Note: flow.NoteProven}, nil)
}

// twicesShown are those that the directory bears out.
func twicesShown(proofs [][]byte, dir *trust.Directory, zone *time.Location) (list []flow.Twice) {
	for _, proof := range proofs {
		if two, err := e2e.OpenTwice(proof, dir); err == nil {
			list = append(list, twiceShown(two, proof, zone))
		}
		clear(proof)
	}
	return list
}

func twiceShown(two e2e.Twice, proof []byte, zone *time.Location) flow.Twice {
	x := flow.Twice{Name: two.Name, Text: flow.NewSecret(e2e.ProofText(proof))}
	for i, m := range two.Said {
		x.Said[i] = flow.Quote{At: m.Time.In(zone), Kind: m.Kind}
		if m.Kind == e2e.KindText || m.Kind == e2e.KindTitle {
			x.Said[i].Text = string(m.Content)
		}
	}
	return x
}
