// Package config is the settings of the programs: their defaults, how they are read from TOML files, and what is refused. There are two files:
// config.toml in the server's state folder (Config), which the operator writes, and window.toml in a desk's folder (Window), which the
// window writes when somebody changes its settings; nothing in either is a person's.
//
// It is a leaf: it imports nothing of Visavis, so that everything may import it. Where a folder is, is not a setting but a flag: the
// file lies in it. Secrets are never settings; they are files of their own beside it.
package config
