package login

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// Limits say how often what may be tried. DefaultLimits are the product's; a zero field is refused by New.
type Limits struct {
	PasswordFree    uint32        // wrong passwords of one name at one desk before the first wait there
	PasswordFirst   time.Duration // the first wait, doubled by each further one
	PasswordLongest time.Duration // and never longer than this: a name is slowed, never disabled

	NameFailures uint32        // wrong passwords of one name over all desks before it is slowed at every one of them
	NameForget   time.Duration // in which one of them is forgotten
	NameWait     time.Duration // between two tries of a slowed name, wherever they are

	DeskPasswords uint32        // answered KE1s without a KE3 of one desk in DeskWindow
	DeskAccounts  uint32        // accounts that may fail at one desk in DeskWindow; one more and it is held
	DeskSignups   uint32        // sign-ups begun at one desk in DeskWindow
	DeskWindow    time.Duration // from the first failure
	SignupFaces   uint32        // challenges drawn in one sign-up: captures and tries

	FaceInRow uint32 // failed faces of one account in a row, then FaceWait after each
	FaceWait  time.Duration
	FaceWeek  uint32 // failed faces of one account in any seven days, whatever succeeded between them
	FaceTotal uint32 // and since an admin's reset

	ChallengesHour uint32 // challenges drawn for one account in an hour
}

// DefaultLimits are NIST SP 800-63B-4's and our own. Of a name's passwords one desk can try 12 and then one a quarter of an hour. That is
// no more than is forgotten, so one hostile desk slows nobody down elsewhere. Several fill the hundred that NIST allows, and from then on
// have one try a minute together, whatever their number; each of them keeps a person waiting for a minute of its quarter of an hour.
func DefaultLimits() Limits {
	return Limits{
		PasswordFree: 4, PasswordFirst: 5 * time.Second, PasswordLongest: 15 * time.Minute,
		NameFailures: 100, NameForget: 15 * time.Minute, NameWait: time.Minute,
		DeskPasswords: 60, DeskAccounts: 5, DeskSignups: 60, DeskWindow: time.Hour, SignupFaces: 6,
		FaceInRow: 5, FaceWait: 30 * time.Second, FaceWeek: 20, FaceTotal: 50,
		ChallengesHour: 10,
	}
}

// of are the limits of a purpose's faces. Whoever stands before a locked desk, or one that was left open, has proven no password, so half of the
// week's failures and of all stay for those who have: no passer-by uses up what a person logs in with.
func (l Limits) of(p trust.Purpose) Limits {
	if p == trust.PurposeUnlock || p == trust.PurposeProve {
		l.FaceWeek -= l.FaceWeek / 2
		l.FaceTotal -= l.FaceTotal / 2
	}
	return l
}

// forgets is after what time a counter of a name or a desk that nobody touched says no more than none. A name's bucket has run out then, and so has a
// desk's window; and who let a name rest at his desk for as long has given up more tries than the few that come before the first waits.
func (l Limits) forgets() time.Duration {
	var few uint32
	for l.passwordWait(few) < l.PasswordLongest {
		few++
	}
	return max(l.DeskWindow, time.Duration(l.NameFailures)*l.NameForget, time.Duration(few)*l.PasswordLongest)
}

func (l Limits) check() error {
	for _, n := range []uint32{l.PasswordFree, l.NameFailures, l.DeskPasswords, l.DeskAccounts, l.DeskSignups, l.SignupFaces, l.FaceInRow,
		l.FaceWeek, l.FaceTotal, l.ChallengesHour} {
		if n == 0 {
			return errors.New("a limit is zero")
		}
	}
	for _, d := range []time.Duration{l.PasswordFirst, l.PasswordLongest, l.NameForget, l.NameWait, l.DeskWindow, l.FaceWait} {
		if d <= 0 {
			return errors.New("a wait is zero")
		}
	}
	return nil
}

// passwordWait is how long a name rests at a desk after so many wrong passwords in a row there.
func (l Limits) passwordWait(wrong uint32) time.Duration {
	if wrong < l.PasswordFree {
		return 0
	}
	wait := l.PasswordFirst
	for range wrong - l.PasswordFree {
		if wait >= l.PasswordLongest {
			break
		}
		wait *= 2
	}
	return min(wait, l.PasswordLongest)
}

// waitError says that a counter is full, and for how long.
type waitError struct {
	after time.Duration
	why   error
}

func (e *waitError) Error() string { return fmt.Sprintf("%v: wait %v", e.why, e.after) }
func (e *waitError) Unwrap() error { return e.why }

// rest is nil when wait has passed since last. A last further ahead than wait is of a clock that was set back since then: nobody waits
// years for it.
func rest(now, last time.Time, wait time.Duration, why error) error {
	if now.Sub(last).Abs() >= wait {
		return nil
	}
	return &waitError{after: last.Add(wait).Sub(now), why: why}
}

// Subjects of counters. One that belongs to an account begins with its id: it is deleted with the account.
func nameSubject(key [16]byte) string       { return "name:" + hex.EncodeToString(key[:]) }
func deskSubject(desk models.DeskID) string { return "desk:" + desk.String() }
func heldSubject(desk models.DeskID) string { return "held:" + desk.String() }
func dayBucket(a models.AccountID, day int64) string {
	return fmt.Sprintf("%s/day%d", a, day%weekBuckets)
}
func pairSubject(key [16]byte, desk models.DeskID) string {
	return nameSubject(key) + "@" + desk.String()
}
