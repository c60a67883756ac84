package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"
)

func TestShippedTable(t *testing.T) {
	table, err := ParseTable(shippedLevels)
	if err != nil {
		t.Fatal(err)
	}
	b, err := table.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, shippedLevels) {
		t.Errorf("levels.json is not in the form that the bench prints:\n%s", b)
	}
	for _, l := range []Level{OneIn10000, OneIn100000} {
		if l.Bounds(MinViews).Fused <= 0 {
			t.Errorf("the table has no level %v", l)
		}
	}
}

func TestTableRefuses(t *testing.T) {
	for name, change := range map[string]func(*Table){
		"no weights":                     func(t *Table) { t.Weights = "" },
		"no level":                       func(t *Table) { t.Levels = nil },
		"looser than 1 in 10,000":        func(t *Table) { t.Levels[0].OneIn = 9999 },
		"no rate":                        func(t *Table) { t.Levels[0].OneIn = 0 },
		"one rate twice":                 func(t *Table) { t.Levels[1].OneIn = t.Levels[0].OneIn },
		"the rarer one looser":           func(t *Table) { t.Levels[1].Fused[0] = t.Levels[0].Fused[0] + 0.01 },
		"more views, looser":             func(t *Table) { t.Levels[0].Fused[4] = t.Levels[0].Fused[3] + 0.01 },
		"a bound for no distance":        func(t *Table) { t.Levels[0].Fused[0] = 0 },
		"a bound for every distance":     func(t *Table) { t.Levels[0].View = 2 },
		"a frame's bound below a mean's": func(t *Table) { t.Levels[0].Front = t.Levels[0].Fused[0] - 0.01 },
		"a share over 1":                 func(t *Table) { t.Share = 1.01 },
		"a floor of nothing":             func(t *Table) { t.Floor = 0 },
		"a rival who may be anywhere":    func(t *Table) { t.Rival = math.Inf(1) },
	} {
		table, err := ParseTable(shippedLevels)
		if err != nil {
			t.Fatal(err)
		}
		change(&table)
		if _, err := table.Encode(); !errors.Is(err, ErrTable) {
			t.Errorf("%s: encoded, %v", name, err)
		}
		b, err := json.Marshal(table)
		if err != nil {
			continue // an infinity
		}
		if _, err := ParseTable(b); !errors.Is(err, ErrTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"something behind": append(bytes.Clone(shippedLevels), '{'),
		"an unknown field": bytes.Replace(shippedLevels, []byte(`"share"`), []byte(`"shares"`), 1),
	} {
		if _, err := ParseTable(b); !errors.Is(err, ErrTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
