package kiosk

import (
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

// note keeps a phrase until it was asked back, or left, and wipes where it comes from.
func (k *Kiosk) note(phrase *e2e.Phrase) {
	k.entry.noted = *phrase
	clear(phrase[:])
	k.showPhrase()
}

// showPhrase shows it, and draws what will be asked for: anew each time, so that nobody looks only for what he was asked.
func (k *Kiosk) showPhrase() {
	e := k.entry
	if e == nil {
		return
	}
	places, err := e2e.DrawRecall(k.random())
	if err != nil {
		k.apply(flow.Failed{Problem: problemOf(err, anywhere), Anew: true})
		return
	}
	k.apply(flow.PhraseIs{Phrase: flow.NewSecret(e.noted.Text()), Places: places})
}

// compare holds what was typed to the phrase that was shown.
func (k *Kiosk) compare(x flow.DoCompare) {
	defer wipeGroups(x.Groups)
	e := k.entry
	if e == nil {
		return
	}
	var typed [e2e.RecallGroups][]byte
	for i, g := range x.Groups {
		typed[i] = g
	}
	k.apply(flow.GroupsAre{Wrong: e.noted.Wrong(k.state.Recall.Places, typed)})
}

func wipeGroups(groups [e2e.RecallGroups]flow.Password) {
	for _, g := range groups {
		clear(g)
	}
}

// finish makes account or password, now that the phrase is on paper.
func (k *Kiosk) finish() {
	e := k.entry
	if e == nil {
		return
	}
	e.pressed()
	clear(e.noted[:])
	switch {
	case e.recovery.stands():
		k.finishRecovery(e)
	case e.face.stands():
		k.finishSignUp(e)
	default: // its connection is gone, and with it what the server kept
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.PhraseVoid}})
	}
}

// unfinished is why a last step did not end well. Where its answer is missing, it may have gone well all the same.
func unfinished(err error, where place) flow.Problem {
	p := problemOf(err, where)
	if p.Kind == flow.Unreachable {
		p.Kind = flow.PhraseUnsure
	}
	return p
}
