package e2e

import (
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// forgery is a message of one who has the generation's secret, and takes leave of a rule.
type forgery struct {
	name   string
	change func(*messageBody)
	pad    func(signed []byte) []byte // nil: as it has to be
	late   time.Duration              // of the token's time
	by     *actor                     // whose name stands over it; nil for the forger's own
}

// forgeries are what a member can try; first is his message that stands already, other somebody else in the room.
func forgeries(first models.Entry, other *actor, desk models.DeskID) []forgery {
	begin := func(b *messageBody) {
		b.Stream[0]++
		b.Counter, b.Prev = 0, models.Hash{}
		b.Opening = []opening{{Desk: desk}}
	}
	longest := func(signed []byte) []byte {
		out := make([]byte, paddedLengths[len(paddedLengths)-1])
		out[copy(out, signed)] = 0x80
		return out
	}
	return []forgery{
		{name: "under another's name", by: other, change: func(b *messageBody) { b.Account = other.vault.Account }},
		{name: "a number once more, with another text", change: func(b *messageBody) {
			b.Counter, b.Prev = 0, models.Hash{}
			b.Opening = []opening{{Desk: desk}}
		}},
		{name: "an id once more", change: func(b *messageBody) { b.ID = first.Message }},
		{name: "it does not follow", change: func(b *messageBody) { b.Prev[0]++ }},
		{name: "in another's stream", change: func(b *messageBody) { b.Stream = other.s.stream }},
		{name: "a stream that does not say where it begins", change: func(b *messageBody) { begin(b); b.Opening = nil }},
		{name: "a stream from a desk that is not listed", change: func(b *messageBody) { begin(b); b.Opening[0].Desk[0]++ }},
		{name: "of another room", change: func(b *messageBody) { b.Room[0]++ }},
		{name: "of another generation", change: func(b *messageBody) { b.Generation[0]++ }},
		{name: "of another organisation", change: func(b *messageBody) { b.Org[0]++ }},
		{name: "of another type", change: func(b *messageBody) { b.Type = "bundle" }},
		{name: "under a directory of long ago", change: func(b *messageBody) { b.Dir = b.Org }},
		{name: "padded longer than it has to be", pad: longest},
		{name: "padded with something", pad: func(signed []byte) []byte {
			out, _ := pad(signed)
			out[len(out)-1] = 1
			return out
		}},
		{name: "a token of another time", late: time.Minute},
	}
}

// forge seals what p could not seal with the package's own functions. It takes no place in p's stream.
func (s *teller) forge(p *actor, f forgery) models.Entry {
	r := p.r
	e := must(r.entry(models.EntryMessage, nil))(s.t)
	g, _ := r.usable()
	by := r.s.Author()
	b := r.body(Draft{Kind: KindText, Content: []byte(f.name)}, e.Message, g, by)
	if f.change != nil {
		f.change(&b)
	}
	e.Message = b.ID
	if f.by != nil {
		e.Author = f.by.vault.Account
	}
	signed := signBody(b, by.Key)
	padded := must(pad(signed))(s.t)
	if f.pad != nil {
		padded = f.pad(signed)
	}
	key := must(tokenKey(r.secrets[g.Hash], g))(s.t)
	e.Body = trust.EncodeMessage(g.Hash, must(fernet.Seal(padded, key, by.At.Add(f.late)))(s.t))
	return e
}

// tellForgeries posts what carol tries, and what she says that nobody can show: that takes its place in her stream.
func (s *teller) tellForgeries(carol, alice *actor, first models.Entry) {
	carol.read()
	for _, f := range forgeries(first, alice, s.desk) {
		s.posts("carol forges: "+f.name, s.forge(carol, f))
	}
	for _, f := range []forgery{
		{name: "of a kind that nobody knows", change: func(b *messageBody) { b.Kind = 99 }},
		{name: "with an even ext that nobody knows", change: func(b *messageBody) { b.Ext = trust.Ext{2: canon.MustMarshal(true)} }},
		{name: "a text that is not UTF-8", change: func(b *messageBody) { b.Content = []byte{0xff} }},
	} {
		e := s.forge(carol, f)
		s.posts("it takes its place, and can not be shown: "+f.name, e)
		m := must(trust.ParseMessage(e.Body))(s.t)
		g, _ := carol.r.state.Generation(m.Generation)
		signed, _, _ := openToken(m.Token, carol.r.secrets[g.Hash], g)
		carol.r.own = nextMessage{carol.r.own.counter + 1, trust.LabelMessage.Hash(signed), e.Message}
		carol.read()
	}
	s.says(carol, "carol, after what could not be shown", "still here")
}

// tellStatements posts statements that their authors could not have made with the package's own functions.
func (s *teller) tellStatements(alice, carol *actor) {
	alice.read()
	good := must(alice.r.SetRole(carol.vault.Account, trust.RoleOwner))(s.t)
	st := must(trust.ParseStatement(good.Body))(s.t)
	again := func(p *actor, change func(*trust.Statement)) models.Entry {
		e, other := good, st
		change(&other)
		e.Author, e.Message = other.Author, must(p.r.entry(models.EntryStatement, nil))(s.t).Message
		e.Body = trust.Sign(trust.LabelRoomRole, canon.MustMarshal(other), p.vault.Keys.Signing())
		return e
	}
	s.posts("another state than what results", again(alice, func(x *trust.Statement) { x.State[0]++ }))
	s.posts("on another head", again(alice, func(x *trust.Statement) { x.Prev[0]++ }))
	s.posts("with another number", again(alice, func(x *trust.Statement) { x.Seq++ }))
	s.posts("in another room", again(alice, func(x *trust.Statement) { x.Room[0]++ }))
	s.posts("under a directory of long ago", again(alice, func(x *trust.Statement) { x.Dir = x.Org }))
	s.posts("carol makes herself an owner", again(carol, func(x *trust.Statement) { x.Author = carol.vault.Account }))
	s.posts("carol makes herself an owner, in alice's name", again(carol, func(*trust.Statement) {}))
	s.posts("an odd ext, which is kept and ignored", again(alice, func(x *trust.Statement) { x.Ext = trust.Ext{7: canon.MustMarshal("later")} }))
	alice.read()
	s.posts("a member again", must(alice.r.SetRole(carol.vault.Account, trust.RoleMember))(s.t))
}
