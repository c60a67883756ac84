package e2e

import "fmt"

// Repair is what a client does by itself about an entry that does not count. The zero Repair is nothing.
type Repair uint8

// The repairs. Each ends with the log being read again, but for the author's.
const (
	RepairNothing Repair = iota
	RepairAsk            // its boxes are looked for, and the other members asked for the secret
	RepairFollow         // the directory is read to its end at once, and waited for
	RepairFetch          // the server may have handed out another copy than it has: the log is fetched again, after ever longer times
	RepairAuthor         // its author's client makes it again
	RepairProve          // both messages are kept, for others to see
	repairEnd
)

var repairTexts = [repairEnd]string{
	RepairNothing: "nothing", RepairAsk: "ask for the generation", RepairFollow: "wait for the directory",
	RepairFetch: "fetch the log again", RepairAuthor: "its author tries again", RepairProve: "keep both as proof",
}

func (r Repair) String() string {
	if r >= repairEnd {
		return fmt.Sprintf("unknown repair %d", uint8(r))
	}
	return repairTexts[r]
}

// Remedy is what follows from a cause: what is done about the entry, and when that is over or why nothing is.
type Remedy struct {
	Repair Repair
	Over   string
}

// What the server alone may have caused is fetched again. What only somebody can have caused who has the room's key, or the author's, is not: another copy
// would be the same.
const (
	overGiven   = "a member has given the secret; never, where the room's history does not give it"
	overFetched = "another copy counts, and takes nothing away; never, where its author made it so"
)

var remedies = [causeEnd]Remedy{
	CauseNone:       {RepairNothing, "it counts"},
	CauseNoKey:      {RepairAsk, overGiven},
	CauseNewer:      {RepairNothing, "the desk has a newer program"},
	CauseGeneration: {RepairFetch, overFetched},
	CauseToken:      {RepairFetch, overFetched},
	CauseMalformed:  {RepairFetch, overFetched},
	CauseMoved:      {RepairFetch, overFetched},
	CauseNotMember:  {RepairFetch, overFetched},
	CauseHead:       {RepairFollow, "the directory has come to that head"},
	CauseIdentity:   {RepairFetch, overFetched},
	CauseForged:     {RepairFetch, overFetched},
	CauseTime:       {RepairNothing, "never: its author sealed it so"},
	CauseReplay:     {RepairFetch, overFetched},
	CauseReused:     {RepairProve, "never: its author signed two, and the first counts"},
	CauseOrder:      {RepairFetch, overFetched},
	CauseStream:     {RepairFetch, overFetched},
	CauseExpired:    {RepairNothing, "never: it has disappeared, as agreed"},
	CauseBox:        {RepairAsk, overGiven},
	CauseCommitment: {RepairAsk, overGiven},
	CauseLostRace:   {RepairAuthor, "his next one counts"},
	CauseState:      {RepairNothing, "never: its author signed it so"},
	CauseTaken:      {RepairFetch, overFetched},
	CauseOutdated:   {RepairNothing, "never: its author signed under it"},
}

// Remedy is c's row of the table. Of what is no cause nothing is known and nothing done.
func (c Cause) Remedy() Remedy {
	if c >= causeEnd {
		return Remedy{}
	}
	return remedies[c]
}
