package channels

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"
)

// Settings are the values of a descriptor's fields. Values may be shown;
// Secrets may not.
type Settings struct {
	Values  map[string]string
	Secrets map[string]string
}

// Get returns a field's text, "" when it is not set.
func (s Settings) Get(name string) string {
	if v, ok := s.Values[name]; ok {
		return v
	}
	return s.Secrets[name]
}

// Int returns a field's number, and unset when it has none.
func (s Settings) Int(name string, unset int) int {
	n, err := strconv.Atoi(s.Get(name))
	if err != nil {
		return unset
	}
	return n
}

// Bool reports whether a field says "true".
func (s Settings) Bool(name string) bool { return s.Get(name) == "true" }

// Seconds returns a field of seconds as a duration; zero when it is not set.
func (s Settings) Seconds(name string) time.Duration {
	return time.Duration(s.Int(name, 0)) * time.Second
}

// With returns the settings with the given changes: a value replaces, an empty
// one removes, and what is not mentioned stays. s is not changed.
func (s Settings) With(change Settings) Settings {
	return Settings{Values: merge(s.Values, change.Values), Secrets: merge(s.Secrets, change.Secrets)}
}

func merge(old, change map[string]string) map[string]string {
	out := make(map[string]string, len(old)+len(change))
	maps.Copy(out, old)
	for name, value := range change {
		if value == "" {
			delete(out, name)
			continue
		}
		out[name] = value
	}
	return out
}

// maxFormer bounds how many old secrets one field keeps.
const maxFormer = 4

// former is a secret that was replaced and still counts for a while.
type former struct {
	Secret    string    `json:"secret"`
	ExpiresAt time.Time `json:"expires_at"`
}

// formerName is the secret that holds a field's old values.
func formerName(field string) string { return field + ".former" }

// Rotate returns the settings with a new secret in the field; the one it
// replaces counts until the given time, and at once not any more when that is
// not after now. At most 4 old ones are kept, the newest.
func (s Settings) Rotate(field, secret string, now, until time.Time) Settings {
	list := s.former(field, now)
	if old := s.Secrets[field]; old != "" && until.After(now) {
		list = append([]former{{Secret: old, ExpiresAt: until.UTC()}}, list...)
	}
	if !until.After(now) {
		list = nil
	}
	if len(list) > maxFormer {
		list = list[:maxFormer]
	}
	change := map[string]string{field: secret, formerName(field): ""}
	if len(list) > 0 {
		text, _ := json.Marshal(list) // strings and times always encode
		change[formerName(field)] = string(text)
	}
	return s.With(Settings{Secrets: change})
}

// Live returns the field's secrets that count at now: the current one first,
// then the replaced ones, newest first. It is empty when the field is not set.
func (s Settings) Live(field string, now time.Time) []string {
	var out []string
	if current := s.Secrets[field]; current != "" {
		out = append(out, current)
	}
	for _, f := range s.former(field, now) {
		out = append(out, f.Secret)
	}
	return out
}

// former returns the replaced secrets that still count, newest first.
func (s Settings) former(field string, now time.Time) []former {
	var list, live []former
	if err := json.Unmarshal([]byte(s.Secrets[formerName(field)]), &list); err != nil {
		return nil
	}
	for _, f := range list {
		if f.ExpiresAt.After(now) {
			live = append(live, f)
		}
	}
	return live
}

// Secret returns all secret values of a target, for scrubbing.
func (t Target) secrets() []string {
	var out []string
	for _, s := range []Settings{t.Provider.Settings, t.Bot.Settings} {
		for _, v := range s.Secrets {
			out = append(out, v)
		}
	}
	return out
}
