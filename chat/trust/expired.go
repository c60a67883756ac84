package trust

import (
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// Expired is what a server leaves of a message whose time is over: its place, and what others need to go on. Nobody signs it: what it hides is only
// what was to be forgotten, and a reader holds its time against the room's policy.
type Expired struct {
	_          struct{} `cbor:",toarray"`
	Version    uint8
	Generation models.Hash // that it was sealed under
	Entry      models.Hash // EntryHash of the entry as it was, which others' messages name as seen
}

// EntryHash names a log entry: messages name the last one that their author has applied.
func EntryHash(e models.Entry) models.Hash {
	return LabelEntry.Hash(canon.MustMarshal(struct {
		_       struct{} `cbor:",toarray"`
		Room    models.RoomID
		Seq     uint64
		Kind    models.EntryKind
		Author  models.AccountID
		Message models.MessageID
		Body    []byte
	}{Room: e.Room, Seq: e.Seq, Kind: e.Kind, Author: e.Author, Message: e.Message, Body: e.Body}))
}

// Expire returns what is left of a message's entry.
func Expire(e models.Entry) (models.Entry, error) {
	m, err := ParseMessage(e.Body)
	if err != nil || e.Kind != models.EntryMessage {
		return models.Entry{}, fmt.Errorf("expire entry %d of kind %d: %w", e.Seq, e.Kind, ErrFormat)
	}
	e.Body = canon.MustMarshal(Expired{Version: Version, Generation: m.Generation, Entry: EntryHash(e)})
	e.Kind = models.EntryExpired
	return e, nil
}

// ParseExpired reads what Expire left.
func ParseExpired(body []byte) (Expired, error) {
	var x Expired
	if err := Decode(body, MaxMessage, &x); err != nil {
		return Expired{}, err
	}
	if x.Version != Version {
		return Expired{}, fmt.Errorf("expired message: %w", ErrNewer)
	}
	return x, nil
}

// checkExpired accepts what is left of a message where the generation's policy lets messages disappear.
func (r *Room) checkExpired(e models.Entry, dir *Directory) (Change, error) {
	x, err := ParseExpired(e.Body)
	if err != nil {
		return Change{}, err
	}
	c, err := r.checkSpoken(e.Author, x.Generation, dir)
	if err != nil {
		return Change{}, err
	}
	if r.generations[x.Generation].Policy.MaxAge == 0 {
		return Change{}, fmt.Errorf("messages of generation %s stay: %w", x.Generation.Short(), ErrNotAllowed)
	}
	c.Kind = ChangeExpired
	return c, nil
}
