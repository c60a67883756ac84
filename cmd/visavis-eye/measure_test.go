package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"visavis/biometrics/face/figures"
)

func TestBadJobsAreRefused(t *testing.T) {
	for name, job := range map[string]string{
		"nothing": "", "no JSON": "pictures", "another field": `{"images":["a.jpg"]}`,
	} {
		var out bytes.Buffer
		if err := measure(t.TempDir(), strings.NewReader(job), &out); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %q", name, err, out.String())
		}
	}
}

// A job's rows come in its order, and say what the describer and go-face took and saw.
func TestEyeTimesItself(t *testing.T) {
	const face = "../../build/faces/face.jpg"
	dir := models(t)
	if _, err := os.Stat(face); err != nil {
		absent(t, "no photographs (make faces)")
	}
	job := fmt.Sprintf(`{"pictures":[%q],"rounds":2,"streams":[[%q,%q]],"rate":15}`, face, face, face)
	var out bytes.Buffer
	if err := measure(dir, strings.NewReader(job), &out); err != nil {
		t.Fatal(err)
	}
	var picture, stream figures.Row
	rows := json.NewDecoder(&out)
	if err := rows.Decode(&picture); err != nil {
		t.Fatal(err)
	}
	if err := rows.Decode(&stream); err != nil {
		t.Fatal(err)
	}
	if picture.Stream || picture.Width != 640 || picture.Faces != 1 || picture.WholeFaces != 1 || len(picture.Ours) != 2 || len(picture.Whole) != 2 {
		t.Errorf("picture: %+v", picture)
	}
	if !stream.Stream || stream.Faces != 2 || len(stream.Ours) != 2 || len(stream.Whole) != 1 {
		t.Errorf("stream: %+v", stream)
	}
	for _, took := range append(picture.Ours, stream.Ours...) {
		if !(took.Wall > 0 && took.CPU > 0) {
			t.Errorf("took %+v", took)
		}
	}
	if apart := picture.FollowedApart; !(apart > 0 && apart < 0.15) {
		t.Errorf("followed, the same face is %.3f apart", apart)
	}
}
