package main

import (
	"context"
	"slices"
	"strings"
	"time"
)

// notes writes a recovery phrase down, as it reads it off the photograph of the screen, and types from that what is asked back. With a name it photographs the
// pages, mistypes, and looks at the phrase again. It returns the phrase's groups.
func (t *tour) notes(ctx context.Context, d *desk, name string) ([]string, error) {
	paper, err := t.written(ctx, d, name)
	if err != nil {
		return nil, err
	}
	t.planted = append(t.planted, strings.Join(paper, "-"), strings.Join(paper, ""))
	t.papers = append(t.papers, strings.Join(paper, "-"))
	asked, err := t.asked(ctx, d)
	if err != nil {
		return nil, err
	}
	if name != "" {
		if asked, err = t.unsure(ctx, d, paper, asked); err != nil {
			return nil, err
		}
	}
	d.window.fresh()
	return paper, d.recalls(ctx, groupsAt(paper, asked)...)
}

// written reads the phrase that is shown.
func (t *tour) written(ctx context.Context, d *desk, name string) ([]string, error) {
	if err := d.on(ctx, "phrase"); err != nil {
		return nil, err
	}
	for late := time.Now().Add(lateness); ; {
		photo, err := d.still(ctx)
		if err != nil {
			return nil, err
		}
		paper, err := readPhrase(photo)
		switch {
		case err == nil && name != "":
			return paper, t.save(name, photo)
		case err == nil:
			return paper, nil
		case time.Now().After(late):
			return nil, err
		}
	}
}

// asked ticks that the phrase is on paper, and returns which groups are asked for then.
func (t *tour) asked(ctx context.Context, d *desk) ([]int, error) {
	d.window.fresh()
	if err := d.keep(ctx); err != nil {
		return nil, err
	}
	s, err := d.until(ctx, "what is asked back", func(s shown) bool { return s.Page == "recall" && len(s.Asked) > 0 })
	return s.Asked, err
}

func groupsAt(paper []string, places []int) (groups []string) {
	for _, place := range places {
		groups = append(groups, paper[place-1])
	}
	return groups
}

// recalls types groups, Enter after each.
func (d *desk) recalls(ctx context.Context, groups ...string) error {
	for _, g := range groups {
		if err := d.types(ctx, g); err != nil {
			return err
		}
		if err := d.keys(ctx, "Return"); err != nil {
			return err
		}
	}
	return nil
}

// askedFor is where the names of the groups stand that are asked for: they are drawn.
var askedFor = part{530, 370, 610, 640}

// unsure mistypes a group, looks at the phrase once more, and is asked anew.
func (t *tour) unsure(ctx context.Context, d *desk, paper []string, asked []int) ([]int, error) {
	if err := t.compared(ctx, d, "recall", askedFor); err != nil {
		return nil, err
	}
	groups := groupsAt(paper, asked)
	groups[1] = mistyped(groups[1])
	if err := d.recalls(ctx, groups...); err != nil {
		return nil, err
	}
	if _, err := d.until(ctx, "that a group is wrong", func(s shown) bool { return s.Page == "recall" && s.Missed == 1 }); err != nil {
		return nil, err
	}
	if _, err := t.shot(ctx, d, "recall-wrong"); err != nil {
		return nil, err
	}
	if err := d.keys(ctx, "Escape"); err != nil {
		return nil, err
	}
	again, err := t.written(ctx, d, "")
	if err != nil {
		return nil, err
	}
	if err := t.check(slices.Equal(paper, again), "three of the phrase's groups are asked back: a letter mistyped is no way on, and Esc shows the same phrase again"); err != nil {
		return nil, err
	}
	return t.asked(ctx, d)
}
