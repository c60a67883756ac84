package login

import "time"

// Limits say how often what may be tried. DefaultLimits are the product's; a zero field is refused by New.
type Limits struct {
	PasswordFree    uint32        // wrong passwords of one name before the first wait
	PasswordFirst   time.Duration // the first wait, doubled by each further one
	PasswordLongest time.Duration // and never longer than this: a name is slowed, never disabled

	DeskPasswords uint32        // answered KE1s without a KE3 of one desk in DeskWindow
	DeskAccounts  uint32        // accounts that fail at one desk in DeskWindow before it is held
	DeskWindow    time.Duration // from the first failure
	DeskSignups   uint32        // sign-ups begun at one desk in DeskWindow

	FaceInRow uint32 // failed faces of one account in a row before FaceWait
	FaceWait  time.Duration
	FaceWeek  uint32 // failed faces of one account in seven days, whatever succeeded between them
	FaceTotal uint32 // since an admin's reset

	ChallengesHour uint32 // challenges drawn for one account in an hour
}

// DefaultLimits are NIST SP 800-63B-4's and our own.
func DefaultLimits() Limits {
	return Limits{
		PasswordFree: 4, PasswordFirst: 5 * time.Second, PasswordLongest: 15 * time.Minute,
		DeskPasswords: 60, DeskAccounts: 5, DeskWindow: time.Hour, DeskSignups: 60,
		FaceInRow: 5, FaceWait: 30 * time.Second, FaceWeek: 20, FaceTotal: 50,
		ChallengesHour: 10,
	}
}
