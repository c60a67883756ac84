package fernet

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// forge makes what a hostile holder of the key can make: any version, time and body under a valid HMAC.
func forge(key Key, version byte, seconds uint64, iv [16]byte, body []byte) Token {
	t := binary.BigEndian.AppendUint64([]byte{version}, seconds)
	t = append(append(t, iv[:]...), body...)
	h := hmac.New(sha256.New, key.b[:16])
	h.Write(t)
	return h.Sum(t)
}

// encrypt encrypts whole blocks, padded or not.
func encrypt(key Key, iv [16]byte, blocks []byte) []byte {
	c, err := aes.NewCipher(key.b[16:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCEncrypter(c, iv[:]).CryptBlocks(out, blocks)
	return out
}

// strictlyUnpadded is PKCS #7 by the book, for comparison: nil if the padding is not of 1 to 16 equal bytes that say their number.
func strictlyUnpadded(blocks []byte) []byte {
	if len(blocks) == 0 {
		return nil
	}
	n := int(blocks[len(blocks)-1])
	if n < 1 || n > 16 || n > len(blocks) {
		return nil
	}
	for _, b := range blocks[len(blocks)-n:] {
		if int(b) != n {
			return nil
		}
	}
	return blocks[: len(blocks)-n : len(blocks)-n]
}
