package trust

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"visavis/models"
)

// A directory as a text is a line a statement, in order: the base64url of its envelope. So whoever knows the organisation checks by himself what the
// directory decides, away from any server.

// WriteStatement writes one statement of a directory's text.
func WriteStatement(w io.Writer, signed []byte) error {
	_, err := fmt.Fprintln(w, base64.RawURLEncoding.EncodeToString(signed))
	return err
}

// ReadDirectory reads the text of org's directory, which has to be named. A line that is no envelope is ErrFormat, a text that org is not founded in
// ErrOrg; a statement that the directory refuses counts for nothing, as in the log.
func ReadDirectory(r io.Reader, org models.OrgID) (*Directory, error) {
	d := NewDirectory(org)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, base64.RawURLEncoding.EncodedLen(MaxStatement)+2)
	n := 0
	for lines.Scan() {
		n++
		signed, err := base64.RawURLEncoding.Strict().DecodeString(lines.Text())
		if err == nil {
			_, err = split(signed)
		}
		if err != nil {
			return nil, fmt.Errorf("directory, line %d: %w", n, ErrFormat)
		}
		_, _ = d.Apply(signed)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("directory, line %d: %w", n+1, ErrFormat)
	case err != nil:
		return nil, fmt.Errorf("read the directory: %w", err)
	case org.IsZero(), d.Len() == 0:
		return nil, fmt.Errorf("directory: %w", ErrOrg)
	}
	return d, nil
}
