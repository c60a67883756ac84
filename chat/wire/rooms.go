package wire

import "visavis/models"

// FeatureRooms says that a desk and a server know rooms of two, and what members do for each other: keys that are asked for and given, a log that is
// read again, messages of which only their place is left.
const FeatureRooms = "rooms"

// The types of these requests.
const (
	TypeRoomDirect = "room.direct" // RoomDirect → RoomDirectReply
	TypeLogRead    = "log.read"    // LogRead → LogReadReply
	TypeBoxAsk     = "box.ask"     // BoxAsk → Empty: replaces what the person asked for before
	TypeBoxGive    = "box.give"    // BoxGive → Empty
)

// The types of these events.
const (
	EventAsked = "box.asked" // BoxAsked: another member lacks keys
	EventGiven = "box.given" // BoxGiven: somebody has given the person keys
)

// RoomDirect asks for the room of two that the person has with another.
type RoomDirect struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
}

// RoomDirectReply answers it; the zero Room when there is none.
type RoomDirectReply struct {
	_    struct{} `cbor:",toarray"`
	Room models.RoomID
}

// LogRead asks for entries after a cursor, without following the room.
type LogRead struct {
	_     struct{} `cbor:",toarray"`
	Room  models.RoomID
	After uint64
}

// LogReadReply holds as many as fit, in order; none at the log's end.
type LogReadReply struct {
	_       struct{} `cbor:",toarray"`
	Entries []Entry
}

// MaxAsked bounds the generations of one BoxAsk.
const MaxAsked = 64

// BoxAsk says what the person lacks of a room's keys, for members to give it: generations, and whether nothing at all was sealed to him yet. It
// is kept until another takes its place; one that names nothing is none.
type BoxAsk struct {
	_           struct{} `cbor:",toarray"`
	Room        models.RoomID
	Generations []models.Hash
	Waiting     bool
}

// BoxAsked tells a member what another one lacks.
type BoxAsked struct {
	_           struct{} `cbor:",toarray"`
	Room        models.RoomID
	Account     models.AccountID
	Generations []models.Hash
	Waiting     bool
}

// BoxGive hands in boxes of a generation that stands, for members who lack it.
type BoxGive struct {
	_          struct{} `cbor:",toarray"`
	Room       models.RoomID
	Generation models.Hash
	Boxes      []Box
}

// BoxGiven tells a person to look for boxes again.
type BoxGiven struct {
	_    struct{} `cbor:",toarray"`
	Room models.RoomID
}
