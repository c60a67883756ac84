package grammar

import (
	"encoding"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"visavis/models"
	"visavis/models/canon"
)

// Rule is a type and the name that a document knows it by.
type Rule struct {
	Name string
	Type reflect.Type
}

// Of is the rule of T.
func Of[T any](name string) Rule { return Rule{Name: name, Type: reflect.TypeFor[T]()} }

// Write returns a line of CDDL for each rule, in their order. Every structure in them has to be a rule itself, or one of those that are
// written elsewhere; what is embedded is written out in its place. It fails for a type of which it does not know how it is encoded.
func Write(rules []Rule, elsewhere ...Rule) ([]string, error) {
	known := make(names, len(rules))
	for _, r := range slices.Concat(rules, elsewhere) {
		if name, ok := known[r.Type]; ok {
			return nil, fmt.Errorf("%s and %s are one type", name, r.Name)
		}
		known[r.Type] = r.Name
	}
	var lines []string
	for _, r := range rules {
		if r.Type.Kind() != reflect.Struct {
			return nil, fmt.Errorf("%s: no structure", r.Name)
		}
		fields, err := known.fields(r.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		lines = append(lines, r.Name+" = ["+strings.Join(fields, ", ")+"]")
	}
	return lines, nil
}

// names are those of the structures that may be referred to.
type names map[reflect.Type]string

var (
	rawType  = reflect.TypeFor[canon.Raw]()
	hashType = reflect.TypeFor[models.Hash]()
	binary   = reflect.TypeFor[encoding.BinaryMarshaler]()
)

// fields are those of a structure that is encoded as an array.
func (n names) fields(t reflect.Type) ([]string, error) {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "_" {
			continue
		}
		if f.Anonymous {
			inner, err := n.fields(f.Type)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		of, err := n.reference(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		out = append(out, kebab(f.Name)+": "+of)
	}
	return out, nil
}

// reference is a type where it is used.
func (n names) reference(t reflect.Type) (string, error) {
	switch {
	case t == rawType:
		return "any", nil
	case t == hashType:
		return "hash", nil
	case n[t] != "":
		return n[t], nil
	case t.Implements(binary):
		return "bstr", nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return "bool", nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "uint", nil
	case reflect.Int16, reflect.Int32, reflect.Int64:
		return "int", nil
	case reflect.Float32:
		return "float", nil
	case reflect.String:
		return "tstr", nil
	case reflect.Array, reflect.Slice:
		return n.sequence(t)
	case reflect.Map:
		return n.mapping(t)
	}
	return "", fmt.Errorf("no rule for %v", t)
}

func (n names) sequence(t reflect.Type) (string, error) {
	fixed := t.Kind() == reflect.Array
	if t.Elem().Kind() == reflect.Uint8 {
		switch {
		case !fixed:
			return "bstr", nil
		case t.Len() == len(models.AccountID{}):
			return "id", nil
		}
		return fmt.Sprintf("bstr .size %d", t.Len()), nil
	}
	of, err := n.reference(t.Elem())
	if fixed {
		return fmt.Sprintf("[%d*%d %s]", t.Len(), t.Len(), of), err
	}
	return "[* " + of + "]", err
}

func (n names) mapping(t reflect.Type) (string, error) {
	key, err := n.reference(t.Key())
	if err != nil {
		return "", err
	}
	value, err := n.reference(t.Elem())
	return "{* " + key + " => " + value + "}", err
}

// kebab turns a field's name into a document's: TLSKey into tls-key.
func kebab(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		begins := i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Read returns the rules of the blocks of CDDL in a document that begin with the comment "; title", one a line: comments are left
// out, and a rule that goes on in the next line is put together.
func Read(document, title string) []string {
	var lines []string
	for block := range strings.SplitSeq(document, "```cddl\n") {
		body, _, ok := strings.Cut(block, "\n```")
		first, rest, _ := strings.Cut(body, "\n")
		if !ok || first != "; "+title {
			continue
		}
		for line := range strings.SplitSeq(rest, "\n") {
			text, _, _ := strings.Cut(line, ";")
			switch text = strings.TrimSpace(text); {
			case text == "":
			case strings.HasPrefix(line, " ") && len(lines) > 0:
				lines[len(lines)-1] += " " + text
			default:
				lines = append(lines, text)
			}
		}
	}
	return lines
}

// Compare returns, in words, where a document differs from the rules that it should hold under a title: a line for each rule that is
// missing, and for each that is none of them.
func Compare(document, title string, want []string) []string {
	got := Read(document, title)
	var differ []string
	for _, line := range want {
		if !slices.Contains(got, line) {
			differ = append(differ, "the document lacks: "+line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			differ = append(differ, "the code has no such rule: "+line)
		}
	}
	return differ
}

// Held compares the block of a title in a document's file with what Write says of rules: a line for each difference.
func Held(file, title string, rules []Rule, elsewhere ...Rule) ([]string, error) {
	document, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	want, err := Write(rules, elsewhere...)
	if err != nil {
		return nil, err
	}
	return Compare(string(document), title, want), nil
}
