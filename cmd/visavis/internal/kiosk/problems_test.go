package kiosk

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/client"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
)

// exported are the names of the errors that a package exports, by its source.
func exported(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				for _, n := range s.(*ast.ValueSpec).Names {
					if strings.HasPrefix(n.Name, "Err") {
						names = append(names, filepath.Base(dir)+"."+n.Name)
					}
				}
			}
		}
	}
	return names
}

// inTable are the errors that the table's source names.
func inTable(t *testing.T) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "problems.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				names = append(names, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return names
}

// Every error that a desk can meet is called something in the one table, and every code of the server.
func TestEveryErrorHasItsKind(t *testing.T) {
	named := inTable(t)
	for _, dir := range []string{"chat/client", "chat/e2e", "chat/trust", "chat/pake", "biometrics", "biometrics/eye", "biometrics/liveness"} {
		for _, name := range exported(t, filepath.Join("../../../..", dir)) {
			if !slices.Contains(named, name) {
				t.Errorf("%s is called nothing", name)
			}
		}
	}
	for c := range wire.Code(255) {
		p := problemOf(fmt.Errorf("call: %w", wire.Refuse(c)), inside)
		if c.Known() && (p.Kind == flow.Unknown || p.Kind == flow.NoProblem) {
			t.Errorf("code %d is called %q", c, p.Kind)
		}
		if p.Kind == flow.ServerTrouble && p.Detail == "" {
			t.Errorf("code %d: no text", c)
		}
	}
	for _, m := range meanings {
		if m.kind == flow.NoProblem {
			t.Errorf("%v is no problem", m.err)
		}
		if got := problemOf(fmt.Errorf("wrapped: %w", m.err), anywhere).Kind; got != m.kind {
			t.Errorf("%v is called %q instead of %q: a row before it fits too", m.err, got, m.kind)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		where place
		want  flow.Problem
	}{
		{"none", nil, anywhere, flow.Problem{}},
		{"wait", fmt.Errorf("x: %w", wire.Wait(90)), loggingIn, flow.Problem{Kind: flow.TooMany, Wait: 90 * time.Second}},
		{"settle", &eye.SettleError{Reason: biometrics.TooFar}, looking, flow.Problem{Kind: flow.NoGoodPicture, Reason: biometrics.TooFar}},
		{"blind", &eye.SettleError{Blind: true}, looking, flow.Problem{Kind: flow.NothingSeen}},
		{"a closed connection says why", fmt.Errorf("%w: %w", client.ErrClosed, wire.Refuse(wire.CodeGoodbye)), inside, flow.Problem{Kind: flow.Restarting}},
		{"or not", fmt.Errorf("%w: %w", client.ErrClosed, errors.New("the server closed it")), inside, flow.Problem{Kind: flow.Unreachable}},
		{"refused connection", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, loggingIn, flow.Problem{Kind: flow.Unreachable}},
		{"an eye that died of its camera", fmt.Errorf("%w: %w", eye.ErrDied, biometrics.ErrCameraBusy), anywhere, flow.Problem{Kind: flow.EyeDied}},
		{"an eye that died amid a look", eye.ErrDied, looking, flow.Problem{Kind: flow.Interrupted}},
		{"a taken name", wire.Refuse(wire.CodeExists), signingUp, flow.Problem{Kind: flow.NameTaken}},
		{"a password that was right", wire.Refuse(wire.CodeNotSignedIn), looking, flow.Problem{Kind: flow.Interrupted}},
		{"and is wrong now", proveAgain(wire.Refuse(wire.CodeNotSignedIn)), looking, flow.Problem{Kind: flow.WrongPassword}},
		{"an invite that is none", fmt.Errorf("enrol: %w", trust.ErrFormat), enrolling, flow.Problem{Kind: flow.BadInvite}},
		{"a weak password", &pake.WeakPassword{Reason: "r", Cure: "longer"}, signingUp, flow.Problem{Kind: flow.WeakPassword, Detail: "longer"}},
		{"a folder that can not be read", fs.ErrPermission, startingUp, flow.Problem{Kind: flow.DeskFile, Detail: "permission denied"}},
		{"anything else", errors.New("odd"), inside, flow.Problem{Kind: flow.Unknown, Detail: "odd"}},
	} {
		if got := problemOf(c.err, c.where); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// The settings' choices are the window's.
func TestTheSettingsAreTheWindows(t *testing.T) {
	for _, away := range flow.AwayChoices() {
		for _, theme := range []flow.Theme{flow.ThemeSystem, flow.ThemeLight, flow.ThemeDark} {
			for _, size := range []int{90, 100, 115, 130} {
				for _, shield := range []flow.Shield{flow.ShieldBlur, flow.ShieldNotice} {
					p := flow.Prefs{Theme: theme, TextSize: size, Away: away, Calm: true, Shield: shield}
					if err := windowOf(p).Validate(); err != nil {
						t.Error(err)
					}
					if prefsOf(windowOf(p)) != p {
						t.Errorf("%+v does not come back", p)
					}
				}
			}
		}
	}
	if prefsOf(windowOf(flow.DefaultPrefs())) != flow.DefaultPrefs() {
		t.Error("the defaults differ")
	}
}
