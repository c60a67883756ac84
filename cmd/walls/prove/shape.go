package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// declines says that statements end in a refusal: an error, returned or kept, a false, nothing at all, or the next round of a loop.
func declines(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.AssignStmt:
		to, ok := s.Lhs[0].(*ast.Ident)
		return ok && to.Name == "err" && !isNothing(s.Rhs[0])
	case *ast.BranchStmt:
		return s.Tok != token.GOTO
	case *ast.ReturnStmt:
		return len(s.Results) == 0 || refusal(s.Results[len(s.Results)-1]) || slices.ContainsFunc(s.Results, isReason)
	}
	return false
}

// refusal says that a result is a false, or an error or reason that is made or named here: fmt.Errorf(…), refuse(…), ErrFormat, CauseMoved.
func refusal(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "false" || strings.HasPrefix(e.Name, "err") || ast.IsExported(e.Name)
	case *ast.SelectorExpr:
		return refusal(e.Sel)
	case *ast.CallExpr:
		return true
	}
	return false
}

// accepts says that statements end in a return of true, or of something and no error.
func accepts(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	r, ok := list[len(list)-1].(*ast.ReturnStmt)
	if !ok || len(r.Results) == 0 || slices.ContainsFunc(r.Results, isReason) {
		return false
	}
	last, ok := r.Results[len(r.Results)-1].(*ast.Ident)
	return ok && (last.Name == "true" || last.Name == "nil" && len(r.Results) > 1)
}

// isReason says that a result is a name of a closed set.
func isReason(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && ast.IsExported(id.Name)
}

// isHandedOn says that a condition is err != nil, or why != Passed: somebody else has refused.
func isHandedOn(e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ {
		return false
	}
	x, ok := b.X.(*ast.Ident)
	y, named := b.Y.(*ast.Ident)
	return ok && named && (x.Name == "err" && y.Name == "nil" || ast.IsExported(y.Name))
}

// takings are calls that take something away: to leave one out is to take a defence out.
var takings = []string{"clear", "wipe", "Wipe", "delete", "forget", "drop", "end", "cut", "barrier", "cancel", "Close", "Truncate"}

// plumbing are calls that no attack meets: without them a program only hangs, or says nothing.
var plumbing = []string{"panic", "Lock", "Unlock", "RLock", "RUnlock", "Add", "Done", "Wait", "Go", "Helper", "Debug", "Info", "Warn", "Error", "Broadcast", "Signal"}

// leavable says whether a statement can be left out so that the rest still compiles, and its rank.
func leavable(s ast.Stmt) (rank, bool) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return leavableCall(s.X)
	case *ast.DeferStmt:
		if _, ok := s.Call.Fun.(*ast.FuncLit); ok { // what cleans up, or keeps a panic in
			return forgets, true
		}
		return leavableCall(s.Call)
	case *ast.IncDecStmt: // a field counts for somebody, a variable for the next lines
		if _, field := s.X.(*ast.SelectorExpr); field {
			return forgets, true
		}
		return isDone, true
	case *ast.AssignStmt:
		r := isDone
		if slices.ContainsFunc(s.Rhs, isNothing) {
			r = forgets
		}
		return r, s.Tok != token.DEFINE && !slices.ContainsFunc(s.Lhs, isBlank)
	}
	return 0, false
}

func leavableCall(e ast.Expr) (rank, bool) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return 0, false
	}
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	switch {
	case slices.Contains(plumbing, name):
		return 0, false
	case slices.Contains(takings, name):
		return forgets, true
	}
	return isDone, true
}

// isNothing says that an expression is the nil or false that takes something away where it is assigned.
func isNothing(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && (id.Name == "nil" || id.Name == "false")
}

// demands says that what is compared has to be so, as far as its shape tells: a chain of conditions, or an equality with something.
func demands(b *ast.BinaryExpr) bool {
	_, zero := b.Y.(*ast.CompositeLit)
	return b.Op == token.LAND || b.Op == token.EQL && !zero
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}
