package models_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

func TestFoldAgreesWithEqualFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.String().Draw(t, "a")
		b := rapid.OneOf(rapid.String(), rapid.Just(strings.ToUpper(a)), rapid.Just(strings.ToLower(a))).Draw(t, "b")
		if got, want := models.Fold(a) == models.Fold(b), strings.EqualFold(text.Compose(a), text.Compose(b)); got != want {
			t.Fatalf("Fold(%q) == Fold(%q) is %v, EqualFold says %v", a, b, got, want)
		}
	})
}

func TestFoldJoinsWhatDiffersInCaseOnly(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"Balance", "bALANCE"}, {"É", "é"}, {"\u212a", "k"}, {"ſ", "S"}, {"Σ", "ς"}, {"余额", "余额"}, {"%_\\", "%_\\"},
	} {
		if models.Fold(pair[0]) != models.Fold(pair[1]) {
			t.Errorf("Fold(%q) != Fold(%q)", pair[0], pair[1])
		}
	}
	if models.Fold("e\u0301") != models.Fold("É") {
		t.Error("a decomposed letter is not found by a composed one")
	}
	if models.Fold("ı") == models.Fold("i") || models.Fold("é") == models.Fold("e") {
		t.Error("Fold joins letters that differ in more than case")
	}
}

func TestInboxFilterRangeIncludesFromAndExcludesTo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	message := models.Message{CreatedAt: at}
	for name, c := range map[string]struct {
		from, to time.Time
		want     bool
	}{
		"open":       {want: true},
		"from now":   {from: at, want: true},
		"from later": {from: at.Add(time.Microsecond)},
		"to now":     {to: at},
		"to later":   {to: at.Add(time.Microsecond), want: true},
	} {
		if got := (models.InboxFilter{From: c.from, To: c.to}).Matches(message); got != c.want {
			t.Errorf("%s: Matches() = %v, want %v", name, got, c.want)
		}
	}
}
