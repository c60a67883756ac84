package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// FileName is the settings' name in the state folder.
const FileName = "config.toml"

const maxFile = 1 << 16

// ErrInvalid is wrapped by everything that Parse, Load and Validate refuse.
var ErrInvalid = errors.New("invalid setting")

// Config is the server's settings. Its zero value is not valid; start from Default.
type Config struct {
	Server  Server  `toml:"server"`
	Camera  Camera  `toml:"camera"`
	Face    Face    `toml:"face"`
	Session Session `toml:"session"`
	Desk    Desk    `toml:"desk"`
	Limits  Limits  `toml:"limits"`
	Log     Log     `toml:"log"`
}

// Server is where the server is found.
type Server struct {
	Organisation string   `toml:"organisation" comment:"The organisation's name, as people read it."`
	Listen       string   `toml:"listen" comment:"Address and port to listen on; an empty address listens on all."`
	Addresses    []string `toml:"addresses" comment:"Where desks reach the server, host:port each; the first one stands in invites. The server's certificate follows at the next start."`
}

// Camera is the server's camera policy.
type Camera struct {
	AllowVirtual bool `toml:"allow_virtual" comment:"Let in cameras that are not hardware (files, streams, puppets). For demonstrations and tests: every window then shows a warning."`
}

// Face is how sure the server has to be of a face.
type Face struct {
	Level string `toml:"level" comment:"How many strangers may pass for a person: 1-in-10000 or 1-in-100000. The stricter one refuses the right person more often."`
	Lamp  string `toml:"lamp" comment:"The window changes its light while a face is shown. What it counts for that the face changes with it: ignored, noted (written into the audit) or required (else refused; no window can be calm then)."`
}

// Session is how long a log-in lasts. The defaults are the promises of the documentation; shorter is allowed, longer is not.
type Session struct {
	Longest      Duration `toml:"longest" comment:"A session ends after this time, whatever happens."`
	Idle         Duration `toml:"idle" comment:"... after this time without anything done."`
	Disconnected Duration `toml:"disconnected" comment:"... after this time without a connection."`
	Locked       Duration `toml:"locked" comment:"... after this time locked."`
	Fresh        Duration `toml:"fresh" comment:"How old a face or password may be for what asks for a fresh one."`
}

// Desk is what a desk's key is good for.
type Desk struct {
	Elsewhere string `toml:"elsewhere" comment:"What a desk's connection from a second address may do while the first one stands: refused (nothing but go on with the desk's own session) or noted (all; it is written into the audit either way)."`
}

// Limits bound what anyone may use of the server.
type Limits struct {
	Connections     int      `toml:"connections" comment:"Open connections, all in all."`
	DeskConnections int      `toml:"desk_connections" comment:"... of one desk."`
	Handshakes      int      `toml:"handshakes" comment:"Connections at once that are enrolling or have not said hello yet."`
	Hello           Duration `toml:"hello" comment:"A connection has to finish its handshake and say hello within this time."`
	RoomMembers     int      `toml:"room_members" comment:"People in one room, at most 2000."`
	Invite          Duration `toml:"invite" comment:"A desk's invite can be used for this time."`
	Shutdown        Duration `toml:"shutdown" comment:"How long a stopping server waits for its connections."`
}

// Log is what the server writes to its standard error.
type Log struct {
	Format string `toml:"format" comment:"text or json"`
	Level  string `toml:"level" comment:"debug, info, warn or error"`
}

// The choices.
var (
	faceLevels = []string{"1-in-10000", "1-in-100000"}
	faceLamps  = []string{"ignored", "noted", "required"}
	elsewheres = []string{"refused", "noted"}
)

// Duration is a time.Duration that is written like "30m".
type Duration time.Duration

// Std returns d as the standard library's.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes d as Go does, without zeros at the end: "12h", not "12h0m0s".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a time: write it like \"30m\" or \"12h\"", b)
	}
	*d = Duration(v)
	return nil
}

// Default returns the settings of a server that still lacks its organisation and its addresses.
func Default() Config {
	return Config{
		Server: Server{Listen: ":7443"},
		Face:   Face{Level: faceLevels[0], Lamp: faceLamps[1]},
		Session: Session{
			Longest: Duration(12 * time.Hour), Idle: Duration(30 * time.Minute), Disconnected: Duration(10 * time.Minute),
			Locked: Duration(30 * time.Minute), Fresh: Duration(time.Minute),
		},
		Desk: Desk{Elsewhere: elsewheres[0]},
		Limits: Limits{
			Connections: 4096, DeskConnections: 8, Handshakes: 64, Hello: Duration(10 * time.Second), RoomMembers: 2000,
			Invite: Duration(24 * time.Hour), Shutdown: Duration(10 * time.Second),
		},
		Log: Log{Format: "text", Level: "info"},
	}
}

// Load reads and validates a file. What it does not name keeps its default; what it names and nobody knows is an error.
func Load(path string) (Config, error) {
	fi, err := os.Stat(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return Config{}, fmt.Errorf("read the settings: %w: run `visavisd init` first, or name another state folder", err)
		}
		return Config{}, fmt.Errorf("read the settings: %w", err)
	}
	if fi.Size() > maxFile {
		return Config{}, fmt.Errorf("read the settings: %w: %s has %d bytes, at most %d fit", ErrInvalid, path, fi.Size(), maxFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the settings: %w", err)
	}
	c, err := Parse(b)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse is Load for bytes.
func Parse(b []byte) (Config, error) {
	if len(b) > maxFile {
		return Config{}, fmt.Errorf("%w: %d bytes, at most %d fit", ErrInvalid, len(b), maxFile)
	}
	c := Default()
	err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&c)
	if err != nil {
		return Config{}, explain(err)
	}
	if err := c.Validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// explain turns the decoder's errors into one line that names the place.
func explain(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		e := unknown.Errors[0]
		row, _ := e.Position()
		return fmt.Errorf("%w: line %d: nothing is called %s: check its spelling, or remove it", ErrInvalid, row, dotted(e.Key()))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		row, _ := bad.Position()
		if key := dotted(bad.Key()); key != "" {
			return fmt.Errorf("%w: line %d: %s: %s", ErrInvalid, row, key, bad.Error())
		}
		return fmt.Errorf("%w: line %d: %s", ErrInvalid, row, bad.Error())
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

func dotted(key toml.Key) string {
	var b bytes.Buffer
	for i, k := range key {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(k)
	}
	return b.String()
}

// Encode writes the settings as a commented TOML file that Parse reads back.
func (c Config) Encode() ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b, err := toml.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write the settings: %w", err)
	}
	return b, nil
}
