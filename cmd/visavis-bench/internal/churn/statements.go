package churn

import (
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// The bodies of statements, as docs/crypto.md has them.
type (
	rules struct { // of a policy, and the end of a create
		_      struct{} `cbor:",toarray"`
		Policy trust.Policy
	}
	creation struct {
		_        struct{} `cbor:",toarray"`
		Identity models.Hash
		Policy   trust.Policy
	}
	invitation struct {
		_        struct{} `cbor:",toarray"`
		Account  models.AccountID
		Identity models.Hash
		Role     trust.RoomRole
	}
	removal struct {
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Ends    trust.StreamEnds
		Seen    models.Hash
	}
	standing struct { // of a change of somebody's role
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Role    trust.RoomRole
	}
	revocation struct { // one of the two is zero
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Desk    models.DeskID
	}
	appointment struct {
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Admin   bool
	}
)

// generation is what a generation's maker has signed.
type generation struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	Room       models.RoomID
	Number     uint64
	Prev       models.Hash
	Roster     models.Hash
	Dir        models.Hash
	Maker      models.AccountID
	Stream     models.StreamID
	Time       int64
	Commitment models.Hash
	Past       []byte
	Ext        trust.Ext
}

func generationOf(signed []byte) (g generation, err error) {
	payload, err := trust.Payload(signed)
	if err == nil {
		err = trust.Decode(payload, trust.MaxGeneration, &g)
	}
	return g, err
}

// deeds say of each type of a room's statements whether its author may make it, after the entries before it, and what it does. They do not ask who was
// revoked: what a person may say depends on what was known of that, which the judge holds against the registry.
var deeds = map[trust.Label]func(*history, models.Entry, canon.Raw, *line) (may bool, err error){
	trust.LabelCreate:   (*history).create,
	trust.LabelInvite:   (*history).invite,
	trust.LabelJoin:     (*history).join,
	trust.LabelLeave:    (*history).goes,
	trust.LabelRemove:   (*history).remove,
	trust.LabelRoomRole: (*history).role,
	trust.LabelPolicy:   (*history).rule,
}

func (h *history) change(e models.Entry, l *line) error {
	s, err := trust.ParseStatement(e.Body)
	if err != nil {
		return err
	}
	h.did[s.Type]++
	l.dir = s.Dir
	for label, deed := range deeds {
		if label.Type() != s.Type {
			continue
		}
		may, err := deed(h, e, s.Body, l)
		if err == nil && !may {
			h.grant(e, "made a "+s.Type)
		}
		return err
	}
	return nil
}

func (h *history) owns(a models.AccountID) bool { return h.roles[a] == trust.RoleOwner }

func (h *history) create(e models.Entry, body canon.Raw, _ *line) (bool, error) {
	var b creation
	if err := trust.Decode(body, trust.MaxStatement, &b); err != nil {
		return false, err
	}
	h.policy = b.Policy
	h.enter(e.Author, e.Seq)
	h.setRole(e.Author, trust.RoleOwner)
	return e.Seq == 1, nil
}

func (h *history) invite(e models.Entry, body canon.Raw, l *line) (bool, error) {
	var b invitation
	if err := trust.Decode(body, trust.MaxStatement, &b); err != nil {
		return false, err
	}
	may := h.roles[e.Author] >= h.policy.Invite && h.roles[e.Author] >= b.Role && !h.in(b.Account)
	h.invited[b.Account], l.asked = b.Role, b.Account
	delete(h.shut, b.Account)
	return may, nil
}

func (h *history) join(e models.Entry, _ canon.Raw, _ *line) (bool, error) {
	as, may := h.invited[e.Author]
	h.enter(e.Author, e.Seq)
	h.setRole(e.Author, as)
	return may, nil
}

func (h *history) goes(e models.Entry, _ canon.Raw, _ *line) (bool, error) {
	_, asked := h.invited[e.Author]
	may := asked || h.in(e.Author)
	h.leave(e.Author, e.Seq)
	return may, nil
}

func (h *history) remove(e models.Entry, body canon.Raw, _ *line) (bool, error) {
	var b removal
	if err := trust.Decode(body, trust.MaxStatement, &b); err != nil {
		return false, err
	}
	may := h.owns(e.Author) && b.Account != e.Author
	h.leave(b.Account, e.Seq)
	return may, nil
}

func (h *history) role(e models.Entry, body canon.Raw, _ *line) (bool, error) {
	var b standing
	if err := trust.Decode(body, trust.MaxStatement, &b); err != nil {
		return false, err
	}
	may := h.owns(e.Author) && h.in(b.Account)
	h.setRole(b.Account, b.Role)
	return may, nil
}

func (h *history) rule(e models.Entry, body canon.Raw, _ *line) (bool, error) {
	var b rules
	if err := trust.Decode(body, trust.MaxStatement, &b); err != nil {
		return false, err
	}
	h.policy = b.Policy
	return h.owns(e.Author), nil
}

func (h *history) setRole(a models.AccountID, r trust.RoomRole) {
	h.roles[a] = r
	h.owned[a] = h.owned[a] || r == trust.RoleOwner
}
