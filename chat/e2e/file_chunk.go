package e2e

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// MaxChunkToken bounds a sealed chunk, in bytes.
const MaxChunkToken = ChunkSize + 256

// chunkBody is a chunk's plaintext. It says where it belongs; the manifest alone says that the chunks are the ones its author sealed, since
// everybody who has the file's key can seal others.
type chunkBody struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	File  models.FileID
	Index uint32
	Total uint32 // chunks of the file
	Size  uint64 // bytes of the file
	Data  []byte
	Ext   trust.Ext
}

type fileContext struct {
	_    struct{} `cbor:",toarray"`
	Org  models.OrgID
	File models.FileID
}

// chunks is what sealing and opening have in common: the file, the place in it, and the hash so far. Its memory does not grow.
type chunks struct {
	org  models.OrgID
	file Manifest
	key  fernet.Key
	next uint32
	sum  hash.Hash
}

func newChunks(org models.OrgID, m Manifest) (chunks, error) {
	if err := m.check(); err != nil {
		return chunks{}, err
	}
	key, err := fernet.Derive(m.Key[:], string(trust.LabelFileKey), canon.MustMarshal(fileContext{Org: org, File: m.File}))
	if err != nil {
		return chunks{}, err
	}
	c := chunks{org: org, file: m, key: key, sum: sha256.New()}
	c.sum.Write([]byte(string(trust.LabelFile) + "\x00"))
	return c, nil
}

// took counts a token that was sealed or found good.
func (c *chunks) took(token []byte) {
	h := trust.LabelFileChunk.Hash(token)
	c.sum.Write(h[:])
	c.next++
}

// Length is how many bytes the next chunk holds; 0 also when there is none.
func (c *chunks) Length() int {
	if c.done() {
		return 0
	}
	return c.file.length(c.next)
}

func (c *chunks) done() bool { return c.next >= c.file.Chunks() }

// Wipe overwrites the key; nothing is sealed or opened afterwards.
func (c *chunks) Wipe() { c.key.Wipe() }

// FileSealer seals a file's chunks, one after the other. One goroutine owns it, and wipes it in the end.
type FileSealer struct{ chunks }

// NewFile begins a file of a size that is known, under a key and an id drawn from random.
func NewFile(org models.OrgID, name, media string, size uint64, random io.Reader) (*FileSealer, error) {
	return newFile(org, Manifest{Name: name, Media: media, Size: size, Chunk: ChunkSize}, random)
}

func newFile(org models.OrgID, m Manifest, random io.Reader) (_ *FileSealer, err error) {
	if m.Key, err = trust.NewSecret(random); err != nil {
		return nil, err
	}
	if err = models.Draw(&m.File, random); err != nil {
		return nil, err
	}
	c, err := newChunks(org, m)
	if err != nil {
		return nil, fmt.Errorf("seal a file: %w", err)
	}
	return &FileSealer{c}, nil
}

// Next seals the next Length bytes of the file.
func (s *FileSealer) Next(data []byte, at time.Time) ([]byte, error) {
	switch {
	case s.done():
		return nil, ErrFileLong
	case len(data) != s.Length():
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrChunkLength, len(data), s.Length())
	}
	plain := canon.MustMarshal(chunkBody{Header: trust.NewHeader(trust.LabelFileChunk, s.org), File: s.file.File, Index: s.next, Total: s.file.Chunks(),
		Size: s.file.Size, Data: data})
	defer clear(plain)
	token, err := fernet.Seal(plain, s.key, at)
	if err != nil {
		return nil, fmt.Errorf("seal a chunk: %w", err)
	}
	s.took(token)
	return token, nil
}

// Manifest is the file's, once every chunk was sealed.
func (s *FileSealer) Manifest() (Manifest, error) {
	if !s.done() {
		return Manifest{}, ErrFileCut
	}
	s.file.Hash = models.Hash(s.sum.Sum(nil))
	return s.file, nil
}

// Seal reads the whole file and hands each sealed chunk to put, in order. A file that is not as long as was said is ErrFileCut or ErrFileLong: it
// changed while it was read.
func (s *FileSealer) Seal(from io.Reader, at time.Time, put func(token []byte) error) (Manifest, error) {
	buffer := make([]byte, min(uint64(s.file.Chunk), s.file.Size))
	defer clear(buffer)
	for !s.done() {
		data := buffer[:s.Length()]
		if _, err := io.ReadFull(from, data); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return Manifest{}, ErrFileCut
		} else if err != nil {
			return Manifest{}, fmt.Errorf("read a file: %w", err)
		}
		token, err := s.Next(data, at)
		if err != nil {
			return Manifest{}, err
		}
		if err := put(token); err != nil {
			return Manifest{}, err
		}
	}
	var more [1]byte
	if n, err := io.ReadFull(from, more[:]); n > 0 {
		return Manifest{}, ErrFileLong
	} else if !errors.Is(err, io.EOF) {
		return Manifest{}, fmt.Errorf("read a file: %w", err)
	}
	return s.Manifest()
}

// FileOpener opens a file's chunks, one after the other. One goroutine owns it, and wipes it in the end. What it gave is the file's only once
// Finish said so: until then, any reader of the manifest may have sealed it.
type FileOpener struct{ chunks }

// OpenFile begins with a manifest of the organisation.
func OpenFile(org models.OrgID, m Manifest) (*FileOpener, error) {
	c, err := newChunks(org, m)
	if err != nil {
		return nil, fmt.Errorf("open a file: %w", err)
	}
	return &FileOpener{c}, nil
}

// Next opens the next chunk. A chunk that is refused changes nothing: the right one may follow.
func (o *FileOpener) Next(token []byte) ([]byte, error) {
	if o.done() {
		return nil, ErrFileLong
	}
	if len(token) > MaxChunkToken {
		return nil, fmt.Errorf("%w: a token of %d bytes", ErrChunkLength, len(token))
	}
	plain, _, err := fernet.Open(token, o.key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChunkToken, err)
	}
	var b chunkBody
	if err := trust.Decode(plain, MaxChunkToken, &b); err != nil {
		return nil, err
	}
	if err := b.Header.Check(trust.LabelFileChunk); err != nil {
		return nil, err
	}
	if err := b.Ext.Check(); err != nil {
		return nil, err
	}
	switch {
	case b.Org != o.org || b.File != o.file.File || b.Total != o.file.Chunks() || b.Size != o.file.Size:
		return nil, ErrChunkMoved
	case b.Index != o.next:
		return nil, fmt.Errorf("%w: chunk %d, not %d", ErrChunkOrder, b.Index, o.next)
	case len(b.Data) != o.Length():
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrChunkLength, len(b.Data), o.Length())
	}
	o.took(token)
	return b.Data, nil
}

// Finish says that every chunk came, and that they are the ones which the manifest names.
func (o *FileOpener) Finish() error {
	switch {
	case !o.done():
		return ErrFileCut
	case models.Hash(o.sum.Sum(nil)) != o.file.Hash:
		return ErrFileHash
	}
	return nil
}

// Open takes sealed chunks from get, which returns io.EOF after the last, and writes the file. What was written counts only when Open returned nil.
func (o *FileOpener) Open(get func() ([]byte, error), to io.Writer) error {
	for {
		token, err := get()
		if errors.Is(err, io.EOF) {
			return o.Finish()
		}
		if err != nil {
			return err
		}
		data, err := o.Next(token)
		if err != nil {
			return err
		}
		_, err = to.Write(data)
		clear(data)
		if err != nil {
			return err
		}
	}
}
