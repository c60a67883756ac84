package liveness

import (
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"visavis/models/canon"
)

// writeVectors is set for the one run that first writes the file; a file that is there is never written again.
const writeVectors = "VISAVIS_WRITE_VECTORS"

const vectorFile = "testdata/v1/challenges.json"

// drawn is a challenge that some version drew and sent; evidence names the hash of its encoding.
type drawn struct {
	Kind    Kind
	Steps   [][2]int // gesture, milliseconds
	Light   [][2]int // tint, milliseconds
	Encoded string
}

// draws are eight challenges of each kind, from a fixed seed.
func draws(t *testing.T) []drawn {
	random := rand.NewChaCha8([32]byte{3})
	var out []drawn
	for range 8 {
		for _, kind := range []Kind{Entry, Enrolment} {
			c, err := Draw(random, kind)
			if err != nil {
				t.Fatal(err)
			}
			d := drawn{Kind: kind, Encoded: hex.EncodeToString(canon.MustMarshal(c))}
			for _, s := range c.Steps {
				d.Steps = append(d.Steps, [2]int{int(s.Gesture), int(s.Millis)})
			}
			for _, s := range c.Light {
				d.Light = append(d.Light, [2]int{int(s.Tint), int(s.Millis)})
			}
			out = append(out, d)
		}
	}
	return out
}

func TestVectors(t *testing.T) {
	made := draws(t)
	b, err := os.ReadFile(vectorFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if b, err = json.Marshal(made); err == nil {
			err = os.WriteFile(vectorFile, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var want []drawn
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(made, want) {
		t.Error("challenges are drawn or encoded in another way than before")
	}
	for _, d := range want {
		raw, err := hex.DecodeString(d.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		var c Challenge
		if err := canon.Unmarshal(raw, &c); err != nil || c.Validate() != nil || c.Kind != d.Kind {
			t.Errorf("a challenge that was sent once is not taken any more: %v, %v", err, c.Validate())
		}
	}
}
