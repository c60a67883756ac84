package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"visavis/cmd/walls/attacks"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.keep, "keep", "build/prove", "folder for the marked sources, what is known from before, and the proof")
	only := flag.String("only", "", "only packages and tests (PACKAGE TEST) that match")
	flag.IntVar(&o.tries, "tries", 80, "how many guards of a test are taken out before it is given up")
	flag.StringVar(&o.page, "page", attacks.Page, "where the attacks stand")
	flag.BoolVar(&o.again, "all", false, "again what was proven before")
	flag.Parse()
	if err := o.main(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

type options struct {
	keep  string
	only  *regexp.Regexp
	tries int
	again bool
	page  string
}

func (o options) main(ctx context.Context, only string) error {
	var err error
	if o.only, err = regexp.Compile(only); err != nil {
		return err
	}
	if o.keep, err = filepath.Abs(o.keep); err != nil {
		return err
	}
	page, err := os.ReadFile(o.page)
	if err != nil {
		return err
	}
	rows, wrong := attacks.Rows(string(page))
	if len(wrong) > 0 || len(rows) == 0 {
		return fmt.Errorf("%s: %d rows, %q", o.page, len(rows), wrong)
	}
	began := time.Now()
	found, err := o.search(ctx, rows)
	if err != nil {
		return err
	}
	return o.report(rows, found, time.Since(began))
}

// proof is what is known of a package's tests.
type proof map[string]map[string]verdict

// search goes through the packages that the rows name.
func (o options) search(ctx context.Context, rows []attacks.Row) (proof, error) {
	wanted := map[string][]string{}
	for _, r := range rows {
		for _, t := range r.Tests {
			if o.only.MatchString(r.Package+" "+t) && !slices.Contains(wanted[r.Package], t) {
				wanted[r.Package] = append(wanted[r.Package], t)
			}
		}
	}
	known, err := o.known()
	if err != nil {
		return nil, err
	}
	top, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	packages := sorted(wanted)
	paths := make([]string, len(packages))
	for i, p := range packages {
		paths[i] = module + p
	}
	b, err := newBench(ctx, top, o.keep, paths)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%d guards and statements in %d packages\n", len(b.sites.all), len(b.packages))
	hand, err := readMutants(top)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		if err := o.hunt(ctx, b, hand, p, wanted[p], known); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
	}
	return known, nil
}

// hunt goes through one package, and keeps what was found.
func (o options) hunt(ctx context.Context, b *bench, hand []mutant, p string, tests []string, known proof) error {
	if known[p] == nil {
		known[p] = map[string]verdict{}
	}
	bin, err := b.compile(ctx, module+p)
	if errors.Is(err, errNative) {
		for _, t := range tests {
			known[p][t] = verdict{Why: "reaches native code, which is not compiled here", Native: true}
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer os.Remove(bin.path)
	fmt.Printf("\n%s\n", p)
	h := hunt{bench: b, binary: bin, tries: o.tries, again: o.again, before: known[p], hand: hand, path: p,
		say: func(f string, args ...any) { fmt.Printf("  "+f+"\n", args...) },
		keep: func(test string, v verdict) error {
			known[p][test] = v
			return o.keepKnown(known)
		}}
	return h.prove(ctx, tests)
}

func (o options) file() string { return filepath.Join(o.keep, "known.json") }

func (o options) known() (proof, error) {
	known := proof{}
	data, err := os.ReadFile(o.file())
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	return known, json.Unmarshal(data, &known)
}

func (o options) keepKnown(known proof) error {
	data, err := json.MarshalIndent(known, "", "\t")
	if err != nil {
		return err
	}
	return write(o.file(), data)
}

// report prints what is not proven and the counts, and keeps for every attack which test was seen to fail without what.
func (o options) report(rows []attacks.Row, found proof, took time.Duration) error {
	var page, open strings.Builder
	var who string
	attacked, held, tests, proven, native := 0, 0, 0, 0, 0
	for _, r := range rows {
		wanted := slices.DeleteFunc(slices.Clone(r.Tests), func(t string) bool { return !o.only.MatchString(r.Package + " " + t) })
		if len(wanted) == 0 {
			continue
		}
		if r.Who != who {
			who = r.Who
			fmt.Fprintf(&page, "\n%s\n", who)
		}
		fmt.Fprintf(&page, "\n  %s\n", r.Attack)
		seen := 0
		for _, t := range wanted {
			v := found[r.Package][t]
			fmt.Fprintf(&page, "    %s %s\n      %s\n", r.Package, t, v)
			if v.Native {
				native++
			}
			if v.proven() {
				seen++
			} else {
				fmt.Fprintf(&open, "%s %s\n  %s\n", r.Package, t, v.Why)
			}
		}
		attacked, tests, proven = attacked+1, tests+len(wanted), proven+seen
		if seen == len(wanted) {
			held++
		}
	}
	last := fmt.Sprintf("\n%d attacks, %d with every test seen to fail; %d tests, %d seen to fail, %d not compiled here; in %d s\n", attacked, held, tests, proven, native, int(took.Seconds()))
	fmt.Print("\n", open.String(), last)
	if err := write(filepath.Join(o.keep, "proof.txt"), []byte(page.String()+last)); err != nil {
		return err
	}
	if left := tests - proven - native; left > 0 {
		return fmt.Errorf("%d tests were not seen to fail", left)
	}
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
