package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrPhrase says that name and phrase do not belong together: a wrong name, another phrase, or one that was used already.
var ErrPhrase = errors.New("the phrase is not the one of this name: check both; an older phrase does not count any more")

// Recovery is a lost password's way back: the phrase was proven, then the face is, or an admin's code in its place, then Seal takes the new password,
// and Finish has both changed, when the new phrase is on paper. One goroutine owns it, and wipes it in the end; it lives as long as its connection. It
// prints redacted.
type Recovery struct {
	desk   *Desk
	conn   *Conn
	look   look
	name   string
	phrase e2e.Phrase
	vault  *e2e.Vault          // nil until the second proof
	sealed *wire.RecoverFinish // nil until Seal
}

// ProvePhrase begins a recovery. Whatever is wrong with name or phrase is ErrPhrase.
func (d *Desk) ProvePhrase(ctx context.Context, c *Conn, name string, phrase e2e.Phrase) (*Recovery, error) {
	if !d.Founded() {
		return nil, errUnfounded()
	}
	var started wire.RecoverReply
	if err := c.Call(ctx, wire.TypeRecoverStart, wire.RecoverStart{Name: name}, &started); err != nil {
		return nil, notProven(err)
	}
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, started.Login[:])
	if err != nil {
		return nil, err
	}
	signed, err := phrase.SignRecovery(trust.Recovery{
		Org: d.org, Server: c.hello.Server, Login: started.Login, Account: started.Account, Desk: d.id, Exporter: [32]byte(exporter),
	})
	if err != nil {
		return nil, err
	}
	if err := c.Call(ctx, wire.TypeRecoverPhrase, wire.RecoverPhrase{Login: started.Login, Signed: signed}, new(wire.Empty)); err != nil {
		return nil, notProven(err)
	}
	return &Recovery{desk: d, conn: c, name: name, phrase: phrase, look: look{evidence: trust.Evidence{
		Purpose: trust.PurposeRecover, Login: started.Login, Account: started.Account, Handshake: trust.RecoveryHash(signed),
	}}}, nil
}

func notProven(err error) error {
	if errors.Is(err, wire.Refuse(wire.CodeNotSignedIn)) {
		return fmt.Errorf("%w (%w)", ErrPhrase, err)
	}
	return err
}

// ShowFace settles the eye, captures a challenge and has the server judge it. It can be done once; a face that is refused ends the recovery.
func (r *Recovery) ShowFace(ctx context.Context, eye Eye) error {
	if err := r.desk.allowed(r.conn, eye); err != nil {
		return err
	}
	if err := eye.Settle(ctx); err != nil {
		return err
	}
	evidence, err := r.look.play(ctx, r.desk, r.conn, eye, wire.TypeRecoverChallenge)
	if err != nil {
		return err
	}
	var reply wire.VaultReply
	if err := r.conn.Call(ctx, wire.TypeRecoverFace, wire.LoginFace{Login: r.look.evidence.Login, Evidence: evidence}, &reply); err != nil {
		return err
	}
	return r.open(models.Vault{Version: reply.Version, Prev: reply.Prev, Body: reply.Vault})
}

// UseCode gives an admin's one-time code in the place of the face. ErrCode leaves the recovery as it is while the code has tries.
func (r *Recovery) UseCode(ctx context.Context, code trust.Code) error {
	place := r.desk.codePlace(r.look.evidence.Account)
	stretched := code.Stretch(place)
	defer clear(stretched[:])
	var reply wire.RecoverCodeReply
	err := r.conn.Call(ctx, wire.TypeRecoverCode, wire.LoginCode{Login: r.look.evidence.Login, Code: models.Hash(stretched)}, &reply)
	if err != nil {
		return notTheCode(err)
	}
	return r.open(models.Vault{Version: reply.Version, Prev: reply.Prev, Body: reply.Vault})
}

// open opens the vault with the phrase. Its keys are checked against the directory by the log-in that follows: nobody has seen the directory yet.
func (r *Recovery) open(stored models.Vault) error {
	stored.Account = r.look.evidence.Account
	vault, err := e2e.OpenVaultByPhrase(stored, r.phrase)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVault, err)
	}
	if vault.Org != r.desk.org || vault.Root != r.desk.root {
		vault.Wipe()
		return fmt.Errorf("vault of another organisation: %w", ErrVault)
	}
	r.vault = vault
	return nil
}

// Seal registers the new password, seals the vault anew, and returns the new phrase. Nothing is changed by it: whoever leaves now has the password and the
// phrase of before. The caller wipes the password. One that is too easy may be followed by another; after any other error the recovery is over.
func (r *Recovery) Seal(ctx context.Context, password []byte) (e2e.Phrase, error) {
	if r.vault == nil {
		return e2e.Phrase{}, fmt.Errorf("seal a recovery without its proofs: %w", ErrStep)
	}
	if err := pake.CheckStrength(password, r.name); err != nil {
		return e2e.Phrase{}, err
	}
	sealed, phrase, err := r.seal(ctx, password)
	r.Wipe() // vault and old phrase: what goes on is sealed
	if err != nil {
		return e2e.Phrase{}, err
	}
	r.sealed = &sealed
	return phrase, nil
}

// Finish puts what was sealed in the place of the old: the phrase and the password of before are good for nothing from now on. All sessions of the account
// end, and the person logs in. It can be done once.
func (r *Recovery) Finish(ctx context.Context) error {
	if r.sealed == nil {
		return fmt.Errorf("finish a recovery that is not sealed: %w", ErrStep)
	}
	sealed := *r.sealed
	r.sealed = nil
	return r.conn.Call(ctx, wire.TypeRecoverFinish, sealed, new(wire.Empty))
}

// seal registers the password and seals the vault's next version under it and under a new phrase.
func (r *Recovery) seal(ctx context.Context, password []byte) (wire.RecoverFinish, e2e.Phrase, error) {
	fail := func(err error) (wire.RecoverFinish, e2e.Phrase, error) {
		return wire.RecoverFinish{}, e2e.Phrase{}, err
	}
	reg, request, err := r.desk.passwords().Register(password)
	if err != nil {
		return fail(err)
	}
	of := r.look.evidence
	var reply wire.RecoverRegisterReply
	if err := r.conn.Call(ctx, wire.TypeRecoverRegister, wire.RecoverRegister{Login: of.Login, Request: request}, &reply); err != nil {
		return fail(err)
	}
	params, err := passwordParams(reply.Params)
	if err != nil {
		return fail(err)
	}
	record, export, err := reg.Finalize(of.Account, params, reply.Response)
	if err != nil {
		return fail(err)
	}
	defer clear(export[:])
	phrase, err := e2e.NewPhrase(r.desk.random())
	if err != nil {
		return fail(err)
	}
	pepper, err := r.desk.wrapping()
	if err != nil {
		return fail(err)
	}
	next, err := e2e.SealVault(r.vault, e2e.Unlock{Export: export[:], Pepper: pepper}, phrase, r.desk.random(), r.desk.now())
	if err != nil {
		return fail(err)
	}
	return wire.RecoverFinish{Login: of.Login, Record: record, Version: next.Version, Prev: next.Prev, Vault: next.Body}, phrase, nil
}

// Wipe overwrites phrase and vault; no step goes on after it.
func (r *Recovery) Wipe() {
	clear(r.phrase[:])
	if r.vault != nil {
		r.vault.Wipe()
	}
	r.vault, r.sealed = nil, nil
}

func (*Recovery) String() string   { return "recovery(redacted)" }
func (*Recovery) GoString() string { return "recovery(redacted)" }

// Format keeps every verb from printing the phrase.
func (*Recovery) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "recovery(redacted)") }
