package models

import (
	"context"
	"time"
)

// Code is an admin's one-time code for an account at a desk, of which the server keeps what the admin signed.
type Code struct {
	Account AccountID
	Desk    DeskID
	Grant   []byte // signed (chat/trust)
	Tries   uint8  // left
	Until   time.Time
}

// Renewal is an admin's leave to sign up anew for an account, and what the person made of it: empty until then.
type Renewal struct {
	Account AccountID
	By      AccountID
	Until   time.Time // for the sign-up; who waits for approval waits as long as it takes
	User    User      // ID is Account; Name and Status are the account's
	Vault   []byte    // its first version
}

// Recoveries keeps what brings people back who lost their face, or everything. Who lost a password alone is brought back by PutPassword.
type Recoveries interface {
	// PutCode takes the place of a code of the same account and desk. It MUST return ErrInvalid for one without account, desk, grant or tries.
	PutCode(context.Context, Code) error
	// TryCode uses up one try, durably, before it answers: the code when right says so, which is then gone; ErrConflict when it does not; ErrNotFound when
	// there is no code for account and desk, or its time or tries are over. right MUST NOT call the store.
	TryCode(ctx context.Context, account AccountID, desk DeskID, now time.Time, right func(Code) bool) (Code, error)

	// AllowRenewal takes the place of what stands for the account, what waits for approval too. It MUST return ErrNotFound for an unknown account.
	AllowRenewal(ctx context.Context, account, by AccountID, until time.Time) error
	// MakeRenewal keeps r.User and r.Vault for approval and changes nothing of the account. It MUST return ErrNotFound when nothing was
	// allowed, or its time is over at now, and ErrExists when somebody waits already.
	MakeRenewal(ctx context.Context, r Renewal, now time.Time) error
	// RenewalOf MUST return ErrNotFound when nothing stands for the account.
	RenewalOf(context.Context, AccountID) (Renewal, error)
	// Renewals are those that wait for approval, oldest first.
	Renewals(context.Context) ([]Renewal, error)
	// FinishRenewal puts record, bundle, template, consent, desk and vault in the place of the account's, and removes its boxes, challenges and codes: all
	// or nothing. What was stored MUST be overwritten. It MUST return ErrNotFound unless one waits with this bundle.
	FinishRenewal(ctx context.Context, account AccountID, bundle []byte) error
	// DropRenewal MUST return ErrNotFound when nothing stands for the account.
	DropRenewal(context.Context, AccountID) error
}
