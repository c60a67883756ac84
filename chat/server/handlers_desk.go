package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"visavis/chat/login"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

const (
	enrolTime  = time.Minute // an enrolment's connection ends after this
	inviteCode = 16          // bytes
	maxRoot    = 8           // statements of one root.append

	failedEnrolments = 120 // an hour, from one origin: a code has 128 bits, and this is for the log's sake
	failedPerConn    = 3

	// A list is cut where a frame ends. Of the sign-ups there are pages; the rest of the desks shows when what stands before was decided.
	listedBytes = wire.MaxFrame - 64<<10
	listedRow   = 160 // bytes of a row beside its texts and requests, at most
)

// hello greets, once: it agrees on a version and says, signed, what this server is.
func (c *conn) hello(b wire.Hello) (any, error) {
	if c.greeted {
		return nil, wire.Refuse(wire.CodeProtocol)
	}
	if !slices.Contains(b.Versions, wire.Version) {
		return nil, wire.Refuse(wire.CodeUnsupported)
	}
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, nil)
	if err != nil {
		return nil, err
	}
	key, ok := c.srv.Certificate.PrivateKey.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("server key: %w", pki.ErrKeyType)
	}
	n, head := c.srv.hub.dir.Tip()
	signed, err := trust.NewHello(trust.Hello{
		Org: c.srv.hub.dir.Org(), Server: c.srv.serverID, Versions: []uint32{wire.Version}, Features: wire.Features(),
		Virtual: c.srv.Config.Camera.AllowVirtual, Lamp: c.srv.lamp, Head: head, Seq: n,
		Time: c.srv.now(), Exporter: [32]byte(exporter),
	}, key)
	if err != nil {
		return nil, err
	}
	c.greeted = true
	c.shared = map[string]bool{}
	for _, feature := range wire.Features() {
		c.shared[feature] = slices.Contains(b.Features, feature)
	}
	c.keys.Store(c.shared[wire.FeatureKeys])
	c.rooms.Store(c.shared[wire.FeatureRooms])
	if !c.enrol {
		c.srv.strangers.settled(c)
	}
	c.log.Info("hello", "client", printable(b.Client))
	return wire.HelloReply{Version: wire.Version, Signed: signed}, nil
}

// printable keeps a peer from writing into the log what looks like the log.
func printable(s string) string {
	return fmt.Sprintf("%.64q", s)
}

// deskEnrol turns an invite into a certificate. The desk counts for nothing until the directory lists it. Whoever asks has proved nothing:
// what fails is counted in memory alone, and a good code is served whatever was counted.
func (c *conn) deskEnrol(ctx context.Context, b wire.DeskEnrol) (any, error) {
	if c.failed >= failedPerConn {
		c.cancel(wire.Refuse(wire.CodeNotAllowed))
		return nil, wire.Refuse(wire.CodeNotAllowed)
	}
	reply, err := c.enrolDesk(ctx, b)
	if err == nil {
		c.audit("desk.enrol", "ok")
		return reply, nil
	}
	c.failed++
	if wait := waitFor(c.srv.enrolments.take(c.origin, c.srv.now())); wait != nil {
		return nil, wait
	}
	return nil, err
}

func (c *conn) enrolDesk(ctx context.Context, b wire.DeskEnrol) (wire.DeskEnrolReply, error) {
	invalid := func(err error) (wire.DeskEnrolReply, error) {
		return wire.DeskEnrolReply{}, errors.Join(wire.Refuse(wire.CodeInvalid), err)
	}
	r, err := trust.OpenDeskRequest(b.Request)
	if err != nil {
		return invalid(err)
	}
	pub, err := x509.ParsePKIXPublicKey(b.TLSKey)
	if err != nil {
		return invalid(err)
	}
	key, ok := pub.(ed25519.PublicKey)
	if !ok {
		return invalid(pki.ErrKeyType)
	}
	hash, err := pki.PublicKeyHash(key)
	if err != nil || hash != r.TLSKey || r.Org != c.srv.hub.dir.Org() && !r.Org.IsZero() {
		return invalid(err)
	}
	now := c.srv.now()
	der, err := c.srv.Authority.IssueDesk(c.srv.Random, r.Desk, key, now)
	if err != nil {
		return wire.DeskEnrolReply{}, err
	}
	err = c.srv.store.EnrolDesk(ctx, models.Desk{
		ID: r.Desk, Name: r.Name, Status: models.DeskPending, DeviceKey: r.Device, TLSKeyHash: hash, Request: b.Request,
		Invite: trust.InviteCodeHash(r.Code), CreatedAt: now.UTC(), Origin: c.origin.String(),
	}, now)
	if err != nil {
		return wire.DeskEnrolReply{}, err
	}
	c.desk.ID = r.Desk
	return wire.DeskEnrolReply{Certificate: der, Authority: c.srv.Authority.Certificate().Raw}, nil
}

// rootAppend takes statements that the root signed: the founding, the first desk and the first admin, and recovery. Nobody is logged
// in, so the signature alone decides, and it is the directory that checks it.
func (c *conn) rootAppend(ctx context.Context, b wire.RootAppend) (any, error) {
	if len(b.Statements) == 0 || len(b.Statements) > maxRoot {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	news := false
	defer func() { // also when a later one is refused
		if news { // what the root once said everybody can say again
			c.audit("directory.root", "ok")
		}
	}()
	for _, signed := range b.Statements {
		st, err := trust.ParseStatement(signed)
		if err != nil || !st.Author.IsZero() {
			return nil, wire.Refuse(wire.CodeInvalid)
		}
		e := models.Entry{Kind: models.EntryStatement, Body: signed}
		head := trust.StatementHash(signed)
		copy(e.Message[:], head[:]) // the same statement is the same entry
		a, err := c.appendAndWait(ctx, e)
		if err != nil {
			return nil, err
		}
		news = news || !a.Duplicate
	}
	return wire.Empty{}, nil
}

// appendAndWait hands an entry to the writer of the logs and waits until it is durable.
func (c *conn) appendAndWait(ctx context.Context, e models.Entry) (models.Appended, error) {
	done := make(chan models.Appended, 1)
	err := c.srv.submit(ctx, pending{e, func(a models.Appended, err error) { a.Err = err; done <- a }})
	if err != nil {
		return models.Appended{}, err
	}
	a := <-done
	return a, a.Err
}

// signupList gives a page of who waits: everybody is reached, however many wait before him.
func (c *conn) signupList(ctx context.Context, b wire.SignupList) (any, error) {
	users, err := c.srv.store.UsersByStatus(ctx, models.UserWaiting)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(users, func(a, b models.User) int {
		return cmp.Or(cmp.Compare(a.CreatedAt.UnixMilli(), b.CreatedAt.UnixMilli()), bytes.Compare(a.ID[:], b.ID[:]))
	})
	reply := wire.SignupListReply{Waiting: []wire.Signup{}}
	size := 0
	for _, u := range users {
		at := u.CreatedAt.UnixMilli()
		if cmp.Or(cmp.Compare(at, b.At), bytes.Compare(u.ID[:], b.Account[:])) <= 0 {
			continue
		}
		if size += len(u.Bundle) + len(u.Name) + len(u.Email) + listedRow; size > listedBytes {
			reply.More = true
			break
		}
		reply.Waiting = append(reply.Waiting, wire.Signup{Account: u.ID, Name: u.Name, Email: u.Email, Desk: u.Desk, At: at, Bundle: u.Bundle})
	}
	return reply, nil
}

// signupAlike says whom of those approved some of the waiting look like: to admins alone.
func (c *conn) signupAlike(ctx context.Context, b wire.SignupAlike) (any, error) {
	if len(b.Accounts) == 0 || len(b.Accounts) > wire.MaxAlike {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	svc, _, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	reply := wire.SignupAlikeReply{Alike: make([][]wire.Lookalike, len(b.Accounts))}
	for i, account := range b.Accounts {
		found, err := svc.Lookalikes(ctx, account, wire.MaxAlike)
		switch {
		case errors.Is(err, login.ErrFaceUnread): // the others are listed all the same
			c.log.Warn("no lookalikes", "account", account.Short(), "cause", err)
		case err != nil:
			return nil, err
		}
		reply.Alike[i] = make([]wire.Lookalike, len(found))
		for k, l := range found {
			reply.Alike[i][k] = wire.Lookalike{Account: l.Account, Grade: wire.Grade(l.Grade)}
		}
	}
	return reply, nil
}

// signupReject deletes an account that waits, face and all. One that the directory lists is revoked instead, in the directory.
func (c *conn) signupReject(ctx context.Context, b wire.SignupReject) (any, error) {
	u, err := c.srv.store.UserByID(ctx, b.Account)
	if err != nil {
		return nil, err
	}
	if _, admitted := c.srv.hub.dir.Identity(b.Account); admitted || u.Status != models.UserWaiting {
		return nil, wire.Refuse(wire.CodeNotAllowed)
	}
	if err := c.srv.store.DeleteUser(ctx, b.Account); err != nil {
		return nil, err
	}
	c.auditOf("signup.reject", "ok", "account "+b.Account.String())
	return wire.Empty{}, nil
}

// deskInvite makes the server's half of an invite and keeps only the code's hash.
func (c *conn) deskInvite(ctx context.Context, _ wire.Empty) (any, error) {
	code := make([]byte, inviteCode)
	random := c.srv.Random
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, code); err != nil {
		return nil, err
	}
	now := c.srv.now().UTC()
	ends := now.Add(c.srv.Config.Limits.Invite.Std())
	err := c.srv.store.AddInvite(ctx, models.Invite{
		Code: trust.InviteCodeHash(code), By: c.session.account, CreatedAt: now, ExpiresAt: ends,
	})
	if err != nil {
		return nil, err
	}
	c.audit("desk.invite", "ok")
	return wire.DeskInviteReply{Addresses: c.srv.Config.Server.Addresses, Code: code, ExpiresAt: ends.UnixMilli()}, nil
}

func (c *conn) deskList(ctx context.Context, _ wire.Empty) (any, error) {
	desks, err := c.srv.store.Desks(ctx)
	if err != nil {
		return nil, err
	}
	// Those that somebody has to decide about come first, should not all have room.
	slices.SortStableFunc(desks, func(a, b models.Desk) int { return cmp.Compare(a.Status, b.Status) })
	reply := wire.DeskListReply{Desks: []wire.Desk{}}
	size := 0
	for _, d := range desks {
		if size += len(d.Request) + len(d.Name) + listedRow; size > listedBytes {
			break
		}
		reply.Desks = append(reply.Desks, wire.Desk{
			ID: d.ID, Name: d.Name, Status: d.Status, Request: d.Request, Invite: d.Invite, At: d.CreatedAt.UnixMilli(),
		})
	}
	return reply, nil
}
