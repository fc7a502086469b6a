// Package shape reads from the types of requests and answers what their schemas do not say
// by themselves.
package shape

import (
	"reflect"
	"strings"
	"time"
)

// Hidden finds an embedded struct without an exported name in what the types are made of:
// JSON has its members, and the document would not. It is nil when there is none.
func Hidden(types ...reflect.Type) reflect.Type {
	seen := map[reflect.Type]bool{}
	for _, t := range types {
		if hidden := hiddenIn(t, seen); hidden != nil {
			return hidden
		}
	}
	return nil
}

func hiddenIn(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hiddenIn(t.Elem(), seen)
	case reflect.Struct:
	default:
		return nil
	}
	if seen[t] {
		return nil
	}
	seen[t] = true
	for field := range t.Fields() {
		if !field.IsExported() && !field.Anonymous {
			continue
		}
		if !field.IsExported() && holdsMembers(field.Type) {
			return field.Type
		}
		if hidden := hiddenIn(field.Type, seen); hidden != nil {
			return hidden
		}
	}
	return nil
}

func holdsMembers(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// Nullable are the members of a type's JSON that are null where there is no such object:
// pointers to structs that are never left out. A schema says so of texts, numbers and times
// only.
func Nullable(t reflect.Type) []string {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	members := []string{}
	for _, field := range reflect.VisibleFields(t) {
		member, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		if option == "" && member != "" && pointsToObject(field.Type) {
			members = append(members, member)
		}
	}
	return members
}

func pointsToObject(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && t.Elem() != reflect.TypeFor[time.Time]()
}

// Embedded are the structs that a type embeds and whose members are its own in JSON: first
// its own, then theirs.
func Embedded(t reflect.Type) []reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var found, deeper []reflect.Type
	for field := range t.Fields() {
		if field.Anonymous && field.Type.Kind() == reflect.Struct && field.Tag.Get("json") == "" {
			found, deeper = append(found, field.Type), append(deeper, Embedded(field.Type)...)
		}
	}
	return append(found, deeper...)
}
