package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"visavis/cmd/walls/prove/guard"
)

// site is a place in the product's sources where an answer can be taken back.
type site struct {
	File string // in the repository
	Line int
	Text string // the condition or statement, on one line
	Call string // of package guard
	Rank rank
}

// defends says that to take the answer back takes a defence out, by the shape of the place. Else it may as well break what it stands in.
func (s site) defends(answer int) bool {
	return s.Rank <= forgets || s.Rank == demanded && (s.Call == "If" || answer%2 == 0)
}

func (s site) String() string { return fmt.Sprintf("%s:%d  %s", s.File, s.Line, s.Text) }

// rank orders what is tried.
type rank int

const (
	refuses  rank = iota // ends in an error, a false, the next round of a loop
	handsOn              // err != nil
	forgets              // takes something away, or counts
	demanded             // has to hold for what is said to be true
	compares             // whatever else decides
	isDone               // whatever else is done
)

// sites are numbered over all files.
type sites struct{ all []site }

const guardPackage = "visavis/cmd/walls/prove/guard"

// edit is text that is put in at an offset. At the same offset, what opens later stands further inside, and what closes earlier.
type edit struct {
	at    int
	text  string
	order int
}

// marker writes one file's copy.
type marker struct {
	*sites
	set   *token.FileSet
	file  string
	src   []byte
	edits []edit
}

// mark returns a file's source with a call around each guard. No line moves.
func (s *sites) mark(file string, src []byte) ([]byte, error) {
	m := &marker{sites: s, set: token.NewFileSet(), file: file, src: src}
	f, err := parser.ParseFile(m.set, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	before := len(s.all)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			ast.Inspect(d, m.visit)
		case *ast.FuncDecl:
			if d.Body != nil {
				m.block(d.Body.List)
			}
		}
	}
	if len(s.all) == before {
		return src, nil
	}
	if 2*len(s.all) >= guard.Max {
		return nil, fmt.Errorf("more than %d guards", guard.Max/2)
	}
	m.edits = append(m.edits, edit{m.offset(f.Name.End()), fmt.Sprintf("; import guard_ %q", guardPackage), 0})
	return m.apply(), nil
}

func (m *marker) offset(p token.Pos) int { return m.set.Position(p).Offset }

func (m *marker) apply() []byte {
	slices.SortStableFunc(m.edits, func(a, b edit) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return a.order - b.order
	})
	var out []byte
	last := 0
	for _, e := range m.edits {
		out = append(append(out, m.src[last:e.at]...), e.text...)
		last = e.at
	}
	return append(out, m.src[last:]...)
}

// around puts a call around a node. What lies inside was or will be put further inside: closing orders shrink as places grow.
func (m *marker) around(n ast.Node, call, before, after string, r rank) {
	place := len(m.all)
	text := strings.Join(strings.Fields(string(m.src[m.offset(n.Pos()):m.offset(n.End())])), " ")
	if cut := 120; len(text) > cut {
		text = strings.ToValidUTF8(text[:cut], "") + " …"
	}
	m.all = append(m.all, site{File: filepath.ToSlash(m.file), Line: m.set.Position(n.Pos()).Line, Text: text, Call: call, Rank: r})
	m.edits = append(m.edits,
		edit{m.offset(n.Pos()), fmt.Sprintf(before, "guard_."+call, place), place + 1},
		edit{m.offset(n.End()), after, -place - 1})
}

func (m *marker) cond(e ast.Expr, call string, r rank) {
	m.around(e, call, "%s(%d, ", ")", r)
	m.inside(e)
}

// block marks statements and what is in them.
func (m *marker) block(list []ast.Stmt) {
	for _, s := range list {
		if r, ok := leavable(s); ok {
			m.around(s, "Do", "if %s(%d) { ", " }", r)
		}
		m.stmt(s)
	}
}

func (m *marker) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.IfStmt:
		m.ifStmt(s)
	case *ast.BlockStmt:
		m.block(s.List)
	case *ast.LabeledStmt:
		m.stmt(s.Stmt)
	case *ast.ForStmt:
		m.simple(s.Init)
		m.inside(s.Cond)
		m.block(s.Body.List)
	case *ast.RangeStmt:
		m.inside(s.X)
		m.block(s.Body.List)
	case *ast.SwitchStmt:
		m.simple(s.Init)
		m.inside(s.Tag)
		for _, c := range s.Body.List {
			m.clause(c.(*ast.CaseClause), s.Tag == nil)
		}
	case *ast.TypeSwitchStmt:
		for _, c := range s.Body.List {
			m.block(c.(*ast.CaseClause).Body)
		}
	case *ast.SelectStmt:
		for _, c := range s.Body.List {
			m.block(c.(*ast.CommClause).Body)
		}
	default:
		m.simple(s)
	}
}

func (m *marker) ifStmt(s *ast.IfStmt) {
	m.simple(s.Init)
	call, r := "If", refuses
	switch {
	case accepts(s.Body.List):
		call, r = "Unless", demanded
	case s.Else != nil && !declines(s.Body.List):
		call, r = "Either", compares
	case isHandedOn(s.Cond):
		r = handsOn
	case !declines(s.Body.List):
		r = compares
	}
	if r == compares || r == demanded {
		m.chain(s.Cond, call, r)
	} else {
		m.cond(s.Cond, call, r)
	}
	m.block(s.Body.List)
	if s.Else != nil {
		m.stmt(s.Else)
	}
}

// chain marks a condition, and where it is a chain of conditions that all have to hold, each of them.
func (m *marker) chain(e ast.Expr, call string, r rank) {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.LAND {
		m.cond(e, call, r)
		return
	}
	m.around(e, call, "%s(%d, ", ")", r)
	for _, part := range []ast.Expr{b.X, b.Y} {
		m.chain(part, "Unless", compares) // its no may let in or keep out: how few tests get it decides
	}
}

func (m *marker) clause(c *ast.CaseClause, tagless bool) {
	for _, e := range c.List {
		switch {
		case !tagless:
			m.inside(e)
		case isHandedOn(e):
			m.cond(e, "If", handsOn)
		case accepts(c.Body):
			m.cond(e, "Unless", demanded)
		case declines(c.Body):
			m.cond(e, "If", refuses)
		default:
			m.cond(e, "If", compares)
		}
	}
	m.block(c.Body)
}

// simple marks what is compared in a statement that has no block of its own.
func (m *marker) simple(s ast.Stmt) {
	if s == nil {
		return
	}
	ast.Inspect(s, m.visit)
}

// inside marks what a function literal or a comparison within an expression holds; the expression itself is marked already, or a loop's.
func (m *marker) inside(e ast.Expr) {
	if e == nil {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		if fn, ok := n.(*ast.FuncLit); ok {
			m.block(fn.Body.List)
			return false
		}
		return true
	})
}

// visit marks outermost comparisons, and the bodies of function literals.
func (m *marker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		m.block(n.Body.List)
		return false
	case *ast.GenDecl:
		return n.Tok != token.CONST
	case *ast.BinaryExpr:
		if decides(n.Op) {
			r := compares
			if demands(n) {
				r = demanded
			}
			m.cond(n, "Either", r)
			return false
		}
	case *ast.KeyValueExpr: // a setting
		if id, ok := n.Value.(*ast.Ident); ok && id.Name == "true" {
			m.cond(id, "If", demanded)
			return false
		}
	}
	return true
}

func decides(op token.Token) bool {
	switch op {
	case token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return true
	}
	return false
}

// same says whether the place is the one that was called so, lines before or after.
func (s site) same(called string) bool {
	file, rest, _ := strings.Cut(called, ":")
	_, text, _ := strings.Cut(rest, "  ")
	return file == s.File && text == s.Text
}
