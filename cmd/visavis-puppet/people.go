package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"visavis/biometrics"
	"visavis/biometrics/puppet"
)

// people are those of the demo, as photograph and face in it, and one of them in another photograph. A desk may list eight cameras.
var people = [...]struct {
	name, photo string
	face        int
}{
	{"Ada", "sample2.jpg", 1},
	{"Ben", "face.jpg", 1},
	{"Ben on another day", "face-detect.jpg", 1},
	{"Cleo", "sample3.jpg", 1},
	{"Dora", "sample4.jpg", 3},
	{"A stranger", "sample5.jpg", 4},
}

// cameras are those that the flags list.
func (o options) cameras() ([]biometrics.CameraInfo, error) {
	switch {
	case o.stage != "" && o.faces != "":
		return nil, errors.New("--stage lists one camera and --faces others: name one of them")
	case o.stage != "":
		path, err := filepath.Abs(o.stage)
		if err != nil {
			return nil, err
		}
		return []biometrics.CameraInfo{virtual(puppet.StageName, puppet.StageSource(path))}, nil
	case o.faces != "":
		return listPeople(o.faces)
	}
	return nil, nil
}

func listPeople(dir string) ([]biometrics.CameraInfo, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var list []biometrics.CameraInfo
	for _, p := range people {
		photo := filepath.Join(dir, p.photo)
		if _, err := os.Stat(photo); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: `make faces` fetches it", err)
		} else if err != nil {
			return nil, err
		}
		list = append(list, virtual(p.name+" (puppet)", puppet.Options{Photo: photo, Face: p.face, Mode: puppet.Turn, Seed: 1}.String()))
	}
	return append(list, virtual("Nobody (puppet)", puppet.Options{Mode: puppet.Nobody}.String())), nil
}

func virtual(name, source string) biometrics.CameraInfo {
	return biometrics.CameraInfo{Name: name, Driver: "puppet", Port: source, Virtual: true}
}
