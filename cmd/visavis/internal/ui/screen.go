package ui

import (
	"image"
	"time"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

// screen is a page or a panel. It is made when the state asks for it and dropped after leave; it is used on the UI goroutine only.
type screen interface {
	content() fyne.CanvasObject
	show(flow.State)       // called at once after it was made, and at every state until it is left
	focus() fyne.Focusable // where typing begins; nil for nowhere
	leave()                // wipes every entry and every text of a person
}

// kit is what every screen is given; each has its own copy.
type kit struct {
	post     func(flow.Event)
	now      func() time.Time
	do       func(func())                                   // runs something on the UI goroutine
	after    func(time.Duration, func()) (stop func() bool) // time.AfterFunc; what it calls uses do to touch a widget
	app      fyne.App
	window   fyne.Window
	pictures *pictures
	mush     image.Image              // what is left of the screen while a session is locked
	escape   func()                   // what Esc does: closes the panel, or cancels the page
	shortcut func(fyne.Shortcut) bool // the window's own shortcuts; false when it is none
	key      func(*fyne.KeyEvent) bool
	touched  func()      // told of every key that goes into a field
	rest     func()      // keeps the focus from everything until the hands rest
	wheels   []*wheel    // of this screen; they stop when it is left
	invite   flow.Secret // what the enrol page begins with
	typed    func()      // told of every typed rune that changed a text; may be nil
}

// pages says who makes a page.
func pages() map[flow.Page]func(*kit) screen {
	return map[flow.Page]func(*kit) screen{
		flow.Starting: newStarting,
		flow.Enrol:    newEnrol,
		flow.Found:    newFound,
		flow.Sheet:    newSheet,
		flow.LogIn:    newLogIn,
		flow.SignUp:   newSignUp,
		flow.Recover:  newRecover,
		flow.Bring:    newBring,
		flow.ByRoot:   newRoot,
		flow.Renew:    newRenew,
		flow.Look:     newLookPage,
		flow.Glasses:  newGlasses,
		flow.Phrase:   newPhrase,
		flow.Recalled: newRecall,
		flow.Waiting:  newWaiting,
		flow.Inside:   newInside,
		flow.Locked:   newLocked,
	}
}

// panels says who makes a panel.
func panels() map[flow.Panel]func(*kit) screen {
	return map[flow.Panel]func(*kit) screen{
		flow.Settings:  newSettings,
		flow.About:     newAbout,
		flow.Approvals: newApprovals,
		flow.Desks:     newDesks,
		flow.Invite:    newInvite,
		flow.NewRoom:   newNewRoom,
		flow.Members:   newMembers,
		flow.People:    newPeople,
		flow.Someone:   newSomeone,
		flow.RoomRules: newRoomRules,
		flow.MyKeys:    newMyKeys,
		flow.AuditLog:  newAuditLog,
		flow.Help:      newHelp,

		flow.VaultPepper: newPepper,
		flow.TwiceSaid:   newTwice,
	}
}
