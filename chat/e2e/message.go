package e2e

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// Kind says what a message's content is.
type Kind uint16

// The kinds of messages.
const (
	KindText  Kind = 1 // UTF-8
	KindTitle Kind = 2 // UTF-8: the room's title from here on
)

// ClockSkew is how far a sender's clock may be off the server's without a warning.
const ClockSkew = 5 * time.Minute

// Message is one that was opened and found good.
type Message struct {
	ID         models.MessageID
	Stream     models.StreamID
	Counter    uint64
	Generation models.Hash
	Hash       models.Hash // of the signed body
	Time       time.Time   // its author's clock
	Expires    time.Time   // by the server's time of receipt; zero for never
	Kind       Kind
	Content    []byte
}

// messageBody is what the author signs.
type messageBody struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	Room       models.RoomID
	Generation models.Hash
	Dir        models.Hash // directory head under which the author's key counts
	Account    models.AccountID
	Stream     models.StreamID
	Counter    uint64      // place in the stream, from 0
	Prev       models.Hash // of the stream's message before; zero for the first
	Seen       models.Hash // the last log entry that the author had applied
	ID         models.MessageID
	Time       int64     // Unix milliseconds
	Expiry     uint32    // seconds from receipt; 0 for never
	Opening    []opening // one in a stream's first message, and until a message with one stands in the log under the same generation
	Kind       Kind
	Content    []byte
	Ext        trust.Ext
}

// opening is what a stream says of itself. It is said again under each new generation, so that everyone who can open one of the
// stream's messages has opened one that says it.
type opening struct {
	_     struct{} `cbor:",toarray"`
	Desk  models.DeskID
	Vault uint64           // latest version that the log-in knew to be stored
	Ends  trust.StreamEnds // the same person's streams, as far as this session had seen them
}

// A padded message has one of these lengths: room for everything but the content, and 64, 256, 1,024 or 4,096 bytes more. Each is a
// multiple of Fernet's block, less one byte, since Fernet pads a whole block otherwise.
const overhead = 448

var paddedLengths = []int{overhead + 64 - 1, overhead + 256 - 1, overhead + 1024 - 1, overhead + 4096 - 1}

// pad appends 0x80 and zeros up to the next length.
func pad(b []byte) ([]byte, error) {
	for _, n := range paddedLengths {
		if len(b) < n {
			out := make([]byte, n)
			copy(out, b)
			out[len(b)] = 0x80
			return out, nil
		}
	}
	return nil, ErrTooLong
}

// unpad undoes pad and refuses what pad would not have made.
func unpad(b []byte) ([]byte, bool) {
	signed := bytes.TrimRight(b, "\x00")
	if len(signed) == 0 || signed[len(signed)-1] != 0x80 {
		return nil, false
	}
	signed = signed[:len(signed)-1]
	again, err := pad(signed)
	return signed, err == nil && len(again) == len(b)
}

// messageKey names a message in its room.
type messageKey struct {
	account models.AccountID
	id      models.MessageID
}

// nextMessage is where this session's own stream stands.
type nextMessage struct {
	counter uint64
	prev    models.Hash
	last    models.MessageID // sealed last
}

// tokenKey is the Fernet key of a generation's messages.
func tokenKey(secret []byte, g trust.Generation) (fernet.Key, error) {
	return fernet.Derive(secret, string(trust.LabelMessageKey), canon.MustMarshal(struct {
		_          struct{} `cbor:",toarray"`
		Org        models.OrgID
		Room       models.RoomID
		Generation models.Hash
	}{Org: g.Org, Room: g.Room, Generation: g.Hash}))
}

// Draft is a message to be sealed.
type Draft struct {
	ID      models.MessageID // zero: one is drawn
	Kind    Kind
	Content []byte
	Expiry  time.Duration // from receipt, in whole seconds; 0 for the room's policy
}

// Seal makes a message's entry. It takes the next place in the session's stream: send every sealed entry, in order, and after a broken
// connection the same bytes again; a message that was sealed and never sent shows as a gap.
func (r *Room) Seal(d Draft) (models.Entry, error) {
	fail := func(err error) (models.Entry, error) { return models.Entry{}, fmt.Errorf("seal a message: %w", err) }
	if err := r.sendable(); err != nil {
		return fail(err)
	}
	if r.NeedsGeneration() {
		return fail(ErrNeedsGeneration)
	}
	if !d.valid() {
		return fail(ErrFormat)
	}
	if err := r.beginStream(); err != nil {
		return fail(err)
	}
	e, err := r.entry(models.EntryMessage, nil)
	if err != nil {
		return fail(err)
	}
	if !d.ID.IsZero() {
		e.Message = d.ID
	}
	g, _ := r.usable()
	by := r.s.Author()
	b := r.body(d, e.Message, g, by)
	signed := signBody(b, by.Key)
	for len(signed) >= paddedLengths[len(paddedLengths)-1] && b.dropEnd() {
		signed = signBody(b, by.Key)
	}
	if e.Body, err = sealBody(signed, r.secrets[g.Hash], g, by.At); err != nil {
		return fail(err)
	}
	r.own = nextMessage{r.own.counter + 1, trust.LabelMessage.Hash(signed), e.Message}
	return e, nil
}

// TakeBack ends this session's stream behind the message that was sealed last, when that is not handed in any more: the server has refused it, since the log
// holds another one of its id, as an earlier stream of this person sealed it, or since it came too late. Its number is not given again, on the word of a server
// that may have kept it: nobody honest signs two messages under one number.
func (r *Room) TakeBack(id models.MessageID) {
	if r.own.last == id {
		r.endStream()
	}
}

// dropEnd makes room for the content: the hash stands for the streams that are not named.
func (b *messageBody) dropEnd() bool {
	if len(b.Opening) == 0 || len(b.Opening[0].Ends.Last) == 0 {
		return false
	}
	last := b.Opening[0].Ends.Last
	b.Opening[0].Ends.Last = last[:len(last)-1]
	return true
}

func (d Draft) valid() bool {
	return (d.Kind == KindText || d.Kind == KindTitle) && utf8.Valid(d.Content) && d.Expiry >= 0 && d.Expiry <= maxExpiry && d.Expiry%time.Second == 0
}

const maxExpiry = 10 * 365 * 24 * time.Hour

func (r *Room) body(d Draft, id models.MessageID, g trust.Generation, by trust.Author) messageBody {
	b := messageBody{Header: trust.NewHeader(trust.LabelMessage, g.Org), Room: r.id, Generation: g.Hash, Dir: r.s.cfg.Directory.Head(), Account: by.Account,
		Stream: r.mine, Counter: r.own.counter, Prev: r.own.prev, Seen: r.last, ID: id, Time: by.At.UnixMilli(),
		Expiry: uint32(d.Expiry / time.Second), Kind: d.Kind, Content: d.Content}
	b.Expiry = sooner(b.Expiry, g.Policy.MaxAge)
	// Where messages disappear, one that says where its stream comes from may be gone before one that does not.
	if b.Counter == 0 || r.opened != g.Hash || g.Policy.MaxAge > 0 {
		ends := r.ends(by.Account)
		ends.Last = ends.Last[:min(len(ends.Last), maxOpeningStreams)]
		b.Opening = []opening{{Desk: r.s.cfg.Desk, Vault: r.s.cfg.Vault.Version(), Ends: ends}}
	}
	return b
}

func signBody(b messageBody, key ed25519.PrivateKey) []byte {
	return trust.Sign(trust.LabelMessage, canon.MustMarshal(b), key)
}

func sealBody(signed, secret []byte, g trust.Generation, at time.Time) ([]byte, error) {
	padded, err := pad(signed)
	if err != nil {
		return nil, err
	}
	key, err := tokenKey(secret, g)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	token, err := fernet.Seal(padded, key, at)
	if err != nil {
		return nil, err
	}
	return trust.EncodeMessage(g.Hash, token), nil
}

// read opens a message that the room's state allows to stand where it stands.
func (r *Room) read(e models.Entry, c trust.Change) (Event, error) {
	o := opened{entry: e}
	cause, err := r.open(&o)
	if cause == CauseNoKey {
		r.author(e.Author).unread++
		r.unopened[c.Generation]++
	}
	if cause != CauseNone {
		return Event{Kind: EventRefused, Cause: cause}, err
	}
	warn, cause := r.follow(&o)
	if cause == CauseNone {
		cause = r.showable(&o)
	}
	if cause != CauseNone {
		return Event{Kind: EventRefused, Cause: cause, Warn: warn, Twin: o.twin}, nil
	}
	r.uses[c.Generation] = r.uses[c.Generation].again() // rubbish does not use a generation up
	b := o.body
	if d := e.At.Sub(time.UnixMilli(b.Time)); d > ClockSkew || d < -ClockSkew {
		warn |= WarnClock
	}
	if _, ok := r.seen.seqOf(b.Seen); !ok {
		warn |= WarnFork
	}
	return Event{Kind: EventMessage, Warn: warn, Message: &Message{ID: b.ID, Stream: b.Stream, Counter: b.Counter, Generation: b.Generation, Hash: o.hash,
		Time: timeOf(b.Time), Expires: r.expires(&o), Kind: b.Kind, Content: b.Content}}, nil
}

func timeOf(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

// opened is a message on its way in.
type opened struct {
	entry  models.Entry
	body   messageBody
	hash   models.Hash
	dirSeq uint64
	twin   uint64 // of CauseReused, the log Seq of the message with the same number
}

// open takes the layers off: token, padding, signature, and everything that says where the message belongs. It changes nothing.
func (r *Room) open(o *opened) (Cause, error) {
	m, err := trust.ParseMessage(o.entry.Body)
	if err != nil {
		return causeOf(err), nil
	}
	g, _ := r.state.Generation(m.Generation)
	secret := r.secrets[g.Hash]
	if secret == nil {
		return CauseNoKey, nil
	}
	signed, at, cause := openToken(m.Token, secret, g)
	if cause != CauseNone {
		return cause, nil
	}
	payload, err := trust.Payload(signed)
	if err != nil {
		return CauseMalformed, nil
	}
	if err := trust.Decode(payload, trust.MaxMessage, &o.body); err != nil {
		return CauseMalformed, nil
	}
	b := &o.body
	if err := b.Header.Check(trust.LabelMessage); err != nil {
		return causeOf(err), nil
	}
	if b.Org != g.Org || b.Room != r.id || b.Generation != g.Hash || b.Account != o.entry.Author || b.ID != o.entry.Message {
		return CauseMoved, nil
	}
	if cause, err := r.checkAuthor(o, g, signed); cause != CauseNone {
		return cause, err
	}
	if at.Unix() != time.UnixMilli(b.Time).Unix() {
		return CauseTime, nil
	}
	o.hash = trust.LabelMessage.Hash(signed)
	return CauseNone, nil
}

func openToken(token, secret []byte, g trust.Generation) (signed []byte, at time.Time, cause Cause) {
	key, err := tokenKey(secret, g)
	if err != nil {
		return nil, at, CauseToken
	}
	defer key.Wipe()
	padded, at, err := fernet.Open(token, key)
	if err != nil {
		return nil, at, CauseToken
	}
	signed, ok := unpad(padded)
	if !ok {
		return nil, at, CauseMalformed
	}
	return signed, at, CauseNone
}

// checkAuthor judges the author by the directory head that the message names, which must be no older than its generation's.
func (r *Room) checkAuthor(o *opened, g trust.Generation, signed []byte) (Cause, error) {
	dir := r.s.cfg.Directory
	seq, ok := dir.SeqOf(o.body.Dir)
	if !ok {
		return CauseHead, ErrDirectoryBehind
	}
	if least, _ := dir.SeqOf(g.Dir); seq < least {
		return CauseOutdated, nil
	}
	o.dirSeq = seq
	id, err := dir.IdentityAt(o.body.Dir, o.body.Account)
	if err != nil {
		return causeOf(err), nil
	}
	if m, ok := r.state.Member(o.body.Account); !ok || !r.state.Speaks(id, m, dir) {
		return CauseIdentity, nil
	}
	if _, err := trust.Verify(trust.LabelMessage, signed, id.Signing); err != nil {
		return CauseForged, nil
	}
	return CauseNone, nil
}

// showable judges what does not keep the message from taking its place in the stream.
func (r *Room) showable(o *opened) Cause {
	if err := o.body.Ext.Check(); err != nil {
		if errors.Is(err, trust.ErrNewer) {
			return CauseNewer
		}
		return CauseMalformed
	}
	if o.body.Kind != KindText && o.body.Kind != KindTitle {
		return CauseNewer
	}
	if !utf8.Valid(o.body.Content) {
		return CauseMalformed
	}
	if end := r.expires(o); !end.IsZero() && !r.s.cfg.Now().Before(end) {
		return CauseExpired
	}
	return CauseNone
}
