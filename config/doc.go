// Package config is the server's settings: their defaults, how they are read from a TOML file, and what is refused.
//
// It is a leaf: it imports nothing of Visavis, so that everything may import it. Where the state folder is, is not a setting but a
// flag: the file lies in that folder. Secrets are never settings; they are files of their own beside it.
package config
