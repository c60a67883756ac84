package server

import (
	"context"
	"testing"

	"visavis/chat/wire"
	"visavis/models"
)

// A connection that ends, since its person is revoked, is given nothing of what its writer has read by then.
func TestEndedConnectionIsGivenNothing(t *testing.T) {
	c := &conn{follows: map[models.RoomID]*follow{}, wake: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancelCause(t.Context())
	c.follow(newRoomLog(models.RoomID{1}, nil, 0, &logMemory{most: allLogsMemory}), 0)
	f := c.followed()[0]
	if !c.advance(f, 1) {
		t.Fatal("a connection that stands is given nothing")
	}
	c.cancel(wire.Refuse(wire.CodeEnded))
	if c.advance(f, 2) {
		t.Error("a connection that ends is given more")
	}
	c.unfollowAll()
}
