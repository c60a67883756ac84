package server

import (
	"bytes"
	"context"
	"slices"

	"visavis/chat/login"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

const (
	pepperPage = 64
	maxPeppers = 64 // that are told of: the rest has to move first
)

// pepperCount counts the vaults by the pepper that each says it is under.
func (c *conn) pepperCount(ctx context.Context, _ wire.Empty) (any, error) {
	counts := map[models.Hash]uint64{}
	var after models.AccountID
	for {
		page, err := c.srv.store.Vaults(ctx, after, pepperPage)
		if err != nil {
			return nil, err
		}
		for _, v := range page {
			after = v.Account
			if sealed, err := trust.OpenSealedVault(v, login.MaxVault); err == nil {
				counts[sealed.Clear.Pepper]++
			}
		}
		if len(page) < pepperPage {
			break
		}
	}
	reply := wire.PepperCountReply{Counts: []wire.PepperCount{}}
	for id, n := range counts {
		reply.Counts = append(reply.Counts, wire.PepperCount{Pepper: id, Vaults: n})
	}
	slices.SortFunc(reply.Counts, func(a, b wire.PepperCount) int { return bytes.Compare(a.Pepper[:], b.Pepper[:]) })
	reply.Counts = reply.Counts[:min(len(reply.Counts), maxPeppers)]
	return reply, nil
}

// moved says whether a new version of a vault is wrapped otherwise than the one before: what opened that one must not open it in a copy of the disk.
func moved(before, next models.Vault) bool {
	a, errA := trust.OpenSealedVault(before, login.MaxVault)
	b, errB := trust.OpenSealedVault(next, login.MaxVault)
	return errA == nil && errB == nil && !bytes.Equal(a.Clear.Wrapped, b.Clear.Wrapped)
}
