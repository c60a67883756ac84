package kiosk

import (
	"reflect"
	"strings"
)

// holds says whether a value, or anything that can be reached from it, has a text in it.
func holds(v any, text string) string {
	h := &hunt{text: text, seen: map[visit]bool{}}
	h.walk(reflect.ValueOf(v), "kiosk")
	return h.found
}

// busy are types that other goroutines write while the walk goes on, and that hold no texts: contexts, sockets, and who waits for an answer.
func busy(t reflect.Type) bool {
	switch t.PkgPath() {
	case "context", "net", "sync", "testing":
		return true
	}
	return t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Chan
}

type visit struct {
	at  uintptr
	typ reflect.Type
}

type hunt struct {
	text  string
	seen  map[visit]bool
	found string
}

func (h *hunt) walk(v reflect.Value, path string) {
	if h.found != "" || !v.IsValid() || busy(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || h.been(v.Pointer(), v.Type()) {
			return
		}
		h.walk(v.Elem(), path)
	case reflect.Interface:
		h.walk(v.Elem(), path)
	case reflect.String:
		if strings.Contains(v.String(), h.text) {
			h.found = path
		}
	case reflect.Struct:
		for i := range v.NumField() {
			h.walk(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			h.walk(it.Key(), path+"[key]")
			h.walk(it.Value(), path+"[value]")
		}
	case reflect.Slice, reflect.Array:
		h.list(v, path)
	}
}

func (h *hunt) been(at uintptr, t reflect.Type) bool {
	x := visit{at, t}
	if h.seen[x] {
		return true
	}
	h.seen[x] = true
	return false
}

// list walks a slice up to its capacity: what was cut off may still be there.
func (h *hunt) list(v reflect.Value, path string) {
	if v.Kind() == reflect.Slice {
		if v.IsNil() || v.Cap() == 0 || h.been(v.Pointer(), v.Type()) {
			return
		}
		v = v.Slice(0, v.Cap())
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		if strings.Contains(string(b), h.text) {
			h.found = path
		}
		return
	}
	for i := range v.Len() {
		h.walk(v.Index(i), path+"[]")
	}
}
