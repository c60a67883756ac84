package fernet

import (
	"bytes"
	"testing"
)

func FuzzParse(f *testing.F) {
	token, err := Seal([]byte("hello"), testKey(f, 1), start)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(Encode(token))
	f.Add(Encode(token) + "\n")
	f.Add("gAAA")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := Parse(text)
		if err != nil {
			if token != nil {
				t.Error("a token beside an error")
			}
			return
		}
		if Encode(token) != text {
			t.Errorf("%q is read as %q", text, Encode(token))
		}
		if err := token.Check(); err != nil {
			t.Error(err)
		}
	})
}

// FuzzOpen reads arbitrary bytes as a token, as nobody without the key could make it open.
func FuzzOpen(f *testing.F) {
	key := testKey(f, 1)
	token, err := Seal([]byte("hello"), key, start)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(token)[:len(token)-1])
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Equal(b, token) {
			return
		}
		if plain, _, err := Open(b, key); err == nil {
			t.Errorf("forged without the key: %x opens to %x", b, plain)
		}
	})
}

// FuzzMember makes what a hostile member can make: any blocks under a valid HMAC. What opens is what the book's padding says.
func FuzzMember(f *testing.F) {
	key := testKey(f, 1)
	f.Add(uint64(0), bytes.Repeat([]byte{16}, 16))
	f.Add(uint64(1), bytes.Repeat([]byte{32}, 32))
	f.Add(uint64(lastSecond+1), make([]byte, 16))
	f.Add(uint64(2), []byte{})
	f.Fuzz(func(t *testing.T, seconds uint64, blocks []byte) {
		whole := blocks[:len(blocks)/blockSize*blockSize]
		var iv [16]byte
		body := append(encrypt(key, iv, whole), blocks[len(whole):]...)
		plain, _, err := Open(forge(key, version, seconds, iv, body), key)
		var want []byte
		if len(whole) == len(blocks) && seconds <= lastSecond {
			want = strictlyUnpadded(whole)
		}
		if (err == nil) != (want != nil) || !bytes.Equal(plain, want) {
			t.Errorf("opened to %x, %v, want %x", plain, err, want)
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add(make([]byte, KeySize))
	f.Add([]byte("0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var k Key
		if err := k.UnmarshalBinary(b); err != nil {
			if !k.IsZero() {
				t.Error("a key beside an error")
			}
			return
		}
		if again, err := k.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%v", err)
		}
	})
}
