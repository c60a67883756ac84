package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

// childWeights makes the test binary the program itself: no second build.
const childWeights = "VISAVIS_PUPPET_WEIGHTS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childWeights); dir != "" {
		if err := run(options{weights: dir, rehearse: os.Getenv(rehearsing) != ""}, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestOpenCameraRefuses(t *testing.T) {
	b := newBackend(t.TempDir(), nil, slog.New(slog.DiscardHandler))
	for _, source := range []string{"", "0", "/dev/video0", "puppet:?photo=", "puppet:?photo=a.jpg&mode=mixed", "puppet:?stage=nowhere", "puppet:?stage=a&photo=b"} {
		if c, err := b.OpenCamera(t.Context(), source); !errors.Is(err, biometrics.ErrCameraMissing) || c != nil {
			t.Errorf("%q: %v, %v", source, c, err)
		}
	}
	if c, err := b.OpenCamera(t.Context(), "puppet:?photo=a.jpg"); err == nil || c != nil {
		t.Errorf("without weights: %v, %v", c, err)
	}
}

// TestListsWhatItOpens: a camera is opened under the name and place by which it was listed, for a desk may be held to them.
func TestListsWhatItOpens(t *testing.T) {
	script := filepath.Join(t.TempDir(), "on stage")
	if err := os.WriteFile(script, []byte("nobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cameras, err := options{stage: script}.cameras()
	if err != nil || len(cameras) != 1 {
		t.Fatalf("%v, %v", cameras, err)
	}
	cameras = append(cameras, virtual("Nobody (puppet)", puppet.Options{Mode: puppet.Nobody}.String()))
	b := newBackend(t.TempDir(), cameras, slog.New(slog.DiscardHandler))
	for source, want := range map[string]biometrics.CameraInfo{"": cameras[0], cameras[0].Port: cameras[0], cameras[1].Port: cameras[1]} {
		c, err := b.OpenCamera(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if _, cued := c.(eye.Cued); c.Info() != want || !cued || !want.Virtual {
			t.Errorf("%q: %+v, cued %v", source, c.Info(), cued)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestListsPeople(t *testing.T) {
	dir := t.TempDir()
	if list, err := (options{faces: dir}).cameras(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder without photographs: %v, %v", list, err)
	}
	for _, p := range people {
		if err := os.WriteFile(filepath.Join(dir, p.photo), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := options{faces: dir}.cameras()
	if err != nil || len(list) != len(people)+1 || len(list) > 8 {
		t.Fatalf("%d cameras, %v: a desk may list eight", len(list), err)
	}
	for _, c := range list {
		if _, err := puppet.ParseSource(c.Port); err != nil || !c.Virtual || len(c.Port) > 256 {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := (options{faces: dir, stage: "x"}).cameras(); err == nil {
		t.Error("people and a stage at once")
	}
}

// TestPlaysAChallenge is the eye's whole way, process and pipes and real time included.
func TestPlaysAChallenge(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a challenge's time")
	}
	dir, photo := fetched(t)
	t.Setenv(childWeights, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	k, err := eye.Start(ctx, eye.Options{Path: os.Args[0]})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}()
	info, err := k.Open(ctx, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn, Seed: 1}.String())
	if err != nil {
		t.Fatal(err)
	}
	if !info.Virtual || info.Driver != "puppet" {
		t.Errorf("camera %+v", info)
	}
	k.Watch(25, true)
	random := rand.NewChaCha8([32]byte{1})
	for tries := 1; !playsOne(t, ctx, k, random); tries++ {
		if tries == 4 {
			t.Fatal("not alive")
		}
		t.Log("not followed: once more, as a person would; this machine may be busy")
	}
}

// playsOne plays one challenge and says whether the puppet was found alive.
func playsOne(t *testing.T, ctx context.Context, k *eye.Keeper, random io.Reader) bool {
	t.Helper()
	c, err := liveness.Draw(random, liveness.Entry)
	if err != nil {
		t.Fatal(err)
	}
	e, err := eye.Capture(ctx, k, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := liveness.Judge(c, e.Frames, liveness.DefaultRules())
	t.Logf("%d frames: %+v, %v", len(e.Frames), v, v.Why)
	return v.Live
}
