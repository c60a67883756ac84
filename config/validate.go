package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of an address and their number: what an invite takes.
const (
	maxAddresses = 8
	maxAddress   = 255
)

// Validate names every setting that is wrong, one a line: its key, its value, the cure.
func (c Config) Validate() error {
	var errs []error
	refuse := func(key string, value any, cure string) {
		errs = append(errs, fmt.Errorf("%w: %s = %v: %s", ErrInvalid, key, value, cure))
	}
	if strings.TrimSpace(c.Server.Organisation) == "" {
		refuse("server.organisation", strconv.Quote(c.Server.Organisation), "give the organisation's name")
	}
	if err := checkAddress(c.Server.Listen, true); err != nil {
		refuse("server.listen", strconv.Quote(c.Server.Listen), err.Error())
	}
	if n := len(c.Server.Addresses); n > maxAddresses {
		refuse("server.addresses", fmt.Sprintf("%d of them", n), fmt.Sprintf("name at most %d: all stand in every invite", maxAddresses))
	}
	if len(c.Server.Addresses) == 0 {
		refuse("server.addresses", "[]", `name at least one, like ["chat.example.org:7443"]`)
	}
	for i, a := range c.Server.Addresses {
		if err := checkAddress(a, false); err != nil {
			refuse(fmt.Sprintf("server.addresses[%d]", i), strconv.Quote(a), err.Error())
		}
	}
	for _, t := range []struct {
		key      string
		value    Duration
		min, max time.Duration
	}{
		{"session.longest", c.Session.Longest, time.Minute, 12 * time.Hour},
		{"session.idle", c.Session.Idle, time.Minute, 30 * time.Minute},
		{"session.disconnected", c.Session.Disconnected, 10 * time.Second, 10 * time.Minute},
		{"session.locked", c.Session.Locked, time.Minute, 30 * time.Minute},
		{"session.fresh", c.Session.Fresh, 10 * time.Second, time.Minute},
		{"limits.hello", c.Limits.Hello, time.Second, time.Minute},
		{"limits.invite", c.Limits.Invite, time.Minute, 7 * 24 * time.Hour},
		{"limits.shutdown", c.Limits.Shutdown, 100 * time.Millisecond, time.Minute},
	} {
		if t.value.Std() < t.min || t.value.Std() > t.max {
			refuse(t.key, strconv.Quote(t.value.String()), fmt.Sprintf("choose from %v to %v", Duration(t.min), Duration(t.max)))
		}
	}
	for _, n := range []struct {
		key             string
		value, min, max int
	}{
		{"limits.connections", c.Limits.Connections, 1, 100_000},
		{"limits.desk_connections", c.Limits.DeskConnections, 1, 100_000},
		{"limits.handshakes", c.Limits.Handshakes, 1, 10_000},
		{"limits.room_members", c.Limits.RoomMembers, 2, 2000},
	} {
		if n.value < n.min || n.value > n.max {
			refuse(n.key, n.value, fmt.Sprintf("choose from %d to %d", n.min, n.max))
		}
	}
	for _, w := range []struct {
		key, value string
		words      []string
	}{
		{"face.level", c.Face.Level, faceLevels},
		{"face.lamp", c.Face.Lamp, faceLamps},
		{"desk.elsewhere", c.Desk.Elsewhere, elsewheres},
		{"log.format", c.Log.Format, []string{"text", "json"}},
		{"log.level", c.Log.Level, []string{"debug", "info", "warn", "error"}},
	} {
		if !slices.Contains(w.words, w.value) {
			refuse(w.key, strconv.Quote(w.value), "choose one of "+strings.Join(w.words, ", "))
		}
	}
	return errors.Join(errs...)
}

// Hosts returns the hosts of Server.Addresses, each once: what the server's certificate has to name.
func (c Config) Hosts() []string {
	var hosts []string
	for _, a := range c.Server.Addresses {
		if h, _, err := net.SplitHostPort(a); err == nil && !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

func checkAddress(a string, listen bool) error {
	host, port, err := net.SplitHostPort(a)
	if err != nil {
		return errors.New("write it as host:port, an IPv6 address in brackets")
	}
	if host == "" && !listen {
		return errors.New("the host is missing: desks have to know where to go")
	}
	if len(a) > maxAddress || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`/\@`, r) }) {
		return errors.New("the host has characters that no host has, or too many")
	}
	low := 1
	if listen {
		low = 0 // any free port, for tests
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || int(n) < low || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("the port has to be a number from %d to 65535", low)
	}
	return nil
}
