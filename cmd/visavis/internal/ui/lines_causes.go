package ui

import (
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/talk"
)

// closedKeys are the words for why lines are not shown; with "more." before it a key says what happened, what the desk does and what to do. What is not
// listed was tampered with.
var closedKeys = map[e2e.Cause]string{
	e2e.CauseNoKey: "closed.nokey", e2e.CauseNewer: "closed.newer", e2e.CauseExpired: "closed.expired",
	e2e.CauseToken: "closed.broken", e2e.CauseMalformed: "closed.broken", e2e.CauseBox: "closed.broken", e2e.CauseCommitment: "closed.broken",
	e2e.CauseGeneration: "closed.broken", e2e.CauseReplay: "closed.twice", e2e.CauseReused: "closed.reused", e2e.CauseOrder: "closed.twice",
	e2e.CauseNotMember: "closed.stranger", e2e.CauseLostRace: "closed.late", e2e.CauseIdentity: "closed.identity", e2e.CauseHead: "closed.behind",
	e2e.CauseForged: "closed.tampered", e2e.CauseMoved: "closed.tampered", e2e.CauseTime: "closed.tampered", e2e.CauseStream: "closed.tampered",
	e2e.CauseState: "closed.tampered", e2e.CauseTaken: "closed.taken",
	e2e.CauseOutdated: "closed.outdated",
}

// repairKeys are the words for what this desk does about them by itself. Of what it does nothing about, and of what is not shown, there is nothing to say.
var repairKeys = map[e2e.Repair]string{e2e.RepairAsk: "repair.ask", e2e.RepairFollow: "repair.follow", e2e.RepairFetch: "repair.fetch", e2e.RepairProve: "repair.prove"}

// closedMore says why lines are closed, what this desk does about it and what a person can do.
func closedMore(c e2e.Cause) string {
	more := say("more." + closedKey(c))
	if key, ok := repairKeys[c.Remedy().Repair]; ok {
		more += " " + say(key)
	}
	return more
}

func closedKey(c e2e.Cause) string {
	if key, ok := closedKeys[c]; ok {
		return key
	}
	return "closed.tampered"
}

func closedText(line talk.Line) string { return say(closedKey(line.Cause), "count", line.Count) }

// warningKeys are the words for what is to be said beside a good message, the gravest first; with "more." before it a key says what to do.
var warningKeys = []struct {
	warning e2e.Warning
	key     string
}{{e2e.WarnFork, "warn.fork"}, {e2e.WarnGap, "warn.gap"}, {e2e.WarnVault, "warn.vault"}, {e2e.WarnLess, "warn.less"}, {e2e.WarnClock, "warn.clock"}}
