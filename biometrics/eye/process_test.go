package eye

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// heirTime is how long an heir holds what it inherited: longer than any of these tests may take.
const heirTime = 20 * time.Second

// heirs are children that start somebody who inherits their output.
var heirs = map[string]func(){
	"heir and stays": func() { leaveHeir(false); time.Sleep(heirTime); os.Exit(0) },
	"heir and ends":  func() { leaveHeir(false); os.Exit(3) },
	"heir elsewhere": func() { leaveHeir(true); os.Exit(3) }, // where the keeper's signal does not reach it
}

func leaveHeir(elsewhere bool) {
	cmd := exec.Command("sleep", "20")
	cmd.Stdout = os.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: elsewhere}
	if err := cmd.Start(); err != nil {
		os.Exit(4)
	}
}

// within fails the test when do takes as long as an heir lives.
func within(t *testing.T, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > heirTime/2 {
		t.Errorf("it took %v: somebody waited for the heir", took)
	}
}

// Whoever inherited the eye's output keeps neither the news of its death nor the keeper's end waiting.
func TestKeeperDoesNotWaitForHeirs(t *testing.T) {
	for role := range heirs {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			k, err := Start(t.Context(), Options{Path: "/usr/bin/env", Args: []string{childEnv + "=" + role, exe}})
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(role, "stays") {
				within(t, func() { k.Close() })
				return
			}
			within(t, func() {
				if d := await[Died](t, k.Events()); !strings.Contains(d.Err.Error(), "exit status 3") {
					t.Errorf("died of %v", d.Err)
				}
				k.Close()
			})
		})
	}
}

// mute is an eye that runs and says nothing.
type mute struct {
	once   *sync.Once
	killed chan struct{}
}

func (m mute) Read([]byte) (int, error)    { <-m.killed; return 0, os.ErrClosed }
func (m mute) Write(p []byte) (int, error) { return len(p), nil }
func (m mute) CloseInput() error           { return nil }
func (m mute) Kill()                       { m.once.Do(func() { close(m.killed) }) }
func (m mute) Wait() error                 { <-m.killed; return nil }

func TestKeeperEndsAMuteEye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		k, err := Start(t.Context(), Options{Launch: func(context.Context) (Process, error) { return mute{new(sync.Once), make(chan struct{})}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		d, ok := (<-k.Events()).(Died)
		if !ok || !errors.Is(d.Err, errMute) || time.Since(began) != greetGrace {
			t.Errorf("%+v after %v", d, time.Since(began))
		}
	})
}

// An eye that greeted may be silent for as long as it likes: nobody asked it for anything.
func TestKeeperLetsAnEyeBeSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, err := Start(t.Context(), Options{Launch: Local(&fakeBackend{}, nil)})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		if _, ok := (<-k.Events()).(Ready); !ok {
			t.Error("not ready")
		}
		select {
		case e := <-k.Events():
			t.Errorf("%T", e)
		case <-time.After(4 * greetGrace):
		}
	})
}
