package ui

import (
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// newInvite asks people into the open room.
func newInvite(k *kit) screen {
	return newPeopleOf(k, panelSize, whom{
		head: say("invite.head"), none: say("invite.none.why"), alone: say("invite.all"), aloneWhy: say("invite.all.why"),
		among: outside,
		deeds: func(v *talk.View, x talk.Person) []deed {
			ask := flow.Asked{Action: flow.Action{Verb: flow.InvitePerson, Room: v.Open.ID, Account: x.ID}}
			return []deed{{text: say("invite.ask"), do: func() { k.post(ask) }}}
		},
	})
}

// outside are those who are not in the open room.
func outside(v *talk.View) []talk.Person {
	if v.Open == nil {
		return nil
	}
	in := make(map[models.AccountID]bool, len(v.Open.Members))
	for _, m := range v.Open.Members {
		in[m.ID] = true
	}
	var list []talk.Person
	for _, x := range v.People {
		if !in[x.ID] && x.ID != v.Me {
			list = append(list, x)
		}
	}
	return list
}
