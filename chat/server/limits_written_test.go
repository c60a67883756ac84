package server

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What a client has to reckon with stands on the page of the protocol.
func TestLimitsAreWritten(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Limits of a log\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, said := range []string{
		fmt.Sprintf("| rooms | %d an account is in; %d a day that it creates; 2000 members and invited of one,", roomsPerAccount, roomsDay),
		fmt.Sprintf("| changes | %d invitations, roles and policies an hour,", changesHour),
		fmt.Sprintf("| generations | any that the room needs; %d more an hour,", generationsHour),
		fmt.Sprintf("| keys asked for, given | %d and %d times an hour,", asksHour, giftsHour),
		fmt.Sprintf("| changes of keys | %d an hour,", keyChangesHour),
		fmt.Sprintf("| a desk's questions of `signup.status` | %d an hour |", askedStatuses),
		fmt.Sprintf("| rooms followed | %d a connection |", followsPerConn),
		fmt.Sprintf("| pages | `room.list` %d rooms; `log.read` %d entries or %d KiB;", roomsPerPage, storeChunk, readBytes>>10),
		fmt.Sprintf("| statements of the root | %d a request |", maxRoot),
	} {
		if !strings.Contains(table, said) {
			t.Errorf("docs/protocol.md lacks %q", said)
		}
	}
}
