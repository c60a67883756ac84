package flow

import (
	"visavis/models"
)

// The root sheet in the window: who comes with it when all admins are lost, at a desk at which nobody is logged in, names one.

// Root is the organisation as the sheet's holder sees it.
type Root struct {
	Opened       bool
	Organisation string
	Desks        int
	People       []RootPerson
}

// RootPerson is somebody whom the sheet may make an admin.
type RootPerson struct {
	Account models.AccountID
	Name    string
	Admin   bool
	Waits   bool   // for approval: to be let in with the fingerprint
	Blocked string // why that can not be; empty when it can
}

type (
	// SheetTyped is the root sheet, as it was typed.
	SheetTyped struct{ Text Password }
	// RootIs is the organisation, once the sheet was proven and after each deed.
	RootIs struct {
		Root Root
		Note Note
	}
	// AdminNamed makes somebody an admin. Print is the fingerprint that the screen of who waits shows.
	AdminNamed struct {
		Account models.AccountID
		Print   string
	}
)

func (SheetTyped) event() {}
func (RootIs) event()     {}
func (AdminNamed) event() {}

type (
	// DoOpenRoot proves the sheet, wipes the text and answers with RootIs or Failed. What is kept of the sheet goes with DoAbandon, and after five minutes.
	DoOpenRoot struct{ Text Password }
	// DoNameAdmin answers with RootIs, or with Failed; with Anew when the sheet has to be typed again.
	DoNameAdmin struct {
		Account models.AccountID
		Print   string
	}
)

func (DoOpenRoot) effect()  {}
func (DoNameAdmin) effect() {}

func (s State) sheetTyped(e SheetTyped) (State, []Effect) {
	return s.begin(Checking), []Effect{DoOpenRoot(e)}
}

func (s State) rootIs(e RootIs) (State, []Effect) {
	s = s.begin(Idle)
	s.Root, s.Note = e.Root, e.Note
	return s, nil
}

func (s State) adminNamed(e AdminNamed) (State, []Effect) {
	if !s.Root.Opened {
		return s, nil
	}
	return s.begin(Checking), []Effect{DoNameAdmin(e)}
}
