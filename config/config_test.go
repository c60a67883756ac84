package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const minimal = `
[server]
organisation = "Example"
addresses = ["chat.example.org:7443"]
`

// TestRefused: an error names the key, the value's problem and the cure.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "server.organisation"},
		{"unknown key", minimal + "liten = \":1\"\n", "server.liten: check its spelling"},
		{"unknown table", minimal + "[servers]\nx = 1\n", "servers"},
		{"not TOML", minimal + "[", "line 5"},
		{"a key twice", minimal + "organisation = \"B\"\n", "line 5"},
		{"a number for a text", minimal + "listen = 7443\n", "server.listen"},
		{"blank name", strings.Replace(minimal, "Example", " ", 1), "give the organisation's name"},
		{"no address", strings.Replace(minimal, `"chat.example.org:7443"`, "", 1), "server.addresses = []"},
		{"address without port", strings.Replace(minimal, ":7443", "", 1), `server.addresses[0] = "chat.example.org": write it as host:port`},
		{"address without host", strings.Replace(minimal, "chat.example.org", "", 1), "the host is missing"},
		{"address with a user", strings.Replace(minimal, "chat", "me@chat", 1), "characters that no host has"},
		{"more addresses than an invite takes", strings.Replace(minimal, "[\"", "["+strings.Repeat(`"a:1",`, 8)+"\"", 1), "name at most 8"},
		{"address with an escape", strings.Replace(minimal, "chat", `\u001b`, 1), "characters that no host has"},
		{"long address", strings.Replace(minimal, "chat", strings.Repeat("a", 255), 1), "or too many"},
		{"port with a zero in front", strings.Replace(minimal, "7443", "07443", 1), "from 1 to 65535"},
		{"port 0 to reach", strings.Replace(minimal, "7443", "0", 1), "from 1 to 65535"},
		{"port 65536", minimal + "listen = \":65536\"\n", "from 0 to 65535"},
		{"port by name", minimal + "listen = \":https\"\n", "from 0 to 65535"},
		{"a time without unit", minimal + "[session]\nidle = \"30\"\n", `write it like "30m"`},
		{"a negative time", minimal + "[session]\nidle = \"-1m\"\n", "session.idle"},
		{"a session longer than promised", minimal + "[session]\nlongest = \"13h\"\n", `session.longest = "13h": choose from 1m to 12h`},
		{"idle longer than promised", minimal + "[session]\nidle = \"31m\"\n", "session.idle"},
		{"no handshakes", minimal + "[limits]\nhandshakes = 0\n", "limits.handshakes = 0: choose from 1 to 10000"},
		{"rooms too large", minimal + "[limits]\nroom_members = 2001\n", "limits.room_members"},
		{"a level that is none", minimal + "[face]\nlevel = \"1-in-100\"\n", `face.level = "1-in-100": choose one of 1-in-10000, 1-in-100000`},
		{"an unknown lamp", minimal + "[face]\nlamp = \"on\"\n", `face.lamp = "on": choose one of ignored, noted, required`},
		{"no lamp", minimal + "[face]\nlamp = \"\"\n", "face.lamp"},
		{"unknown format", minimal + "[log]\nformat = \"xml\"\n", "choose one of text, json"},
		{"unknown level", minimal + "[log]\nlevel = \"INFO\"\n", "log.level"},
		{"a page of text", strings.Repeat("#", maxFile+1), "at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Parse([]byte(c.text))
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if diff := cmp.Diff(Config{}, got); diff != "" {
				t.Errorf("settings beside an error: %s", diff)
			}
		})
	}
}

// TestEverythingWrongIsNamed at once, not one a try.
func TestEverythingWrongIsNamed(t *testing.T) {
	err := Config{}.Validate()
	for _, key := range []string{"server.organisation", "server.listen", "server.addresses", "session.longest", "limits.connections", "face.level", "face.lamp", "log.format"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not named in: %v", key, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	got, err := Parse([]byte(minimal + "[session]\nidle = \"5m\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Server.Organisation, want.Server.Addresses = "Example", []string{"chat.example.org:7443"}
	want.Session.Idle = Duration(5 * time.Minute)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Camera.AllowVirtual {
		t.Error("virtual cameras are allowed by default")
	}
}

func TestEncodeIsReadBack(t *testing.T) {
	c := Default()
	if _, err := c.Encode(); !errors.Is(err, ErrInvalid) {
		t.Errorf("invalid settings were written: %v", err)
	}
	c.Server.Organisation, c.Server.Addresses = `A "quoted" name # é`, []string{"[::1]:7443", "a.example:1"}
	c.Camera.AllowVirtual = true
	b, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(b)
	if err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(b), "# Let in cameras") || !strings.Contains(string(b), `'12h'`) {
		t.Errorf("comments or times are missing:\n%s", b)
	}
}

func TestHosts(t *testing.T) {
	var c Config
	c.Server.Addresses = []string{"a.example:1", "a.example:2", "[::1]:3", "nonsense"}
	if diff := cmp.Diff([]string{"a.example", "::1"}, c.Hosts()); diff != "" {
		t.Error(diff)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if _, err := Load(path); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "visavisd init") {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("x = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), path) {
		t.Errorf("the file is not named: %v", err)
	}
	if err := os.WriteFile(path, []byte(minimal), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ErrInvalid) {
		t.Errorf("a large file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte("[server]\naddresses = [\"\"]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			return
		}
		again, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(again)
		if err != nil {
			t.Fatalf("%v in\n%s", err, again)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Error(diff)
		}
	})
}
