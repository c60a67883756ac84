package walls_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// labelPrefix begins every label; chat/trust puts it before the names of its own, everybody else writes it out.
const labelPrefix = "visavis/v1/"

// codedLabels are the labels in the code, tests left out: string literals with the prefix, and what is joined to trust's constant.
func codedLabels(t *testing.T) []string {
	t.Helper()
	var labels []string
	for _, name := range houseFiles(t) {
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, houseText(t, name), 0)
		if err != nil {
			t.Fatal(err)
		}
		joined := name == "chat/trust/label.go"
		ast.Inspect(f, func(n ast.Node) bool {
			if sum, ok := n.(*ast.BinaryExpr); ok && joined {
				if x, ok := sum.X.(*ast.Ident); ok && x.Name == "prefix" {
					labels = append(labels, literal(sum.Y))
				}
			}
			if lit, ok := n.(*ast.BasicLit); ok {
				if label, ok := strings.CutPrefix(literal(lit), labelPrefix); ok && label != "" {
					labels = append(labels, label)
				}
			}
			return true
		})
	}
	return labels
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if s, err := strconv.Unquote(lit.Value); err == nil {
			return s
		}
	}
	return ""
}

// writtenLabels are those of the register in docs/crypto.md: what stands in backticks in the first column of its tables, and in the
// paragraph that begins "**Elsewhere.**".
func writtenLabels(t *testing.T) []string {
	t.Helper()
	_, register, _ := strings.Cut(houseText(t, "docs/crypto.md"), "\n## Labels\n")
	register, _, _ = strings.Cut(register, "\n## ")
	quoted := regexp.MustCompile("`(" + labelPrefix + ")?([a-z0-9/-]+)`")
	table, elsewhere, found := strings.Cut(register, "**Elsewhere.**")
	if !found {
		t.Fatal("docs/crypto.md has no register of labels")
	}
	var labels []string
	for line := range strings.SplitSeq(table, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
				labels = append(labels, m[2])
			}
		}
	}
	for _, m := range quoted.FindAllStringSubmatch(elsewhere, -1) {
		if m[1] == "" && m[2] != "visavis" {
			labels = append(labels, m[2])
		}
	}
	return labels
}

// A label stands for one purpose: whoever adds one says in the register what it is for, and no two are the same.
func TestLabelsAreRegistered(t *testing.T) {
	coded, written := codedLabels(t), writtenLabels(t)
	if len(coded) < 40 {
		t.Fatalf("%d labels were found in the code", len(coded))
	}
	for _, label := range coded {
		if !slices.Contains(written, label) {
			t.Errorf("docs/crypto.md does not register the label %s", label)
		}
	}
	for _, label := range written {
		if !slices.Contains(coded, label) {
			t.Errorf("docs/crypto.md registers the label %s, which the code does not have", label)
		}
	}
	for what, labels := range map[string][]string{"in the code": coded, "in docs/crypto.md": written} {
		slices.Sort(labels)
		for i := 1; i < len(labels); i++ {
			if labels[i] == labels[i-1] {
				t.Errorf("the label %s stands twice %s", labels[i], what)
			}
		}
	}
}
