package main

import "visavis/cmd/visavis-bench/internal/aims"

// aimsCmd prints what the other verbs added to a file (--aims), as one table.
type aimsCmd struct {
	File string `arg:"" type:"existingfile" help:"The file that other verbs were given as --aims."`
}

// Run prints the table.
func (c *aimsCmd) Run(e *env) error {
	lines, err := aims.File(c.File).Read()
	if err != nil {
		return err
	}
	return aims.Print(e.stdout, lines)
}
