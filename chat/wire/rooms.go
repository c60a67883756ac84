package wire

import "visavis/models"

// FeatureRooms says that a desk and a server know rooms of two.
const FeatureRooms = "rooms"

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
