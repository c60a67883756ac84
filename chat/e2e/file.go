package e2e

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// KindFile is the kind of a message whose content is a file's manifest. Desks of this version have no way to fetch its chunks yet, and show it as
// every kind that they do not know: as for a newer desk.
const KindFile Kind = 3

// Bounds of a file, in bytes but for the chunks.
const (
	ChunkSize     = 256 << 10 // of a file that this version sends; no chunk of any file is longer
	MaxFileSize   = 4 << 30
	MaxFileChunks = MaxFileSize / ChunkSize
	MaxFileName   = 255
	maxManifest   = 1 << 10
)

// Why a file is refused, a closed set.
var (
	ErrManifest    = errors.New("not a file's manifest")
	ErrChunkToken  = errors.New("a chunk does not open under the file's key: altered, or another file's")
	ErrChunkMoved  = errors.New("a chunk was made for another file")
	ErrChunkOrder  = errors.New("a chunk is not the one that comes next")
	ErrChunkLength = errors.New("a chunk is longer or shorter than the one that comes next")
	ErrFileCut     = errors.New("the file ends before its last chunk")
	ErrFileLong    = errors.New("the file goes on after its last chunk")
	ErrFileHash    = errors.New("the chunks are not the ones that the manifest names")
)

// Manifest says what a file is and how to open its chunks. It is the content of a signed message, so its reader knows whose it is; whoever may
// read the message may read the file. It prints its id alone.
type Manifest struct {
	File  models.FileID
	Name  string // a file's name, never a path
	Media string // type/subtype in small letters, as its author says
	Size  uint64 // bytes
	Chunk uint32 // bytes of each chunk but the last
	Key   trust.Secret
	Hash  models.Hash // over all chunks, as they were sealed
}

// manifest is its encoding.
type manifest struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	File    models.FileID
	Name    string
	Media   string
	Size    uint64
	Chunk   uint32
	Key     trust.Secret
	Hash    models.Hash
	Ext     trust.Ext
}

// Chunks is how many chunks the file has. An empty file has one, which is empty.
func (m Manifest) Chunks() uint32 {
	if m.Size == 0 || m.Chunk == 0 {
		return 1
	}
	return uint32((m.Size + uint64(m.Chunk) - 1) / uint64(m.Chunk))
}

// length is how many bytes of the file the chunk of an index holds.
func (m Manifest) length(index uint32) int {
	if index+1 < m.Chunks() {
		return int(m.Chunk)
	}
	return int(m.Size - uint64(index)*uint64(m.Chunk))
}

// check refuses what no honest desk writes, and what a desk could not show or store under that name.
func (m Manifest) check() error {
	switch {
	case m.File.IsZero() || m.Key.IsZero():
		return fmt.Errorf("%w: no id or no key", ErrManifest)
	case m.Size > MaxFileSize || m.Chunk == 0 || m.Chunk > ChunkSize:
		return fmt.Errorf("%w: %d bytes in chunks of %d", ErrManifest, m.Size, m.Chunk)
	case m.Size > uint64(m.Chunk)*MaxFileChunks:
		return fmt.Errorf("%w: more than %d chunks", ErrManifest, MaxFileChunks)
	case !isFileName(m.Name):
		return fmt.Errorf("%w: a name that is none", ErrManifest)
	case !mediaType.MatchString(m.Media):
		return fmt.Errorf("%w: a media type that is none", ErrManifest)
	}
	return nil
}

// isFileName says whether a name can stand in a folder of any system, and can not rearrange a window.
func isFileName(s string) bool {
	if s == "" || len(s) > MaxFileName || !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.Trim(s, ".") == "" {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|`, r) })
}

// mediaType is a type and a subtype as RFC 6838 (4.2) restricts them, in small letters and without parameters.
var mediaType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$`)

// Content is the content of a message of KindFile.
func (m Manifest) Content() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	return canon.MustMarshal(manifest{Version: trust.Version, File: m.File, Name: m.Name, Media: m.Media, Size: m.Size, Chunk: m.Chunk, Key: m.Key, Hash: m.Hash}), nil
}

// ParseManifest reads what Content wrote. It is trust.ErrNewer where a later version says more than this one understands, else ErrManifest.
func ParseManifest(content []byte) (Manifest, error) {
	var p manifest
	if err := trust.Decode(content, maxManifest, &p); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if p.Version != trust.Version {
		return Manifest{}, fmt.Errorf("manifest: %w: version %d", trust.ErrNewer, p.Version)
	}
	if err := p.Ext.Check(); errors.Is(err, trust.ErrNewer) {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	} else if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	m := Manifest{File: p.File, Name: p.Name, Media: p.Media, Size: p.Size, Chunk: p.Chunk, Key: p.Key, Hash: p.Hash}
	return m, m.check()
}

func (m Manifest) String() string   { return "file " + m.File.Short() + redacted }
func (m Manifest) GoString() string { return m.String() }

// Format keeps every verb from printing the key.
func (m Manifest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(m.String())) }

// MarshalText keeps JSON, TOML and slog from printing it.
func (m Manifest) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
