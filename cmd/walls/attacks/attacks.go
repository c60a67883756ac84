package attacks

import (
	"fmt"
	"regexp"
	"strings"
)

// Page is where it stands in the repository.
const Page = "docs/attacks.md"

// Row is a row of the page's tables: what is done, and the package and tests that hold it, which are names or NAME/CASE.
type Row struct {
	Who, Attack, Package string
	Tests                []string
}

// form is the one form of a row: .ci/hostile reads no other, and would leave it out without a word.
var form = regexp.MustCompile("^\\| ([A-Z][^|`]*[^ .|]) \\| `([a-z][a-z0-9/-]*)` \\| (`[^`| ]+`(?:, `[^`| ]+`)*) \\|$")

// Rows are the rows of a page, and a line for each that is none.
func Rows(page string) (rows []Row, wrong []string) {
	var who string
	for i, line := range strings.Split(page, "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			who = title
		}
		if !strings.HasPrefix(strings.TrimSpace(line), "|") || line == "| attack | package | tests |" || line == "|---|---|---|" {
			continue
		}
		m := form.FindStringSubmatch(line)
		if m == nil {
			wrong = append(wrong, fmt.Sprintf("line %d is no row: %s", i+1, line))
			continue
		}
		rows = append(rows, Row{Who: who, Attack: m[1], Package: m[2], Tests: strings.Split(strings.Trim(m[3], "`"), "`, `")})
	}
	return rows, wrong
}
