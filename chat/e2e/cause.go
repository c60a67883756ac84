package e2e

import (
	"errors"
	"fmt"
	"strings"

	"visavis/chat/trust"
)

// Errors that stop the caller, a closed set. What is wrong with an entry is a Cause instead.
var (
	ErrVault           = errors.New("the vault does not open")
	ErrLock            = errors.New("the lock does not open")
	ErrFork            = errors.New("the server shows another past than before")
	ErrIdentity        = errors.New("the directory does not list exactly these keys")
	ErrOrder           = errors.New("entry out of order")
	ErrDirectoryBehind = errors.New("an entry names a directory head that is not known here") // fetch the directory, apply again
	ErrNeedsGeneration = errors.New("a new generation comes first")
	ErrNotMember       = errors.New("not a member of the room")
	ErrNewer           = errors.New("the room needs a newer desk")
	ErrTooLong         = errors.New("too long for one message")
	ErrFormat          = errors.New("not the format")
)

// Cause is why an entry does not count, from a closed list. The zero value is none: the entry is good.
type Cause uint8

// The causes.
const (
	CauseNone       Cause = iota
	CauseNoKey            // the generation was not sealed to this person: waiting for a member
	CauseNewer            // of a kind that needs a newer desk
	CauseGeneration       // names a generation that the room does not have
	CauseToken            // the token does not open under its generation's key
	CauseMalformed        // does not decode, or has a wrong length
	CauseMoved            // made for another organisation, room, generation, author or message id than where it stands
	CauseNotMember        // its author was not in the room, or may not do that
	CauseHead             // names a directory head that is not known here
	CauseIdentity         // its author's identity is not the one that the room admitted
	CauseForged           // the signature is not its author's
	CauseTime             // the token's time is not the body's
	CauseReplay           // stood in the log before
	CauseReused           // another message of this stream has the same number, or another message the same id
	CauseOrder            // older than what came before it in its stream, or does not follow it
	CauseStream           // the stream is another person's, or does not say that it begins at a desk that the directory lists
	CauseExpired          // disappeared
	CauseBox              // the box for this person does not open
	CauseCommitment       // the box holds another secret than the others'
	CauseLostRace         // another entry came first; its author tries again
	CauseState            // claims another resulting state
	CauseTaken            // the server says that its time is over, which it is not
	CauseOutdated         // names an older directory head than one that was named before
	causeEnd
)

var causeTexts = [causeEnd]string{
	CauseNone: "good", CauseNoKey: "waiting for a member", CauseNewer: "needs a newer desk", CauseGeneration: "unknown generation",
	CauseToken: "does not open", CauseMalformed: "malformed", CauseMoved: "moved here from elsewhere", CauseNotMember: "not by a member",
	CauseHead: "unknown directory head", CauseIdentity: "not the identity that was admitted", CauseForged: "forged", CauseTime: "times differ",
	CauseReplay: "replayed", CauseReused: "number or id used twice", CauseOrder: "out of order", CauseStream: "not its author's stream", CauseExpired: "expired",
	CauseBox: "broken key box", CauseCommitment: "key box with another secret", CauseLostRace: "came second", CauseState: "claims another state",
	CauseTaken: "taken away before its time", CauseOutdated: "outdated directory head",
}

func (c Cause) String() string {
	if c >= causeEnd {
		return fmt.Sprintf("unknown cause %d", uint8(c))
	}
	return causeTexts[c]
}

// causes maps trust's reasons; the first that fits decides.
var causes = []struct {
	err   error
	cause Cause
}{
	{trust.ErrNewer, CauseNewer}, {trust.ErrSignature, CauseForged}, {trust.ErrIdentity, CauseIdentity}, {trust.ErrRevoked, CauseNotMember},
	{trust.ErrUnknownHead, CauseHead}, {trust.ErrStaleHead, CauseLostRace}, {trust.ErrPrev, CauseLostRace}, {trust.ErrState, CauseState},
	{trust.ErrNotAllowed, CauseNotMember}, {trust.ErrOrg, CauseMoved}, {trust.ErrFull, CauseNotMember}, {trust.ErrTaken, CauseLostRace},
	{trust.ErrUnknown, CauseGeneration}, {trust.ErrFormat, CauseMalformed},
}

func causeOf(err error) Cause {
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return c.cause
		}
	}
	return CauseMalformed
}

// Warning is a set of things that a window shows beside a good message.
type Warning uint8

// The warnings.
const (
	WarnGap   Warning = 1 << iota // messages of this stream, or of its person's other streams, are missing before it
	WarnFork                      // its author saw a log entry that this desk did not: the server shows two pasts
	WarnClock                     // its author's clock is more than five minutes off the server's
	WarnVault                     // an earlier log-in of one's own opened a later vault: the server has taken one back
	WarnLess                      // before it more of the room counts than an earlier log-in of one's own was shown
)

// Has says whether x is in w.
func (w Warning) Has(x Warning) bool { return w&x != 0 }

func (w Warning) String() string {
	var s []string
	for i, t := range []string{"messages missing", "two pasts", "clock off", "older vault", "shown less before"} {
		if w.Has(1 << i) {
			s = append(s, t)
		}
	}
	return strings.Join(s, ", ")
}
