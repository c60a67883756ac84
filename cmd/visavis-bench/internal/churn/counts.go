package churn

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Counts are what came of a run. Only Failed and Print read them as a whole; the run's goroutines count through the methods.
type Counts struct {
	Members, Rooms, Desks, Rounds int
	World, Took                   time.Duration // by the world's clock, and by the wall's

	Joins, Leaves, Removals, Invitations int // that were acknowledged
	Refused                              int // since somebody else was faster, or a limit was reached
	Revoked, Banished                    int // desks, and people
	Roles, Terms                         int // of members in rooms, changed; of admins, begun and ended
	Logins, Logouts, Resumed, Locks      int
	Held                                 int // log-ins that had to wait, since ten an hour are allowed
	Cuts, Connections                    int // networks of a desk, and the connections that were lost with them
	Restarts, Kills                      int
	Vaults                               uint64 // versions that were stored

	Sent, Acknowledged int // messages
	Given              int // up, since their author was put out before they were stored
	Rekeys             int
	Opened             int // messages, all readers together
	NotForThem         int // of those who were not in when it was sent
	Expired            int // shown as gone, of rooms where messages disappear
	Policies, Keys     int // rules changed, and keys
	Crossed            int // of those who came while it was on its way
	Parted             int // of those who waited for a key, and were put out before one came
	Walks              int // of rooms by sessions

	Lost, Doubled int // acknowledged and not there, or there twice
	Unreadable    map[string]int
	Leaks         int // read by who should not
	Shown         int // sent to who was out, whether he could open it or not
	Asked         int // for what is not theirs any more: by people and desks that were revoked, by who was put out, by who is no owner or admin now
	Granted       int // of these, and entries that nobody had a right to
	Ghosts        int // walks of whole rooms by people who have all boxes and all that they ever had
	Alarms        map[string]int
	Goroutines    int // that were left

	mu     sync.Mutex
	wrongs []string
	more   int // wrongs beyond these
}

// wrongsKept bounds what a report tells one by one.
const wrongsKept = 20

func (c *Counts) add(n *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n++
}

// wrong notes something that must not happen.
func (c *Counts) wrong(who *person, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrongs) >= wrongsKept {
		c.more++
		return
	}
	name := "the house"
	if who != nil {
		name = who.name
	}
	c.wrongs = append(c.wrongs, name+": "+fmt.Sprintf(format, args...))
}

func (c *Counts) tally(of *map[string]int, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *of == nil {
		*of = map[string]int{}
	}
	(*of)[what]++
}

func (c *Counts) unreadable(who *person, h *history, seq uint64, cause string) {
	c.tally(&c.Unreadable, cause)
	c.wrong(who, "can not read %s: %s", h.place(seq), cause)
}

func (c *Counts) alarm(who *person, h *history, seq uint64, what string) {
	c.tally(&c.Alarms, what)
	c.wrong(who, "is warned at %s: %s", h.place(seq), what)
}

func (c *Counts) leak(who *person, h *history, seq uint64) {
	c.add(&c.Leaks)
	c.wrong(who, "reads %s, and should not", h.place(seq))
}

// Failed says whether anything happened that must not.
func (c *Counts) Failed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.wrongs) > 0 || len(c.Unreadable) > 0 || len(c.Alarms) > 0 || c.Leaks+c.Shown+c.Granted+c.Lost+c.Doubled+c.Goroutines > 0
}

// Print writes the counts as a table, and then what went wrong.
func (c *Counts) Print(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	say("| what | how many |\n|---|---|")
	say("| members, at two desks each | %d |\n| rooms | %d |\n| desks | %d |", c.Members, c.Rooms, c.Desks)
	say("| time that passed for them | %v, in %d rounds |\n| time that it took | %v |", c.World.Round(time.Second), c.Rounds, c.Took.Round(time.Second))
	say("| joins, of so many invitations | %d of %d |\n| leaves | %d |\n| removals | %d |", c.Joins, c.Invitations, c.Leaves, c.Removals)
	say("| changes refused, by a race or a limit | %d |\n| desks revoked, people revoked | %d, %d |", c.Refused, c.Revoked, c.Banished)
	say("| roles changed in rooms, admins made and removed | %d, %d |", c.Roles, c.Terms)
	say("| log-ins, resumptions, log-outs, locks | %d, %d, %d, %d |", c.Logins, c.Resumed, c.Logouts, c.Locks)
	say("| log-ins put off by the limit | %d |\n| vaults written | %d |", c.Held, c.Vaults)
	say("| networks cut, connections lost with them | %d, %d |", c.Cuts, c.Connections)
	say("| restarts, of them killed | %d, %d |", c.Restarts+c.Kills, c.Kills)
	say("| messages sent, acknowledged | %d, %d |", c.Sent, c.Acknowledged)
	say("| ... given up, since their author was put out | %d |", c.Given)
	say("| messages opened, by all sessions together | %d |\n| walks through a room | %d |\n| rekeys | %d |", c.Opened, c.Walks, c.Rekeys)
	say("| shown as not theirs to who was not in yet | %d |\n| ... to who came while it was on its way | %d |", c.NotForThem, c.Crossed)
	say("| ... to who waited for a key, and was put out before one came | %d |", c.Parted)
	say("| rules changed, keys changed | %d, %d |\n| messages shown as gone | %d |", c.Policies, c.Keys, c.Expired)
	say("| asked for what is theirs no more, granted | %d, %d |", c.Asked, c.Granted)
	say("| whole rooms walked with all boxes there are | %d |", c.Ghosts)
	say("| **acknowledged and lost, stored twice** | %d, %d |", c.Lost, c.Doubled)
	say("| **undecryptable** | %s |\n| **wrongly readable, wrongly sent** | %d, %d |", causes(c.Unreadable), c.Leaks, c.Shown)
	say("| **false alarms** | %s |\n| **goroutines left** | %d |", causes(c.Alarms), c.Goroutines)
	for _, x := range c.wrongs {
		say("- %s", x)
	}
	if c.more > 0 {
		say("- and %d more", c.more)
	}
}

// causes writes counts as "3: 2 of this, 1 of that".
func causes(of map[string]int) string {
	total, text := 0, ""
	for i, k := range slices.Sorted(maps.Keys(of)) {
		total += of[k]
		text += map[bool]string{true: ": ", false: ", "}[i == 0] + fmt.Sprintf("%d %s", of[k], k)
	}
	return fmt.Sprintf("%d%s", total, text)
}
