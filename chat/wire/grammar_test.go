package wire

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"visavis/models/audit"
	"visavis/models/canon/grammar"
)

const protocolFile = "../../docs/protocol.md"

// bodies are all that a frame's body can be.
var bodies = []grammar.Rule{
	grammar.Of[Frame]("frame"), grammar.Of[Error]("error"), grammar.Of[Empty]("empty"),
	grammar.Of[Hello]("hello"), grammar.Of[HelloReply]("hello-reply"),
	grammar.Of[DeskEnrol]("desk-enrol"), grammar.Of[DeskEnrolReply]("desk-enrol-reply"),
	grammar.Of[RootAppend]("root-append"), grammar.Of[RootOpen]("root-open"), grammar.Of[RootRead]("root-read"), grammar.Of[RootReadReply]("root-read-reply"),
	grammar.Of[PepperCountReply]("pepper-count-reply"), grammar.Of[PepperCount]("pepper-count"),
	grammar.Of[SignupStart]("signup-start"), grammar.Of[SignupReply]("signup-reply"), grammar.Of[SignupChallenge]("signup-challenge"),
	grammar.Of[SignupFace]("signup-face"), grammar.Of[SignupFinish]("signup-finish"),
	grammar.Of[SignupStatus]("signup-status"), grammar.Of[SignupStatusReply]("signup-status-reply"),
	grammar.Of[ByLogin]("by-login"), grammar.Of[ChallengeReply]("challenge-reply"),
	grammar.Of[LoginStart]("login-start"), grammar.Of[LoginReply]("login-reply"), grammar.Of[LoginPassword]("login-password"),
	grammar.Of[LoginFace]("login-face"), grammar.Of[SessionReply]("session-reply"),
	grammar.Of[ProveBegin]("prove-begin"),
	grammar.Of[SessionResume]("session-resume"), grammar.Of[ResumeReply]("resume-reply"),
	grammar.Of[LockKeyReply]("lock-key-reply"), grammar.Of[SessionLock]("session-lock"), grammar.Of[UnlockReply]("unlock-reply"),
	grammar.Of[VaultReply]("vault-reply"), grammar.Of[VaultPut]("vault-put"),
	grammar.Of[SignupList]("signup-list"), grammar.Of[SignupListReply]("signup-list-reply"), grammar.Of[Signup]("signup"),
	grammar.Of[SignupAlike]("signup-alike"), grammar.Of[SignupAlikeReply]("signup-alike-reply"), grammar.Of[Lookalike]("lookalike"),
	grammar.Of[SignupReject]("signup-reject"),
	grammar.Of[DeskInviteReply]("desk-invite-reply"), grammar.Of[DeskListReply]("desk-list-reply"), grammar.Of[Desk]("desk"),
	grammar.Of[PasswordStart]("password-start"), grammar.Of[PasswordReply]("password-reply"), grammar.Of[PasswordFinish]("password-finish"),
	grammar.Of[KeysChange]("keys-change"), grammar.Of[KeysList]("keys-list"), grammar.Of[KeysListReply]("keys-list-reply"),
	grammar.Of[KeysWaiting]("keys-waiting"), grammar.Of[KeysReject]("keys-reject"),
	grammar.Of[RoomDirect]("room-direct"), grammar.Of[RoomDirectReply]("room-direct-reply"),
	grammar.Of[LogRead]("log-read"), grammar.Of[LogReadReply]("log-read-reply"),
	grammar.Of[BoxAsk]("box-ask"), grammar.Of[BoxAsked]("box-asked"), grammar.Of[BoxGive]("box-give"), grammar.Of[BoxGiven]("box-given"),
	grammar.Of[RoomList]("room-list"), grammar.Of[RoomListReply]("room-list-reply"), grammar.Of[Room]("room"),
	grammar.Of[LogAppend]("log-append"), grammar.Of[LogAppendReply]("log-append-reply"), grammar.Of[Box]("box"),
	grammar.Of[LogFollow]("log-follow"), grammar.Of[LogFollowReply]("log-follow-reply"),
	grammar.Of[BoxPut]("box-put"), grammar.Of[BoxGet]("box-get"), grammar.Of[BoxReply]("box-reply"),
	grammar.Of[AuditHead]("audit-head"), grammar.Of[AuditHeadReply]("audit-head-reply"), grammar.Of[audit.Past]("audit-past"),
	grammar.Of[RecoverStart]("recover-start"), grammar.Of[RecoverReply]("recover-reply"), grammar.Of[RecoverPhrase]("recover-phrase"),
	grammar.Of[RecoverRegister]("recover-register"), grammar.Of[RecoverRegisterReply]("recover-register-reply"), grammar.Of[RecoverFinish]("recover-finish"),
	grammar.Of[LoginCode]("login-code"), grammar.Of[LoginCodeReply]("login-code-reply"), grammar.Of[RecoverCodeReply]("recover-code-reply"),
	grammar.Of[CodeMake]("code-make"), grammar.Of[ByAccount]("by-account"), grammar.Of[RenewListReply]("renew-list-reply"),
	grammar.Of[Entry]("entry"), grammar.Of[RoomNews]("room-news"),
}

func protocol(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(protocolFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every field of every body stands in the document, in its order and with its type, and nothing else does.
func TestBodiesAreWrittenDown(t *testing.T) {
	lines, err := grammar.Held(protocolFile, "bodies", bodies)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}

// exchange is a type with the rules of its bodies; an event has no response.
type exchange struct{ typ, request, response string }

var (
	exchangeRow  = regexp.MustCompile("(?m)^\\| `([a-z.]+)` \\| `([a-z-]+)` \\| (?:`([a-z-]+)`|–) \\|")
	typeName     = regexp.MustCompile(`^(Type|Event)[A-Z]`)
	exchangeText = regexp.MustCompile(`^(\w+)(?: → (\w+))?`)
)

// coded reads the types out of this package's source, where a comment says what a type's bodies are.
func coded(t *testing.T) []exchange {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var decls []ast.Decl
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, f.Decls...)
	}
	names := map[string]string{"": ""}
	for _, b := range bodies {
		names[b.Type.Name()] = b.Name
	}
	var out []exchange
	ast.Inspect(&ast.File{Name: ast.NewIdent("wire"), Decls: decls}, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !typeName.MatchString(v.Names[0].Name) || v.Names[0].Name == "EventBye" {
			return true
		}
		typ, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		m := exchangeText.FindStringSubmatch(v.Comment.Text())
		if err != nil || m == nil || names[m[1]] == "" || m[2] != "" && names[m[2]] == "" {
			t.Errorf("%s: its comment does not say what it carries: %q", v.Names[0].Name, v.Comment.Text())
			return true
		}
		out = append(out, exchange{typ, names[m[1]], names[m[2]]})
		return true
	})
	return out
}

// Every type stands in the document with what it asks and answers, and in the vectors in every direction.
func TestTypesAreWrittenDown(t *testing.T) {
	var got []exchange
	for _, m := range exchangeRow.FindAllStringSubmatch(protocol(t), -1) {
		got = append(got, exchange{m[1], m[2], m[3]})
	}
	want := coded(t)
	if len(want) < 30 {
		t.Fatalf("%d types were found", len(want))
	}
	for _, e := range want {
		if !slices.Contains(got, e) {
			t.Errorf("docs/protocol.md lacks the row of %+v", e)
		}
	}
	for _, e := range got {
		if !slices.Contains(want, e) {
			t.Errorf("docs/protocol.md has a row that is not in the code: %+v", e)
		}
	}
	var typed, seen []string
	for _, f := range samples() {
		seen = append(seen, f.Type)
	}
	for _, e := range want {
		if typed = append(typed, e.typ); !slices.Contains(seen, e.typ) {
			t.Errorf("%s: no vector", e.typ)
		}
	}
	slices.Sort(typed)
	if n := len(slices.Compact(slices.Clone(typed))); n != len(typed) {
		t.Error("a type stands twice in the code")
	}
}
