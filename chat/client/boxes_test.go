package client_test

import (
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// A room so large that a generation's boxes do not fit one frame: they go ahead of it, and everybody gets his own.
func TestBoxesAheadOfTheirGeneration(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	cleo := w.SignUp(first, "cleo", chattest.Face(77))
	w.Approve(admin, cleo)
	id, err := admin.CreateRoom(ctx, "Hall")
	must(t, err)
	benAt, cleoAt := w.LogIn(first, ben), w.LogIn(first, cleo)
	member(t, admin, benAt, id)
	member(t, admin, cleoAt, id)
	admin.SetBoxesPerFrame(1)
	if _, err := admin.Send(ctx, id, "everybody in the hall"); err != nil {
		t.Fatal(err)
	}
	if got := readText(t, benAt, id); got != "everybody in the hall" {
		t.Errorf("ben read %q", got)
	}
	if got := readText(t, cleoAt, id); got != "everybody in the hall" {
		t.Errorf("cleo read %q", got)
	}
}

// A member hands in boxes without end, or of the wrong form.
func TestStagedBoxesAreBounded(t *testing.T) {
	_, _, admin, _ := people(t)
	box := wire.Box{Account: models.AccountID{1}, Key: models.Hash{2}, Body: make([]byte, trust.BoxSize)}
	put := func(b wire.BoxPut) error {
		return admin.Connection().Call(t.Context(), wire.TypeBoxPut, b, new(wire.Empty))
	}
	many := make([]wire.Box, 400)
	for i := range many {
		many[i] = box
	}
	generation := wire.BoxPut{Room: models.RoomID{1}, Generation: models.Hash{3}, Boxes: many}
	for range 8000 / len(many) {
		must(t, put(generation))
	}
	refused(t, put(generation), wire.CodeFull)
	generation.Generation = models.Hash{4} // the ones before are dropped
	must(t, put(generation))

	short := box
	short.Body = short.Body[1:]
	for name, b := range map[string]wire.BoxPut{
		"no room":       {Generation: models.Hash{3}, Boxes: []wire.Box{box}},
		"no generation": {Room: models.RoomID{1}, Boxes: []wire.Box{box}},
		"a short box":   {Room: models.RoomID{1}, Generation: models.Hash{5}, Boxes: []wire.Box{short}},
		"nobody's box":  {Room: models.RoomID{1}, Generation: models.Hash{5}, Boxes: []wire.Box{{Key: box.Key, Body: box.Body}}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, put(b), wire.CodeInvalid) })
	}
}
