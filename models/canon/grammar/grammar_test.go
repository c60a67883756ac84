package grammar

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"visavis/models"
	"visavis/models/canon"
)

type (
	head struct {
		Version uint8
		Type    string
	}
	row struct {
		_   struct{} `cbor:",toarray"`
		TLS models.Hash
	}
	whole struct {
		_ struct{} `cbor:",toarray"`
		head
		TLSKey   models.AccountID
		KE1      []byte
		Exporter [32]byte
		ConsentA int64
		Rows     []row
		Part     float32
		Pair     [2]uint16
		Raw      canon.Raw
		Ext      map[uint64]canon.Raw
	}
)

func TestWrite(t *testing.T) {
	got, err := Write([]Rule{Of[whole]("whole"), Of[row]("row")})
	want := []string{
		"whole = [version: uint, type: tstr, tls-key: id, ke1: bstr, exporter: bstr .size 32, consent-a: int, rows: [* row], part: float, pair: [2*2 uint], raw: any, ext: {* uint => any}]",
		"row = [tls: hash]",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v:\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWriteKnowsWhatStandsElsewhere(t *testing.T) {
	got, err := Write([]Rule{Of[struct{ R row }]("one")}, Of[row]("row"))
	if err != nil || !slices.Equal(got, []string{"one = [r: row]"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCompare(t *testing.T) {
	document := "```cddl\n; ours\na = [b: uint]\nc = [d: bool]\n```\n"
	for name, tc := range map[string]struct {
		rules []string
		want  int
	}{
		"the same":     {[]string{"a = [b: uint]", "c = [d: bool]"}, 0},
		"one more":     {[]string{"a = [b: uint]", "c = [d: bool]", "e = []"}, 1},
		"one less":     {[]string{"a = [b: uint]"}, 1},
		"another type": {[]string{"a = [b: int]", "c = [d: bool]"}, 2},
	} {
		if got := Compare(document, "ours", tc.rules); len(got) != tc.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := Compare(document, "theirs", []string{"a = [b: uint]"}); len(got) != 1 {
		t.Errorf("another title: %q", got)
	}
}

func TestWriteRefuses(t *testing.T) {
	type odd struct {
		_ struct{} `cbor:",toarray"`
		C chan int
	}
	for name, rules := range map[string][]Rule{
		"a structure that is no rule":      {Of[whole]("whole")},
		"one type under two names":         {Of[row]("row"), Of[row]("line")},
		"a type that is not encoded":       {Of[odd]("odd")},
		"a structure of somebody else's":   {Of[struct{ N *big.Int }]("big")},
		"no structure":                     {Of[[]head]("heads")},
		"a sequence of what is no rule":    {Of[struct{ H []head }]("heads")},
		"a map to what is not encoded":     {Of[struct{ M map[string]chan int }]("map")},
		"a map from what is not encoded":   {Of[struct{ M map[chan int]string }]("map")},
		"an embedded part that is unknown": {Of[struct{ odd }]("embeds")},
	} {
		if got, err := Write(rules); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestRead(t *testing.T) {
	document := "# Title\n\n```cddl\n; ours\na = [b: uint, ; a comment\n   c: tstr]\n\n; only a comment\nd = [e: bool]\n```\n\n```cddl\n; theirs\nx = []\n```\n" +
		"```cddl\n; ours\nf = any\n```\n```cddl\n; ours\nnever = ends"
	want := []string{"a = [b: uint, c: tstr]", "d = [e: bool]", "f = any"}
	if got := Read(document, "ours"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
