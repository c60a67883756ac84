package kiosk

import (
	"bytes"
	"context"
	"errors"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
)

// errPhrase is what was typed and is no phrase; errTypedCode no code.
var (
	errPhrase    = errors.New("not a recovery phrase")
	errTypedCode = errors.New("not a one-time code")
)

// choosing is how long a person has for a new password: the vault is open meanwhile.
const choosing = 5 * time.Minute

// recover proves name and phrase.
func (k *Kiosk) recover(x flow.DoRecover) {
	e := k.newEntry()
	e.name, e.phrase = x.Name, x.Phrase
	prove := k.phraseProven(e)
	begin(k, e.scope, patiently(k, prove), func(r *recovery, err error) {
		if err != nil {
			k.abandon()
			k.apply(flow.Failed{Problem: problemOf(err, loggingIn)})
			return
		}
		e.recovery = r
		k.apply(flow.Ready{})
	}, (*recovery).wipe)
}

// phraseProven proves the entry's phrase. What it returns is called once, in a goroutine.
func (k *Kiosk) phraseProven(e *entry) func(context.Context) (*recovery, error) {
	desk, dialer, name, typed := k.desk, k.dialer(), e.name, bytes.Clone(e.phrase)
	return func(ctx context.Context) (*recovery, error) {
		defer clear(typed)
		phrase, err := e2e.ParsePhrase(string(typed))
		if err != nil {
			return nil, errors.Join(errPhrase, err)
		}
		defer clear(phrase[:])
		c, err := dialer(ctx)
		if err != nil {
			return nil, err
		}
		r, err := desk.ProvePhrase(ctx, c, name, phrase)
		if err != nil {
			return nil, err
		}
		return &recovery{r, c}, nil
	}
}

// lookToRecover gives the second proof of a recovery: a face, or a code in its place. Where the first one's time was over, or a face was refused, the
// phrase is proven once more.
func (k *Kiosk) lookToRecover(second func(context.Context, *recovery) error, of *memory) {
	e := k.entry
	if e == nil {
		return
	}
	e.pressed()
	r := take(&e.recovery)
	var anew func(context.Context) (*recovery, error)
	if r == nil {
		anew = k.phraseProven(e)
	}
	begin(k, e.scope, func(ctx context.Context) (*recovery, error) {
		ctx, cancel := context.WithTimeout(ctx, k.looks)
		defer cancel()
		if anew != nil {
			var err error
			if r, err = anew(ctx); err != nil {
				return nil, err
			}
		}
		if err := second(ctx, r); err != nil {
			r.wipe() // the next press proves the phrase again
			return nil, err
		}
		return r, nil
	}, func(r *recovery, err error) {
		if err != nil {
			k.apply(flow.Failed{Problem: of.refused(err, looking)})
			return
		}
		clear(e.phrase)
		e.recovery, e.half = r, true
		k.apply(flow.Cleared{})
	}, (*recovery).wipe)
}

// cutOff tells at once who has just lost what the server kept on the connection: who writes a phrase down that opens nothing any more, and who chooses a
// password for it.
func (k *Kiosk) cutOff() {
	e := k.entry
	if e == nil {
		return
	}
	lost := e.face != nil && !e.face.stands() || e.recovery != nil && !e.recovery.stands()
	switch {
	case lost && k.state.Noting():
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.PhraseVoid}})
	case lost && k.state.Page == flow.Renew:
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.CutOff}, Anew: true})
	}
}

// repassword takes the new password of a recovery: sealed, and nothing changed before the new phrase is on paper.
func (k *Kiosk) repassword(x flow.DoRepassword) {
	e := k.entry
	if e == nil || e.recovery == nil {
		clear(x.Password)
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.CutOff}, Anew: true})
		return
	}
	e.pressed()
	r := e.recovery
	e.recovery = nil
	begin(k, e.scope, patiently(k, func(ctx context.Context) (resealed, error) {
		defer clear(x.Password)
		phrase, err := r.it.Seal(ctx, x.Password)
		return resealed{r, &phrase, err}, nil
	}), func(s resealed, _ error) {
		e.recovery = s.by
		if _, weak := errors.AsType[*pake.WeakPassword](s.err); weak { // nothing was begun
			k.apply(flow.Failed{Problem: problemOf(s.err, signingUp)})
			k.watchPicture()
			return
		}
		if s.err != nil {
			k.apply(flow.Failed{Problem: problemOf(s.err, looking), Anew: true})
			return
		}
		e.wipeTyped()
		k.note(s.phrase)
	}, func(s resealed) {
		s.by.wipe()
		clear(s.phrase[:])
	})
}

// resealed is what came of a new password: the recovery goes on with what is left of it, whatever the error.
type resealed struct {
	by     *recovery
	phrase *e2e.Phrase
	err    error
}

// finishRecovery has password and phrase replaced.
func (k *Kiosk) finishRecovery(e *entry) {
	r := e.recovery
	e.recovery = nil
	k.run(e.scope, func(ctx context.Context) error {
		defer r.wipe()
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		return r.it.Finish(ctx)
	}, func(err error) {
		if err != nil {
			k.apply(flow.Failed{Problem: unfinished(err, looking)})
			return
		}
		k.abandon()
		k.apply(flow.Recovered{})
	})
}

// showCode gives a one-time code in the place of a face.
func (k *Kiosk) showCode(x flow.DoCode) {
	code, err := trust.ParseCode(string(x.Code))
	clear(x.Code)
	if err != nil {
		k.apply(flow.Failed{Problem: problemOf(errors.Join(errTypedCode, err), looking)})
		return
	}
	switch x.Purpose {
	case flow.ToLogIn:
		k.finishLogIn(new(memory), func(ctx context.Context, l *look, prove func(context.Context) (*attempt, error)) error {
			defer clear(code[:])
			return l.byCode(ctx, code, prove)
		})
	case flow.ToRecover:
		k.lookToRecover(func(ctx context.Context, r *recovery) error {
			defer clear(code[:])
			return r.it.UseCode(ctx, code)
		}, new(memory))
	}
}

// byCode is logIn with a one-time code.
func (l *look) byCode(ctx context.Context, code trust.Code, prove func(context.Context) (*attempt, error)) error {
	err := l.proven(ctx, prove, func() (err error) {
		l.session, err = l.attempt.it.FinishByCode(ctx, code)
		return err
	})
	if err == nil {
		l.attempt.wipe()
	}
	return err
}

// cameBy is what a person has to know of how the session began.
func cameBy(s *client.Session) flow.Problem {
	if use := s.ByCode(); use != nil {
		return flow.Problem{Kind: flow.CameByCode, Detail: use.ByName}
	}
	return flow.Problem{}
}
