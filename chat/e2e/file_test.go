package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

var fileOrg = models.OrgID{7}

// content is n bytes that are no two blocks the same.
func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i>>8) ^ byte(i)*31
	}
	return b
}

// sealFile seals data in chunks of a length.
func sealFile(t testing.TB, data []byte, chunk uint32) (Manifest, [][]byte) {
	t.Helper()
	s := must(newFile(fileOrg, Manifest{Name: "plan.pdf", Media: "application/pdf", Size: uint64(len(data)), Chunk: chunk}, rand.Reader))(t)
	defer s.Wipe()
	var tokens [][]byte
	m := must(s.Seal(bytes.NewReader(data), time.Unix(1, 0), func(token []byte) error { tokens = append(tokens, token); return nil }))(t)
	return m, tokens
}

func openFile(org models.OrgID, m Manifest, tokens [][]byte) ([]byte, error) {
	o, err := OpenFile(org, m)
	if err != nil {
		return nil, err
	}
	defer o.Wipe()
	var out bytes.Buffer
	err = o.Open(func() ([]byte, error) {
		if len(tokens) == 0 {
			return nil, io.EOF
		}
		token := tokens[0]
		tokens = tokens[1:]
		return token, nil
	}, &out)
	return out.Bytes(), err
}

// Sizes at the borders of chunks.
func TestFileSizes(t *testing.T) {
	const chunk = 64
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 2*chunk - 1, 2 * chunk, 2*chunk + 1, 10 * chunk} {
		data := content(size)
		m, tokens := sealFile(t, data, chunk)
		if want := max(1, (size+chunk-1)/chunk); len(tokens) != want || int(m.Chunks()) != want {
			t.Errorf("%d bytes: %d chunks, want %d", size, len(tokens), want)
		}
		if got, err := openFile(fileOrg, m, tokens); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
		}
		again := must(ParseManifest(must(m.Content())(t)))(t)
		if again != m {
			t.Errorf("%d bytes: another manifest comes back", size)
		}
	}
	// As it is sent: the longest chunk fits into its bound.
	data := content(ChunkSize + 1)
	s := must(NewFile(fileOrg, "a", "text/plain", uint64(len(data)), rand.Reader))(t)
	m := must(s.Seal(bytes.NewReader(data), time.Unix(1, 0), func(token []byte) error {
		if len(token) > MaxChunkToken {
			t.Errorf("a token of %d bytes", len(token))
		}
		return nil
	}))(t)
	if m.Chunks() != 2 || m.Chunk != ChunkSize {
		t.Errorf("%d chunks of %d", m.Chunks(), m.Chunk)
	}
}

// reseal is a chunk as somebody makes it who has the file's key: any reader of the manifest.
func reseal(t testing.TB, org models.OrgID, m Manifest, change func(*chunkBody)) []byte {
	t.Helper()
	b := chunkBody{Header: trust.NewHeader(trust.LabelFileChunk, org), File: m.File, Total: m.Chunks(), Size: m.Size, Data: content(m.length(0))}
	change(&b)
	key := must(fernet.Derive(m.Key[:], string(trust.LabelFileKey), canon.MustMarshal(fileContext{Org: fileOrg, File: m.File})))(t)
	return must(fernet.Seal(canon.MustMarshal(b), key, time.Unix(1, 0)))(t)
}

// Whoever keeps the chunks changes what he keeps, and a member who has the key seals his own.
func TestAttacksOnFiles(t *testing.T) {
	data := content(3*64 + 5)
	m, good := sealFile(t, data, 64)
	other, others := sealFile(t, data, 64)
	flipped := slices.Clone(good[1])
	flipped[40] ^= 1
	with := func(at int, token []byte) [][]byte {
		out := slices.Clone(good)
		out[at] = token
		return out
	}
	longer, shorter, wrongHash, sameKey := m, m, m, m
	longer.Size++
	shorter.Size--
	wrongHash.Hash[0] ^= 1
	sameKey.File = other.File
	for _, c := range []struct {
		name   string
		m      Manifest
		tokens [][]byte
		want   error
	}{
		{"cut at the end", m, good[:3], ErrFileCut},
		{"nothing", m, nil, ErrFileCut},
		{"cut at the beginning", m, good[1:], ErrChunkOrder},
		{"two in each other's place", m, [][]byte{good[0], good[2], good[1], good[3]}, ErrChunkOrder},
		{"one twice", m, [][]byte{good[0], good[1], good[1], good[2], good[3]}, ErrChunkOrder},
		{"one left out", m, [][]byte{good[0], good[2], good[3]}, ErrChunkOrder},
		{"one more than there are", m, append(slices.Clone(good), good[3]), ErrFileLong},
		{"another file's chunk", m, with(1, others[1]), ErrChunkToken},
		{"all of another file's", m, others, ErrChunkToken},
		{"a bit flipped", m, with(1, flipped), ErrChunkToken},
		{"no token", m, with(1, []byte("no token")), ErrChunkToken},
		{"far too long", m, with(1, make([]byte, MaxChunkToken+1)), ErrChunkLength},
		{"sealed by a member: a byte over", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Data = content(65) })), ErrChunkLength},
		{"sealed by a member: a byte short", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Data = content(63) })), ErrChunkLength},
		{"sealed by a member: his own words", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Data = make([]byte, 64) })), ErrFileHash},
		{"sealed by a member: the same words once more", m, with(0, reseal(t, fileOrg, m, func(*chunkBody) {})), ErrFileHash},
		{"sealed by a member: of another file", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.File = other.File })), ErrChunkMoved},
		{"sealed by a member: of another organisation", m, with(0, reseal(t, models.OrgID{8}, m, func(*chunkBody) {})), ErrChunkMoved},
		{"sealed by a member: of a longer file", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Size++ })), ErrChunkMoved},
		{"sealed by a member: one of more", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Total++ })), ErrChunkMoved},
		{"sealed by a member: something newer", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Ext = trust.Ext{2: canon.MustMarshal(1)} })), trust.ErrNewer},
		{"sealed by a member: another kind of thing", m, with(0, reseal(t, fileOrg, m, func(b *chunkBody) { b.Type = "message" })), trust.ErrFormat},
		{"a manifest that says a byte more", longer, good, ErrChunkMoved},
		{"a manifest that says a byte less", shorter, good, ErrChunkMoved},
		{"a manifest with another hash", wrongHash, good, ErrFileHash},
		{"a manifest with another id", sameKey, good, ErrChunkToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := openFile(fileOrg, c.m, c.tokens); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if _, err := openFile(models.OrgID{8}, m, good); !errors.Is(err, ErrChunkToken) {
		t.Errorf("in another organisation: %v", err)
	}
	// A refused chunk takes nobody's place: the right one follows.
	o := must(OpenFile(fileOrg, m))(t)
	for _, token := range good {
		if _, err := o.Next(flipped); err == nil {
			t.Fatal("accepted")
		}
		must(o.Next(token))(t)
	}
	if err := o.Finish(); err != nil {
		t.Error(err)
	}
}

// A file that changes while it is sealed, or a disk that fails.
func TestFileThatChanges(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		from io.Reader
		want error
	}{
		{"shorter than it was", bytes.NewReader(content(99)), ErrFileCut},
		{"longer than it was", bytes.NewReader(content(101)), ErrFileLong},
		{"broken", io.MultiReader(bytes.NewReader(content(70)), errorReader{broken}), broken},
		{"broken at the end", io.MultiReader(bytes.NewReader(content(100)), errorReader{broken}), broken},
	} {
		s := must(newFile(fileOrg, Manifest{Name: "a", Media: "text/plain", Size: 100, Chunk: 64}, rand.Reader))(t)
		if _, err := s.Seal(c.from, time.Unix(1, 0), func([]byte) error { return nil }); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	s := must(newFile(fileOrg, Manifest{Name: "a", Media: "text/plain", Size: 100, Chunk: 64}, rand.Reader))(t)
	if _, err := s.Next(content(63), time.Unix(1, 0)); !errors.Is(err, ErrChunkLength) {
		t.Errorf("a chunk that is too short: %v", err)
	}
	if _, err := s.Manifest(); !errors.Is(err, ErrFileCut) {
		t.Errorf("a manifest before the end: %v", err)
	}
	s.Wipe()
	if _, err := s.Next(content(64), time.Unix(1, 0)); err == nil {
		t.Error("sealed after it was wiped")
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// A manifest comes from a member, who writes what he likes.
func TestManifestRefuses(t *testing.T) {
	good := Manifest{File: models.FileID{1}, Name: "plan.pdf", Media: "application/pdf", Size: 3, Chunk: 64, Key: trust.Secret{0xab, 0xcd}, Hash: models.Hash{1}}
	must(good.Content())(t)
	for name, change := range map[string]func(*manifest){
		"no id":                  func(m *manifest) { m.File = models.FileID{} },
		"no key":                 func(m *manifest) { m.Key = trust.Secret{} },
		"no name":                func(m *manifest) { m.Name = "" },
		"a path":                 func(m *manifest) { m.Name = "../plan.pdf" },
		"a path of another kind": func(m *manifest) { m.Name = `..\plan.pdf` },
		"the folder above":       func(m *manifest) { m.Name = ".." },
		"a name that turns back": func(m *manifest) { m.Name = "plan\u202efdp.exe" },
		"a line break":           func(m *manifest) { m.Name = "plan\n.pdf" },
		"space at its end":       func(m *manifest) { m.Name = "plan.pdf " },
		"no UTF-8":               func(m *manifest) { m.Name = "plan\xff" },
		"a long name":            func(m *manifest) { m.Name = strings.Repeat("a", MaxFileName+1) },
		"no media type":          func(m *manifest) { m.Media = "" },
		"half a media type":      func(m *manifest) { m.Media = "application/" },
		"a media type with more": func(m *manifest) { m.Media = "text/html; charset=utf-8" },
		"capitals":               func(m *manifest) { m.Media = "Text/plain" },
		"no chunks":              func(m *manifest) { m.Chunk = 0 },
		"chunks a byte too long": func(m *manifest) { m.Chunk = ChunkSize + 1 },
		"a byte too large":       func(m *manifest) { m.Size, m.Chunk = MaxFileSize+1, ChunkSize },
		"a chunk too many":       func(m *manifest) { m.Size, m.Chunk = MaxFileChunks+1, 1 },
		"endless":                func(m *manifest) { m.Size, m.Chunk = 1<<64-1, 1 },
		"an odd map":             func(m *manifest) { m.Ext = trust.Ext{1: canon.Raw{0xff}} },
	} {
		p := manifest{Version: 1, File: good.File, Name: good.Name, Media: good.Media, Size: good.Size, Chunk: good.Chunk, Key: good.Key, Hash: good.Hash}
		change(&p)
		b, err := canon.Marshal(p)
		if err != nil {
			continue // what can not be encoded is not sent either
		}
		if _, err := ParseManifest(b); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	newer := manifest{Version: 2, File: good.File, Name: "a", Media: "a/b", Key: good.Key}
	if _, err := ParseManifest(canon.MustMarshal(newer)); !errors.Is(err, trust.ErrNewer) {
		t.Errorf("a later version: %v", err)
	}
	newer.Version, newer.Ext = 1, trust.Ext{2: canon.MustMarshal(1)}
	if _, err := ParseManifest(canon.MustMarshal(newer)); !errors.Is(err, trust.ErrNewer) {
		t.Errorf("something newer: %v", err)
	}
	if said := fmt.Sprintf("%v %+v %#v %x", good, good, good, good); strings.Contains(said, "plan") || strings.Contains(strings.ToLower(said), "abcd") || strings.Contains(said, "171 205") {
		t.Errorf("printed: %s", said)
	}
}

// This version sends no file; one that comes is shown as what needs a newer desk.
func TestFileInARoom(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	m, _ := sealFile(t, content(3), 64)
	if _, err := room[0].r.Seal(Draft{Kind: KindFile, Content: must(m.Content())(t)}); !errors.Is(err, ErrFormat) {
		t.Errorf("a file is sent: %v", err)
	}
}

const fileVectors = "testdata/v1/file.json"

// fileVector is a file, and how its chunks are refused when they come otherwise.
type fileVector struct {
	Name     string
	Org      string // in hex, as all that follows
	Manifest string // content of the message
	Chunks   []string
	Content  string
	Refused  string `json:",omitempty"` // the reason; then there is no content
}

func makeFiles(t testing.TB) []fileVector {
	hexed := func(name string, m Manifest, tokens [][]byte, data []byte, refused string) fileVector {
		v := fileVector{Name: name, Org: fmt.Sprintf("%x", fileOrg[:]), Manifest: fmt.Sprintf("%x", must(m.Content())(t)), Content: fmt.Sprintf("%x", data), Refused: refused}
		for _, token := range tokens {
			v.Chunks = append(v.Chunks, fmt.Sprintf("%x", token))
		}
		return v
	}
	data := content(3*64 + 5)
	m, good := sealFile(t, data, 64)
	_, others := sealFile(t, data, 64)
	empty, none := sealFile(t, nil, ChunkSize)
	whole, two := sealFile(t, content(128), 64)
	longer := m
	longer.Size++
	return []fileVector{
		hexed("four chunks", m, good, data, ""), hexed("empty", empty, none, nil, ""), hexed("whole chunks", whole, two, content(128), ""),
		hexed("cut", m, good[:3], nil, "cut"), hexed("too many", m, append(slices.Clone(good), good[3]), nil, "long"),
		hexed("swapped", m, [][]byte{good[0], good[2], good[1], good[3]}, nil, "order"), hexed("twice", m, [][]byte{good[0], good[0], good[2], good[3]}, nil, "order"),
		hexed("another file's", m, [][]byte{good[0], others[1], good[2], good[3]}, nil, "token"), hexed("another length", longer, good, nil, "moved"),
		hexed("a byte over", m, [][]byte{reseal(t, fileOrg, m, func(b *chunkBody) { b.Data = content(65) }), good[1], good[2], good[3]}, nil, "length"),
		hexed("forged by a reader", m, [][]byte{reseal(t, fileOrg, m, func(b *chunkBody) { b.Data = make([]byte, 64) }), good[1], good[2], good[3]}, nil, "hash"),
	}
}

// TestFileVectors opens what was once sealed, and refuses the rest for the reason that stands beside it.
func TestFileVectors(t *testing.T) {
	b, err := os.ReadFile(fileVectors)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		b, _ = json.MarshalIndent(makeFiles(t), "", "\t")
		err = os.WriteFile(fileVectors, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors []fileVector
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	reasons := map[string]error{"": nil, "cut": ErrFileCut, "long": ErrFileLong, "order": ErrChunkOrder, "token": ErrChunkToken, "moved": ErrChunkMoved,
		"length": ErrChunkLength, "hash": ErrFileHash}
	unhex := func(s string) []byte { return must(hex.DecodeString(s))(t) }
	for _, v := range vectors {
		m := must(ParseManifest(unhex(v.Manifest)))(t)
		var tokens [][]byte
		for _, c := range v.Chunks {
			tokens = append(tokens, unhex(c))
		}
		got, err := openFile(models.OrgID(unhex(v.Org)), m, tokens)
		if want, known := reasons[v.Refused]; !known || !errors.Is(err, want) {
			t.Errorf("%s: %v, want %q", v.Name, err, v.Refused)
		}
		if err == nil && !bytes.Equal(got, unhex(v.Content)) {
			t.Errorf("%s: opens to something else", v.Name)
		}
	}
}

func FuzzManifest(f *testing.F) {
	m, _ := sealFile(f, content(3), 64)
	f.Add(must(m.Content())(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		if n := m.Chunks(); n == 0 || n > MaxFileChunks || m.length(n-1) < 0 || m.length(n-1) > ChunkSize {
			t.Fatalf("%d chunks, the last of %d bytes", n, m.length(n-1))
		}
		if again, err := m.Content(); err != nil || len(again) > len(b) {
			t.Fatalf("parsed, and has no content: %v", err)
		}
	})
}

// FuzzChunk gets at what is inside a token, as a member who has the key does.
func FuzzChunk(f *testing.F) {
	m, _ := sealFile(f, content(100), 64)
	b := chunkBody{Header: trust.NewHeader(trust.LabelFileChunk, fileOrg), File: m.File, Total: m.Chunks(), Size: m.Size, Data: content(64)}
	f.Add(canon.MustMarshal(b))
	f.Fuzz(func(t *testing.T, plain []byte) {
		o, err := OpenFile(fileOrg, m)
		if err != nil || len(plain) > MaxChunkToken {
			return
		}
		token, err := fernet.Seal(plain, o.key, time.Unix(1, 0))
		if err != nil {
			return
		}
		if data, err := o.Next(token); err == nil && len(data) != 64 {
			t.Fatalf("a chunk of %d bytes", len(data))
		}
	})
}
