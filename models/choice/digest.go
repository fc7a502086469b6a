package choice

import (
	"fmt"

	"belfry.dev/belfry/models"
)

// Bounds of a window, in minutes. An hour of the day is at most 25 hours away.
const (
	MinDigestWindow = 5
	MaxDigestWindow = 24 * 60
)

// CheckDigests returns what is wrong with rules; empty when nothing is. types are all of the
// catalogue, clock says whether a text is a time of day.
func CheckDigests(rules []models.Digest, types []models.MessageType, clock func(string) bool) []models.Field {
	var out []models.Field
	seen := map[string]bool{}
	for i, d := range rules {
		for _, f := range append(checkMatter(d, types), checkTime(d, clock)...) {
			f.Pointer = fmt.Sprintf("#/digests/%d%s", i, f.Pointer)
			out = append(out, f)
		}
		if seen[d.Gathers()] {
			out = append(out, models.Field{Pointer: fmt.Sprintf("#/digests/%d", i), Code: "duplicate", Detail: "There is a digest of it already."})
		}
		seen[d.Gathers()] = true
	}
	return out
}

// checkMatter checks what the rule is about.
func checkMatter(d models.Digest, types []models.MessageType) []models.Field {
	if (d.Type == "") == (d.Category == "") {
		return []models.Field{{Code: "invalid-value", Detail: "A digest is of a type or of a category: give one of them."}}
	}
	pointer, known, urgent := "/category", false, false
	if d.Type != "" {
		pointer = "/type"
	}
	for _, t := range types {
		if d.Type == t.Key || d.Type == "" && d.Category == t.Category {
			known = true
			urgent = urgent || t.Category == models.CategorySecurity
		}
	}
	switch {
	case !known:
		return []models.Field{{Pointer: pointer, Code: "unknown-value", Detail: "There is no such " + pointer[1:] + "."}}
	case urgent:
		return []models.Field{{Pointer: pointer, Code: "invalid-value", Detail: "What is about security is never held."}}
	}
	return nil
}

// checkTime checks until when it gathers.
func checkTime(d models.Digest, clock func(string) bool) []models.Field {
	switch {
	case (d.WindowMinutes == 0) == (d.DailyAt == ""):
		return []models.Field{{Code: "invalid-value", Detail: "A digest has a window or an hour: give one of them."}}
	case d.DailyAt != "" && !clock(d.DailyAt):
		return []models.Field{{Pointer: "/daily_at", Code: "invalid-value", Detail: "A time of day is 00:00 to 23:59."}}
	case d.DailyAt == "" && (d.WindowMinutes < MinDigestWindow || d.WindowMinutes > MaxDigestWindow):
		return []models.Field{{Pointer: "/window_minutes", Code: "out-of-range", Detail: fmt.Sprintf("A window is %d to %d minutes.", MinDigestWindow, MaxDigestWindow)}}
	}
	return nil
}
