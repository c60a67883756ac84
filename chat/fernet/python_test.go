package fernet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"
)

// debianPython is the interpreter that Debian's python3-cryptography belongs to; another python3 may come first on PATH.
const debianPython = "/usr/bin/python3"

// other is Python's cryptography: it opens our tokens strictly and makes its own, with the time that it is told.
const other = `
import base64, json, sys
from cryptography.fernet import Fernet
out = []
for case in json.load(sys.stdin):
    f = Fernet(case["secret"])
    plain = f.decrypt_at_time(case["token"].encode(), ttl=60, current_time=case["at"] + 60)
    token = f.encrypt_at_time(plain, current_time=case["at"] + 1)
    out.append({"plain": base64.b64encode(plain).decode(), "token": token.decode()})
json.dump(out, sys.stdout)
`

// missing skips, but where everything has to be there: in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("VISAVIS_CI") == "1" {
		t.Fatal(what + ": apt-get install python3-cryptography")
	}
	t.Skip(what + ": not compared with another implementation")
}

func TestAnotherImplementationAgrees(t *testing.T) {
	if _, err := os.Stat(debianPython); err != nil {
		missing(t, "no "+debianPython)
	}
	if exec.Command(debianPython, "-c", "import cryptography.fernet").Run() != nil {
		missing(t, "no cryptography module for "+debianPython)
	}
	type question struct {
		Secret string `json:"secret"`
		Token  string `json:"token"`
		At     int64  `json:"at"`
	}
	type answer struct {
		Plain []byte `json:"plain"`
		Token string `json:"token"`
	}
	var questions []question
	var plains [][]byte
	var keys []Key
	for n := range 50 {
		key := testKey(t, byte(n+1))
		plain := bytes.Repeat([]byte{byte(n)}, n)
		token, err := Seal(plain, key, start)
		if err != nil {
			t.Fatal(err)
		}
		keys, plains = append(keys, key), append(plains, plain)
		questions = append(questions, question{base64.URLEncoding.EncodeToString(key.b[:]), Encode(token), start.Unix()})
	}
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	python := exec.CommandContext(t.Context(), debianPython, "-c", other)
	python.Stdin, python.Stderr = bytes.NewReader(in), os.Stderr
	out, err := python.Output()
	if err != nil {
		t.Fatalf("it does not open ours: %v", err)
	}
	var answers []answer
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(questions) {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	for i, a := range answers {
		if !bytes.Equal(a.Plain, plains[i]) {
			t.Errorf("%d bytes: it read %x", i, a.Plain)
		}
		token, err := Parse(a.Token)
		if err != nil {
			t.Errorf("%d bytes: %v", i, err)
			continue
		}
		plain, at, err := OpenWithin(token, start, time.Minute, keys[i])
		if err != nil || !bytes.Equal(plain, plains[i]) || !at.Equal(start.Add(time.Second)) {
			t.Errorf("%d bytes: its token opens to %x at %v, %v", i, plain, at, err)
		}
	}
}
