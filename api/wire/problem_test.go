package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

func TestUnknownErrorsAreShownAsOneSentence(t *testing.T) {
	t.Parallel()
	secret := errors.New("dial tcp 10.0.0.1:3306: SELECT * FROM users")
	for _, err := range []error{secret, fmt.Errorf("x: %w", secret), models.Errorf("made-up", "%v", secret)} {
		problem := wire.NewProblem(err, "/v1/bots", "r1")
		text, _ := json.Marshal(problem)
		if problem.Status != 500 || strings.Contains(string(text), "10.0.0.1") || strings.Contains(string(text), "SELECT") {
			t.Errorf("NewProblem(%v) = %s: internals leak", err, text)
		}
	}
}

func TestWrappedErrorsKeepTheirCode(t *testing.T) {
	t.Parallel()
	problem := wire.NewProblem(fmt.Errorf("load bot: %w", models.Invalid("#/name", "required", "must be given")), "/v1/bots", "r1")
	text, err := json.Marshal(problem)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"/problems/validation-failed","title":"Invalid input","status":422,"detail":"Some values are not acceptable; see errors.","instance":"/v1/bots","request_id":"r1","errors":[{"pointer":"#/name","code":"required","detail":"must be given"}]}`
	if string(text) != want {
		t.Errorf("problem = %s, want %s", text, want)
	}
}

func TestEveryCodeHasOneStatusAndTitle(t *testing.T) {
	t.Parallel()
	titles := map[string]models.Code{}
	for _, code := range wire.Codes() {
		if s := wire.Status(code); s < 400 || s > 503 {
			t.Errorf("Status(%s) = %d", code, s)
		}
		title := wire.Title(code)
		if other, twice := titles[title]; twice || title == "" {
			t.Errorf("Title(%s) = %q, which is also that of %q", code, title, other)
		}
		titles[title] = code
	}
}

// Who is told to come back later is told when.
func TestWhatPassesSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	for _, code := range wire.Codes() {
		known := models.Errorf(code, "x")
		known.RetryAfter = 90 * time.Second
		for err, want := range map[error]bool{known: true, models.Errorf(code, "x"): wire.Status(code) == 429 || wire.Status(code) == 503} {
			if got := wire.NewProblem(err, "/", "r").RetryAfter; (got > 0) != want {
				t.Errorf("%s announces %v", code, got)
			}
		}
		if got := wire.NewProblem(known, "/", "r").RetryAfter; got != known.RetryAfter {
			t.Errorf("%s announces %v, want what is known", code, got)
		}
	}
}
