package twice

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
)

// ErrNone is a text without a proof in it.
var ErrNone = errors.New("no proof: it begins with visavis-proof-1")

// Options are what a check works with.
type Options struct {
	Dir       string    // the desk's state folder: it says which organisation, and how much of its directory it has seen
	Directory io.Reader // as `visavisd directory` prints it
	Proofs    io.Reader // one a line
	Out       io.Writer
	Client    client.Options
}

// Run reads the directory and checks the proofs.
func Run(o Options) error {
	desk, err := client.LoadDesk(o.Client, o.Dir)
	if err != nil {
		return err
	}
	dir, err := desk.ReadDirectory(o.Directory)
	if err != nil {
		return err
	}
	return Check(dir, o.Proofs, o.Out)
}

// maxLine is more than any proof has, in bytes.
const maxLine = 64 << 10

// Check says of every proof what it proves. It fails with why at the first that proves nothing, and with ErrNone where there is none.
func Check(dir *trust.Directory, proofs io.Reader, out io.Writer) error {
	lines, n := bufio.NewScanner(proofs), 0
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		n++
		proof, err := e2e.ParseProof(lines.Text())
		if err != nil {
			return fmt.Errorf("proof %d: %w", n, err)
		}
		two, err := e2e.OpenTwice(proof, dir)
		if err != nil {
			return fmt.Errorf("proof %d: %w", n, err)
		}
		if err := tell(out, two); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the proof: %w", err)
	}
	if n == 0 {
		return ErrNone
	}
	return nil
}

// tell prints a proof. What somebody wrote is quoted: it can not drive the terminal.
func tell(w io.Writer, t e2e.Twice) error {
	_, err := fmt.Fprintf(w, "Proven: the keys of %q have signed two messages under one number.\n  account %s\n  room    %s\n  stream  %s, number %d\n", t.Name, t.Account, t.Room, t.Stream, t.Counter)
	for _, m := range t.Said {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %s  %s\n", m.Time.UTC().Format(time.RFC3339), said(m))
		}
	}
	return err
}

// said is what a message says, or how much of what cannot be read here.
func said(m e2e.Message) string {
	switch m.Kind {
	case e2e.KindText:
		return fmt.Sprintf("%q", m.Content)
	case e2e.KindTitle:
		return fmt.Sprintf("the title %q", m.Content)
	}
	return fmt.Sprintf("%d bytes of kind %d", len(m.Content), m.Kind)
}
