package talk

import (
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// View is what there is to show of a session. It is a snapshot: nothing in it changes after it was handed out, so it may be read from any
// goroutine. The zero value is a session without rooms.
type View struct {
	Me     models.AccountID
	Rooms  []Room   // those of which the person is a member first, the last one written in first; then invitations
	People []Person // everyone the directory lists, by name
	Open   *Open    // the room that is being read; nil for none
}

// Room is one row of the list of rooms.
type Room struct {
	ID     models.RoomID
	Title  string           // empty while nobody has said it under a key that the person has; of a room of two, the other's name
	Peer   models.AccountID // the other one of a room of two, who asks in where one is invited; zero in others
	Member bool             // otherwise invited
	Unread int
	Last   time.Time // of the newest line; zero when there is none
	Said   string    // the newest message, in one line; empty for none
	By     string    // its author's name
}

// Person is one account of the directory.
type Person struct {
	ID       models.AccountID
	Name     string
	Admin    bool
	Standing e2e.Standing // what oneself may think of his keys; none of oneself
}

// Open is the room that is being read.
type Open struct {
	Room
	Lines   []Line   // oldest first
	Members []Member // by name; invited people too
	Waiting bool     // nobody has sealed the room's key to this person yet: a member has to write first
	Forked  bool     // the server shows less than the person has seen before
	Loading bool     // its log is being read
	CanAsk  bool     // the person may invite
	Owner   bool     // the person may remove, change roles and the room's rules
	Rules   trust.Policy
	Changed []Newcomer // members whose identity was not accepted: nothing is sent here before that
}

// Newcomer is somebody with a new identity.
type Newcomer struct {
	Person
	Identity models.Hash // which one
}

// Member is somebody in a room.
type Member struct {
	Person
	Invited bool // asked, and has not answered
	Owner   bool
	LeftOut e2e.LeftOut // why nothing is sealed to him until he has new keys; zero for whom everything is
}

// LineKind is what a line shows.
type LineKind uint8

// The kinds of lines.
const (
	Day     LineKind = 1 // At is the day that begins here, in local time
	Unread  LineKind = 2 // what follows was not read before
	Message LineKind = 3
	Notice  LineKind = 4 // Change says what happened: By did it, Whom it is about
	Closed  LineKind = 5 // Count lines in a row that do not open or do not count, for Cause
	NewKeys LineKind = 6 // By has other keys, as the organisation's directory told; Followed says that the ones before signed them
)

// Delivery is how far an own message has come.
type Delivery uint8

// The deliveries. Others' messages are Stored.
const (
	Sending Delivery = 1 // under way: it looks so, and may not arrive
	Stored  Delivery = 2 // durable at the server
	Failed  Delivery = 3 // not stored; Resend tries again
	Held    Delivery = 4 // not sent: somebody in the room has a new identity; Resend tries again once it was accepted
)

// Line is one line of a room. ID is the same in every view for the same line.
type Line struct {
	ID    uint64
	Kind  LineKind
	At    time.Time // local
	By    string
	Mine  bool
	First bool // of a row of messages by the same person: it shows the name

	Text     string // of a message
	Message  models.MessageID
	Delivery Delivery
	Warn     e2e.Warning

	Change trust.ChangeKind // of a notice
	Whom   string

	Cause e2e.Cause // of closed lines
	Count int

	Followed bool // of new keys
}
