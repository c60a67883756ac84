package ui

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed translations/*.json
var translations embed.FS

// english holds every text by its key; it is read once and never written to.
var english = sync.OnceValue(func() map[string]string {
	words, err := readWords(translations, "en")
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return words
})

// readWords reads all translations/*.<language>.json. A key that stands in two files is an error.
func readWords(files fs.FS, language string) (map[string]string, error) {
	names, err := fs.Glob(files, "translations/*."+language+".json")
	if err != nil {
		return nil, fmt.Errorf("list texts: %w", err)
	}
	all := make(map[string]string)
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
		var part map[string]string
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("read texts %s: %w", name, err)
		}
		for key, text := range part {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("read texts %s: %q stands in two files", name, key)
			}
			all[key] = text
		}
	}
	return all, nil
}

// say returns the text of a key, with {name} replaced by what follows the name in pairs: say("joined", "name", who).
// A value is put in as it is and never looked at again. With a pair "count" that is the number 1, the text of key+".one" is used where there
// is one. A key without a text is returned as it is; a test holds that there is none.
func say(key string, pairs ...any) string {
	words := english()
	text, ok := words[key]
	if one, has := words[key+".one"]; has && countsOne(pairs) {
		text, ok = one, true
	}
	if !ok {
		return key
	}
	if len(pairs) < 2 {
		return text
	}
	swaps := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		swaps = append(swaps, fmt.Sprint("{", pairs[i], "}"), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(swaps...).Replace(text)
}

func countsOne(pairs []any) bool {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "count" && pairs[i+1] == 1 {
			return true
		}
	}
	return false
}
