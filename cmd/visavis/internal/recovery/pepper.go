package recovery

import (
	"fmt"
	"io"

	"visavis/chat/client"
)

// AddPepper takes a vault pepper to the desk of a folder, as a text that was brought by hand.
func AddPepper(o client.Options, dir string, in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(io.LimitReader(in, maxSheet))
	defer clear(text)
	if err != nil {
		return fmt.Errorf("read the vault pepper: %w", err)
	}
	d, err := client.LoadDesk(o, dir)
	if err != nil {
		return err
	}
	if err := d.AddPepper(string(text)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "The desk has it. It is used from when somebody has logged in here, if it is the organisation's.")
	return err
}
