package kiosk

import (
	"context"
	"errors"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// loading is a room whose log is being read: it is read when it was entered and its last entry was folded.
type loading struct {
	last    uint64
	entered bool
}

// readRooms enters every room that the person is a member of, one after the other.
func (k *Kiosk) readRooms(st *stay, s *client.Session) {
	st.model.Listing()
	begin(k, st.live, patiently(k, s.Rooms), func(list []wire.Room, err error) {
		if err != nil {
			k.o.Log.Warn("rooms can not be listed", "err", err)
			k.after(st.live, st.retry.wait(), func() { k.readRooms(st, s) })
			return
		}
		k.listed(st, s, list)
	}, nil)
}

func (k *Kiosk) listed(st *stay, s *client.Session, list []wire.Room) {
	rows := make([]talk.Listing, 0, len(list))
	var members []models.RoomID
	for _, r := range list {
		rows = append(rows, talk.Listing{ID: r.ID, Member: r.Member})
		if r.Member {
			st.loading[r.ID] = &loading{last: r.Last}
			members = append(members, r.ID)
		}
	}
	st.model.List(rows)
	for _, id := range members {
		st.model.Loading(id)
	}
	k.askWhoAsks(st)
	k.touch()
	k.enterRooms(st, s, members)
}

func (k *Kiosk) enterRooms(st *stay, s *client.Session, rooms []models.RoomID) {
	if len(rooms) == 0 {
		return
	}
	id := rooms[0]
	k.run(st.live, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		return s.Enter(ctx, id)
	}, func(err error) {
		k.entered(st, id, err)
		k.enterRooms(st, s, rooms[1:])
	})
}

// entered notes that the session has read a room; the model may still be behind.
func (k *Kiosk) entered(st *stay, id models.RoomID, err error) {
	l := st.loading[id]
	if l == nil {
		return
	}
	l.entered = true
	if err != nil { // a fork, or a room that is gone: there is no more to come
		k.o.Log.Warn("a room can not be read whole", "err", err)
		l.last = 0
		st.model.Loaded(id, errors.Is(err, e2e.ErrFork))
	}
	k.settle(st, id)
	st.moveIn()
	k.touch()
}

// settle ends a room's loading when all that was there has been folded, and sends what waits for that.
func (k *Kiosk) settle(st *stay, id models.RoomID) {
	l := st.loading[id]
	if !l.entered || st.model.Seq(id) < l.last {
		return
	}
	delete(st.loading, id)
	if l.last > 0 {
		st.model.Loaded(id, false)
	}
	k.sendNext(st, id)
}
