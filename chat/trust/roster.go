package trust

import (
	"bytes"
	"fmt"
	"slices"

	"visavis/models"
	"visavis/models/canon"
)

// MaxMembers bounds a room's members and invited persons together.
const MaxMembers = 2000

// RoomRole is what a member may do. The zero role is none.
type RoomRole uint8

// The roles; a higher one may do what a lower one may.
const (
	RoleMember RoomRole = 1
	RoleOwner  RoomRole = 2
)

// Policy is a room's rules.
type Policy struct {
	_       struct{} `cbor:",toarray"`
	History uint8    // what newcomers can open: HistoryNone, HistoryLast or HistoryAll
	Invite  RoomRole // the least role that may invite
	MaxAge  uint32   // seconds until messages disappear; 0 never
	Last    uint32   // how many messages, under HistoryLast; else 0
}

// DefaultPolicy lets every member invite and newcomers see nothing old; messages stay.
func DefaultPolicy() Policy { return Policy{History: HistoryNone, Invite: RoleMember} }

// check fails with ErrNewer for what a later version may mean, and with ErrFormat for what none will.
func (p Policy) check() error {
	if p.Invite == 0 {
		return fmt.Errorf("%w: nobody invites", ErrFormat)
	}
	if err := p.checkHistory(); err != nil {
		return err
	}
	return p.Invite.check()
}

func (r RoomRole) check() error {
	switch {
	case r == 0:
		return fmt.Errorf("%w: no role", ErrFormat)
	case r > RoleOwner:
		return fmt.Errorf("role %d: %w", r, ErrNewer)
	}
	return nil
}

// Member is one line of a roster.
type Member struct {
	Account  models.AccountID
	Identity models.Hash // identity statement at the time of the invitation, or of the room's creation
	Role     RoomRole
}

// StreamEnd names the last message of a stream that someone accepted.
type StreamEnd struct {
	_       struct{} `cbor:",toarray"`
	Stream  models.StreamID
	Counter uint64
	Hash    models.Hash
}

// StreamEnds says how far someone followed one account's streams, a stream being one log-in.
type StreamEnds struct {
	_    struct{}    `cbor:",toarray"`
	Last []StreamEnd // the streams with the latest messages in the log, latest first; at most MaxStreamEnds
	All  models.Hash // HashStreamEnds of all its streams; zero when its author could not open all of the account's messages
}

// MaxStreamEnds bounds the streams that are named one by one.
const MaxStreamEnds = 64

// HashStreamEnds is over the ends in the order of their streams' ids.
func HashStreamEnds(ends []StreamEnd) models.Hash {
	sorted := slices.SortedFunc(slices.Values(ends), func(a, b StreamEnd) int { return bytes.Compare(a.Stream[:], b.Stream[:]) })
	return LabelStreamEnds.Hash(canon.MustMarshal(append([]StreamEnd{}, sorted...)))
}

// Bodies of a room's statements.
type (
	createBody struct {
		_        struct{} `cbor:",toarray"`
		Identity models.Hash
		Policy   Policy
	}
	inviteBody struct {
		_        struct{} `cbor:",toarray"`
		Account  models.AccountID
		Identity models.Hash
		Role     RoomRole
	}
	joinBody struct {
		_        struct{} `cbor:",toarray"`
		Identity models.Hash
	}
	leaveBody struct {
		_    struct{} `cbor:",toarray"`
		Ends StreamEnds
		Seen models.Hash // the last log entry that the author had applied
	}
	removeBody struct {
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Ends    StreamEnds
		Seen    models.Hash
	}
	roomRoleBody struct {
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Role    RoomRole
	}
	policyBody struct {
		_      struct{} `cbor:",toarray"`
		Policy Policy
	}
)

// roster is the part of a room's state that statements change and that their state hash is over. Copies share nothing that
// is written to: change it through its methods.
type roster struct {
	policy  Policy
	members []Member // sorted by account
	invited []Member
	pair    [2]models.AccountID // of a room of two, in order; the state hash leaves it out, since it never changes
}

type rosterState struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Room    models.RoomID
	Policy  Policy
	Members []byte // rows of account (16 bytes), identity (32), role (1), sorted by account
	Invited []byte
}

func (r roster) hash(org models.OrgID, room models.RoomID) models.Hash {
	return LabelRoomState.Hash(canon.MustMarshal(rosterState{Org: org, Room: room, Policy: r.policy, Members: rows(r.members), Invited: rows(r.invited)}))
}

func rows(ms []Member) []byte {
	b := make([]byte, 0, len(ms)*(16+32+1))
	for _, m := range ms {
		b = append(b, m.Account[:]...)
		b = append(b, m.Identity[:]...)
		b = append(b, byte(m.Role))
	}
	return b
}

func search(ms []Member, account models.AccountID) (int, bool) {
	return slices.BinarySearchFunc(ms, account, func(m Member, a models.AccountID) int { return bytes.Compare(m.Account[:], a[:]) })
}

func find(ms []Member, account models.AccountID) (Member, bool) {
	i, ok := search(ms, account)
	if !ok {
		return Member{}, false
	}
	return ms[i], true
}

// with returns a copy of ms that holds m, in the place of a member with the same account.
func with(ms []Member, m Member) []Member {
	out := without(ms, m.Account)
	i, _ := search(out, m.Account)
	return slices.Insert(out, i, m)
}

// without returns a copy of ms without account.
func without(ms []Member, account models.AccountID) []Member {
	out := make([]Member, 0, len(ms)+1)
	for _, m := range ms {
		if m.Account != account {
			out = append(out, m)
		}
	}
	return out
}

// act is one statement under judgement: its author's place in the roster and identity, and the directory as it names it.
type act struct {
	s      Statement
	author Identity
	self   Member // zero unless a member
	dir    *Directory
}

// rosterRules hold what each statement does and who may make it. They return the roster after it and whom it is about. With
// ErrNewer, which only one who may make the statement gets, the roster is as far as this version can follow.
var rosterRules = map[Label]struct {
	kind ChangeKind
	rule func(roster, act) (roster, models.AccountID, error)
}{
	LabelInvite:   {ChangeInvited, roster.invite},
	LabelJoin:     {ChangeJoined, roster.join},
	LabelLeave:    {ChangeLeft, roster.leave},
	LabelRemove:   {ChangeRemoved, roster.remove},
	LabelRoomRole: {ChangeRole, roster.setRole},
	LabelPolicy:   {ChangePolicy, roster.setPolicy},
}

func (r roster) create(a act) (roster, models.AccountID, error) {
	var b createBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	if b.Identity != a.author.Hash {
		return r, models.AccountID{}, ErrIdentity
	}
	after, about, err := roster{policy: b.Policy, members: []Member{{a.author.Account, a.author.Hash, RoleOwner}}}.withPeer(a)
	if err != nil {
		return r, models.AccountID{}, err
	}
	return after, about, b.Policy.check()
}

func (r roster) invite(a act) (roster, models.AccountID, error) {
	var b inviteBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	if a.self.Role == 0 || a.self.Role < r.policy.Invite || b.Role > a.self.Role && b.Role <= RoleOwner || b.Role == 0 || !r.admits(b.Account) {
		return r, models.AccountID{}, ErrNotAllowed
	}
	id, err := a.dir.IdentityAt(a.s.Dir, b.Account)
	if err != nil {
		return r, models.AccountID{}, err
	}
	if m, ok := find(r.members, b.Account); ok && a.dir.Follows(id, m.Identity) {
		return r, models.AccountID{}, fmt.Errorf("%s is a member: %w", m.Account.Short(), ErrTaken)
	}
	if m, ok := find(r.invited, b.Account); ok && m.Identity == b.Identity {
		return r, models.AccountID{}, fmt.Errorf("%s is invited: %w", m.Account.Short(), ErrTaken)
	}
	if id.Hash != b.Identity {
		return r, models.AccountID{}, ErrIdentity
	}
	r.members = without(r.members, b.Account) // whom an admin has let in anew: the place that is empty ends with the invitation
	r.invited = with(r.invited, b.member())
	if len(r.members)+len(r.invited) > MaxMembers {
		return r, models.AccountID{}, ErrFull
	}
	return r, b.Account, b.Role.check()
}

func (b inviteBody) member() Member { return Member{b.Account, b.Identity, b.Role} }

func (r roster) join(a act) (roster, models.AccountID, error) {
	var b joinBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	m, ok := find(r.invited, a.author.Account)
	if !ok {
		return r, models.AccountID{}, fmt.Errorf("not invited: %w", ErrNotAllowed)
	}
	if b.Identity != a.author.Hash || !a.dir.Follows(a.author, m.Identity) {
		return r, models.AccountID{}, ErrIdentity
	}
	m.Identity = a.author.Hash
	r.invited = without(r.invited, m.Account)
	r.members = with(r.members, m)
	return r, m.Account, nil
}

func (r roster) leave(a act) (roster, models.AccountID, error) {
	var b leaveBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	return r.drop(a.author.Account, b.Ends)
}

func (r roster) remove(a act) (roster, models.AccountID, error) {
	var b removeBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	if a.self.Role != RoleOwner || b.Account == a.author.Account {
		return r, models.AccountID{}, ErrNotAllowed
	}
	return r.drop(b.Account, b.Ends)
}

// StreamEndsOf returns what a leave or remove says of its account's streams, and the last log entry that its author had applied; false
// for another statement. It believes everything: apply the statement first.
func StreamEndsOf(signed []byte) (StreamEnds, models.Hash, bool) {
	s, err := ParseStatement(signed)
	if err != nil {
		return StreamEnds{}, models.Hash{}, false
	}
	switch s.label() {
	case LabelLeave:
		var b leaveBody
		err = Decode(s.Body, MaxStatement, &b)
		return b.Ends, b.Seen, err == nil
	case LabelRemove:
		var b removeBody
		err = Decode(s.Body, MaxStatement, &b)
		return b.Ends, b.Seen, err == nil
	}
	return StreamEnds{}, models.Hash{}, false
}

func (r roster) drop(account models.AccountID, ends StreamEnds) (roster, models.AccountID, error) {
	_, member := find(r.members, account)
	_, invited := find(r.invited, account)
	if !member && !invited {
		return r, models.AccountID{}, fmt.Errorf("%s is not in the room: %w", account.Short(), ErrUnknown)
	}
	if len(ends.Last) > MaxStreamEnds {
		return r, models.AccountID{}, fmt.Errorf("%w: %d streams", ErrFormat, len(ends.Last))
	}
	r.members, r.invited = without(r.members, account), without(r.invited, account)
	return r, account, nil
}

func (r roster) setRole(a act) (roster, models.AccountID, error) {
	var b roomRoleBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	m, ok := find(r.members, b.Account)
	if !ok {
		return r, models.AccountID{}, fmt.Errorf("%s is no member: %w", b.Account.Short(), ErrUnknown)
	}
	if a.self.Role != RoleOwner || b.Role == 0 {
		return r, models.AccountID{}, ErrNotAllowed
	}
	m.Role = b.Role
	r.members = with(r.members, m)
	return r, b.Account, b.Role.check()
}

func (r roster) setPolicy(a act) (roster, models.AccountID, error) {
	var b policyBody
	if err := Decode(a.s.Body, MaxStatement, &b); err != nil {
		return r, models.AccountID{}, err
	}
	if a.self.Role != RoleOwner {
		return r, models.AccountID{}, ErrNotAllowed
	}
	r.policy = b.Policy
	return r, models.AccountID{}, b.Policy.check()
}
